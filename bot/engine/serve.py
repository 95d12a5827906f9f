"""Starts the engine's process: nothing from the environment, its token from stdin, gone when its desk is."""

import json
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO

from bot.engine import quiet_logs

ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "RASA_TELEMETRY_ENABLED": "false"}
"""All of the engine's environment. One thread per engine: two engines beat one with two threads."""

GRACE = 3.0  # seconds between asking the server to stop and ending the process


def serve(release: Path, socket: Path, action_socket: Path, log_level: str, with_faults: bool) -> int:
    """Runs until SIGTERM or the end of stdin; returns the exit code. Logs only what quiet_logs lets through."""
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    quiet_logs.install(getattr(logging, log_level))
    token = _read_token(sys.stdin.buffer)
    if token is None:
        print("CRITICAL engine the first line of stdin must be {\"token\": \"...\"}", file=sys.stderr)
        return 2
    threading.Thread(target=_stop_with_stdin, daemon=True).start()
    return _run(release, socket, action_socket, token, with_faults)


def _run(release: Path, socket: Path, action_socket: Path, token: str, with_faults: bool) -> int:
    from bot.engine.loading import load_engine
    from bot.engine.server import Holder, create_app

    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    app = create_app(
        Holder(), token, load=lambda: load_engine(release, action_socket, token), with_faults=with_faults
    )
    app.run(unix=str(socket), single_process=True, motd=False, access_log=False, debug=False)
    return int(app.ctx.exit_code)


def _read_token(stdin: BinaryIO) -> str | None:
    try:
        token = json.loads(stdin.readline()).get("token")
    except (ValueError, AttributeError):
        return None
    return token if isinstance(token, str) and len(token) >= 32 else None


def _stop_with_stdin() -> None:
    """Ends the process when stdin does, because then the desk that started it is gone."""
    # Not through sys.stdin: Python aborts when it finds that buffer locked by a thread at its end.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(0)
