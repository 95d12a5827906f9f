"""A PostgreSQL server of the tests' own: a socket in a temporary folder, no TCP port, gone at the end."""

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

import pytest

BIN = next((path for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


class Postgres:
    """Use as a context manager. PostgreSQL refuses to run as root, so root starts it as user postgres."""

    def __init__(self, _folder: Path) -> None:
        if BIN is None:
            pytest.fail("PostgreSQL is not installed. Debian: apt-get install postgresql")
        self.folder = Path(tempfile.mkdtemp(prefix="fd-pg-"))  # a socket's path must be short
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self.user = "postgres" if self._as else pwd.getpwuid(os.geteuid()).pw_name
        if self._as:
            shutil.chown(self.folder, "postgres")

    def __enter__(self) -> "Postgres":
        self._run(
            "initdb", "-D", f"{self.folder}/data", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", self.user
        )
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c max_connections=60 -c fsync=on"
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-o", options, "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        """`mode` as pg_ctl has it: smart, fast or immediate (the last is what a crash is like)."""
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", mode, "-w", "stop", check=False)

    def new_database(self, name: str = "", *, template: str = "template1") -> str:
        """Create a database, a copy of `template`; returns its URL."""
        name = name or f"t{uuid.uuid4().hex[:12]}"
        self._run("createdb", "-h", str(self.folder), "-U", self.user, "-T", template, name)
        return f"postgresql+asyncpg://{self.user}@/{name}?host={self.folder}"

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        assert BIN is not None
        done = subprocess.run(
            [*self._as, str(BIN / program), *arguments],
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL,
        )
        if check and done.returncode:
            raise RuntimeError(f"{program} failed: {(done.stderr or b'').decode()[-500:]}")
