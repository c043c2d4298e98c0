"""Backup and restore: the whole installation in one file."""

import contextlib
import fcntl
import io
import json
import os
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from govdesk import config, schema
from govdesk.config import DEMO_SHIFT, SECRETS, Settings, settings
from govdesk.errors import DeskError

KEPT = (*(f"{secret}.secret" for secret in SECRETS), "config.toml", DEMO_SHIFT)  # beside the database


class BackupError(DeskError):
    """The backup cannot be written or read; the sentence says why."""

    key = "kernel.backup_failed"


def backup(file: Path) -> str:
    """Write database and secrets into `file` (tar.gz, readable by its owner only); a sentence about it.

    On SQLite the copy is made with its online backup, on PostgreSQL with pg_dump, so the server may go on.
    """
    here = settings()
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / ("database.sqlite3" if here.is_sqlite else "database.dump")
        if here.is_sqlite:
            _copy_sqlite(_sqlite_path(here), dump)
        else:
            _run(here, "pg_dump", "--format=custom", f"--file={dump}")
        draft = file.with_name(file.name + ".part")
        draft.touch(mode=0o600)
        about = json.dumps({"revision": schema.current_revision(), "database": dump.name}).encode()
        with tarfile.open(draft, "w:gz") as archive:
            member = tarfile.TarInfo("about.json")
            member.size = len(about)
            archive.addfile(member, io.BytesIO(about))
            archive.add(dump, dump.name)
            for name in KEPT:
                if (here.instance / name).exists():
                    archive.add(here.instance / name, name)
        draft.replace(file)
    return f"wrote {file} ({file.stat().st_size // 1024} KiB)"


def restore(file: Path) -> str:
    """Put back what `backup` wrote. Works on an instance folder whose database may be missing or broken.

    BackupError when a server has the SQLite database open; nothing is changed then.
    """
    here, _origins = config.load()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as holding:
        inside = Path(folder)
        about = _unpack(file, inside)
        if (about["database"] == "database.sqlite3") != here.is_sqlite:
            raise BackupError("kernel.backup_other_database")
        holding.enter_context(_alone(_sqlite_path(here)) if here.is_sqlite else contextlib.nullcontext())
        (here.instance / DEMO_SHIFT).unlink(missing_ok=True)  # an office must not live by a demo city's clock
        for name in KEPT:
            if (inside / name).exists():
                target = here.instance / name
                target.touch(mode=0o600)
                target.chmod(0o600)
                target.write_bytes((inside / name).read_bytes())
        if here.is_sqlite:
            path = _sqlite_path(here)
            for leftover in (f"{path}-wal", f"{path}-shm"):
                Path(leftover).unlink(missing_ok=True)
            _copy_sqlite(inside / "database.sqlite3", path)
        else:
            dump = str(inside / "database.dump")
            _run(here, "pg_restore", "--clean", "--if-exists", "--no-owner", dump)
    return f"restored {file}: database at revision {about['revision']}"


def _unpack(file: Path, folder: Path) -> dict[str, str]:
    """Put the parts of a backup into a folder; what the backup says about itself."""
    try:
        with tarfile.open(file, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        about: dict[str, str] = json.loads((folder / "about.json").read_text())
    except (tarfile.TarError, EOFError, zlib.error, OSError, ValueError) as error:
        raise BackupError("kernel.backup_unreadable", file=str(file)) from error
    return about


def _copy_sqlite(source: Path, target: Path) -> None:
    origin, copy = sqlite3.connect(source), sqlite3.connect(target)
    try:
        origin.backup(copy)
    finally:
        copy.close()
        origin.close()


def _sqlite_path(here: Settings) -> Path:
    return Path(make_url(here.database_url).database or "")


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep every writer out of a SQLite database inside the block; BackupError while a server has it open.

    A connection in WAL mode holds the file even when it does nothing, so that only who is alone can end that
    mode. What is no database any more is put aside as `….broken`.
    """
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.exists():
                _end_wal(path)
        except (BlockingIOError, sqlite3.OperationalError) as error:
            raise BackupError("kernel.backup_in_use", file=str(path)) from error
        yield
    finally:
        os.close(lock)


def _end_wal(path: Path) -> None:
    connection = sqlite3.connect(path, timeout=1)
    try:
        connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise
    except sqlite3.DatabaseError:
        path.replace(f"{path}.broken")
    finally:
        connection.close()


def _run(here: Settings, tool: str, *arguments: str) -> None:
    """Run a tool of PostgreSQL on our database; the password stands in no argument, which all can read."""
    url = make_url(here.database_url)
    password = url.password or url.query.get("password")
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    address = bare.difference_update_query(["password"]).render_as_string()
    command = [tool, f"--dbname={address}", *arguments]
    env = {**os.environ, "PGPASSWORD": str(password)} if password else None
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, env=env)  # noqa: S603 - our own arguments
    except FileNotFoundError as error:
        raise BackupError("kernel.backup_no_tool", tool=tool) from error
    except subprocess.CalledProcessError as error:
        raise BackupError("kernel.backup_tool_failed", tool=tool, said=error.stderr.strip()[-300:]) from error
