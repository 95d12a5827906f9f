"""A process that has imported the desk once and forks a new one on request, so that a start takes no imports.

``python -m tests.faults.nursery``: one JSON order a line on stdin (`environment`, `orders`, `log`, `temporary`,
`engine`), one line ``{"pid": n}`` on stdout. Every desk is a process of its own with its own loop; it ends with the
nursery (PR_SET_PDEATHSIG), the nursery with its stdin.
"""

import ctypes
import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from bot.app import create_app
from bot.core.refused import Refused
from bot.logs import configure
from bot.settings import Settings
from tests.faults.kill_points import Orders, surround

DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
FAKE = (sys.executable, "-m", "tests.faults.fake_engine")
REAL = (sys.executable, "-m", "bot.engine")


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the children
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            _desk(json.loads(line))
        print(json.dumps({"pid": pid}), flush=True)


def _desk(order: dict[str, Any]) -> None:
    """The child: never returns."""
    code = 1
    try:
        ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGKILL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _take_over_streams(order["log"])
        tempfile.tempdir = order["temporary"]
        os.environ.update(order["environment"])
        serve(Settings(), Path(order["orders"]), order["engine"], order.get("engine_arguments", ()))
        code = 0
    except Refused as refusal:
        print(f"Frontdesk cannot start: {refusal}", file=sys.stderr)
    except BaseException as error:  # the child must end here, and say why
        print(f"the desk ended: {type(error).__name__}: {error}", file=sys.stderr)
    finally:
        sys.stderr.flush()
        os._exit(code)


def serve(settings: Settings, orders: Path, engine: str, engine_arguments: Any = ()) -> None:
    """What ``frontdesk run`` serves, with kill points around it."""
    configure("INFO")
    command = FAKE if engine == "fake" else REAL
    app = create_app(settings, engine_command=command, engine_arguments=tuple(engine_arguments))
    surround(app.ctx.desk, Orders(orders))
    app.run(host=settings.host, port=settings.port, single_process=True, access_log=False, motd=False, debug=False)


def _take_over_streams(log: str) -> None:
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, out), (2, out)):
        os.dup2(source, target)


if __name__ == "__main__":
    main()
