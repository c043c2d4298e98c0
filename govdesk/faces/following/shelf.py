"""What one process of a server has made for all of them, so that it is made once."""

import contextlib
import fcntl
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FOLDER = "live"


class Kept(NamedTuple):
    """Something made, and when the reading for it began, by the clock that a machine has for all."""

    begun: float
    data: bytes


class Shelf:
    """Files in a folder of the processes of one server. The folder dies with the server.

    1. Who sees that something has happened notes the moment.
    2. What another began to read after that moment shows it, so it is taken.
    3. Else whoever has the lock makes it anew and puts it there; the others look again a little later.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, kept: Kept) -> None:
        """Put something there for the others, whole or not at all."""
        path = self._folder / f"{name}.{os.getpid()}-{threading.get_ident()}"
        with contextlib.suppress(OSError):  # a full disk: then each process makes its own
            path.write_bytes(b"%r\n" % kept.begun + kept.data)
            path.replace(self._folder / name)

    def take(self, name: str, since: float) -> Kept | None:
        """What somebody began to make since then."""
        try:
            begun, _cut, data = (self._folder / name).read_bytes().partition(b"\n")
        except OSError:
            return None
        return Kept(float(begun), data) if since <= float(begun) <= time.monotonic() else None

    @contextlib.contextmanager
    def making(self, name: str) -> Iterator[bool]:
        """Be the only process that makes it, inside the block; False where another does already."""
        try:
            lock = os.open(self._folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            yield True
            return
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
            else:
                yield True
        finally:
            os.close(lock)


def of_server(instance: Path) -> Shelf | None:
    """The shelf of the server that starts in this process; those of dead servers are cleared away."""
    above = instance / FOLDER
    folder = above / str(os.getpid())
    try:
        above.mkdir(mode=0o700, exist_ok=True)
        for left in above.iterdir():
            if not left.name.isdecimal() or not _is_alive(int(left.name)) or left == folder:
                shutil.rmtree(left, ignore_errors=True)
        folder.mkdir(mode=0o700)
    except OSError:
        return None
    return Shelf(folder)


def clear(instance: Path) -> None:
    """Take away the shelf of this server, which ends."""
    shutil.rmtree(instance / FOLDER / str(os.getpid()), ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
