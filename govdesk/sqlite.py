"""SQLite shared by many: one writer at a time, in line, flushed outside its lock."""

import collections
import contextlib
import fcntl
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator

from govdesk.flushing import Flushing

COMMITS_BETWEEN_CHECKPOINTS = 200
LONGEST_PATIENCE = 0.25  # seconds
LONGEST_LOG = 16_000  # pages of 4 KiB
log = logging.getLogger("govdesk.sqlite")


class FairLock:
    """A lock that is handed over in the order in which it was asked for, so that no writer waits long.

    Who is patient stands in a line of its own, and goes when nobody else waits or LONGEST_PATIENCE is over.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._line: collections.deque[threading.Lock] = collections.deque()
        self._patient: collections.deque[tuple[float, threading.Lock]] = collections.deque()
        self._held = False

    def acquire(self, *, patient: bool = False) -> None:
        """Wait in line."""
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            if patient:
                self._patient.append((time.monotonic() + LONGEST_PATIENCE, turn))
            else:
                self._line.append(turn)
        turn.acquire()

    def release(self) -> None:
        """Hand over to the next."""
        with self._guard:
            if self._patient and (not self._line or self._patient[0][0] <= time.monotonic()):
                self._patient.popleft()[1].release()
            elif self._line:
                self._line.popleft().release()
            else:
                self._held = False


class Flush(Flushing):
    """Puts what was committed on the disk before it is answered, one flush for all who wait.

    SQLite's own synchronous=FULL flushes inside the lock of the one writer, so each waits for every flush.
    Here a commit only appends to the log (synchronous=NORMAL), the lock goes on, and the answer waits. A
    checkpoint that came between has flushed the log itself.
    Every so often one who has waited has the log taken into the database by a thread of its own, because
    SQLite's automatic checkpoint, too, would flush inside the lock.
    """

    def __init__(self, database: str, gate: "WriteGate") -> None:
        super().__init__(self._flush_log)
        self._database, self._log, self._gate = database, database + "-wal", gate
        self._checkpoint = threading.Lock()

    def wait(self) -> int:
        """Come back when everything committed before the call is on the disk."""
        number = super().wait()
        if number % COMMITS_BETWEEN_CHECKPOINTS == 0 and self._checkpoint.acquire(blocking=False):
            threading.Thread(target=self._take_in, name="checkpoint", daemon=True).start()
        return number

    def _flush_log(self) -> None:
        with contextlib.suppress(FileNotFoundError):  # the last connection took all of it into the database
            file = os.open(self._log, os.O_RDONLY)
            try:
                os.fdatasync(file)
            finally:
                os.close(file)

    def _take_in(self) -> None:
        """Copy the log into the database while others write; begin a long one anew where nobody reads.

        It never waits for a reader while it keeps the writers out.
        """
        try:
            with contextlib.closing(
                sqlite3.connect(self._database, timeout=0, isolation_level=None)
            ) as connection:
                _busy, length, _done = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                if length > LONGEST_LOG:
                    with self._gate.hold():
                        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:  # a long reader, a database that is being closed: the next one comes soon
            log.info("the log was not taken into the database", exc_info=True)
        finally:
            self._checkpoint.release()


class WriteGate:
    """One SQLite writer at a time: in line inside the process, then by a file lock between processes.

    SQLite's own busy handler polls with growing sleeps; under load some writer sleeps through every gap.
    Waiting in the kernel for a file lock keeps the waits short. The lock dies with its process.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = FairLock()
        self._file: int | None = None
        self._pid = 0

    @contextlib.contextmanager
    def hold(self, *, patient: bool = False) -> Iterator[None]:
        """Be the only writer inside the block; one who is patient lets people at work go first."""
        self._lock.acquire(patient=patient)
        try:
            if self._file is None or self._pid != os.getpid():  # a forked worker needs a lock of its own
                self._file, self._pid = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), os.getpid()
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        finally:
            self._lock.release()
