"""What was answered is on the disk: flushed before it is told, one flush for all who wait."""

import contextlib
import os
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from govdesk.sqlite import COMMITS_BETWEEN_CHECKPOINTS, Flush, WriteGate

HANDS = 12


def test_whoever_waits_is_told_after_a_flush_that_began_after_they_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "city-wal").write_bytes(b"committed")
    flush = Flush(str(tmp_path / "city"), WriteGate(str(tmp_path / "gate")))
    flushes: list[tuple[float, float]] = []
    told: list[tuple[float, float]] = []

    def flush_when_all_have_come(_log: int) -> None:
        began = time.monotonic()
        while flush._taken < HANDS:
            time.sleep(0.001)
        flushes.append((began, time.monotonic()))

    monkeypatch.setattr(os, "fdatasync", flush_when_all_have_come)

    def commit() -> None:
        came = time.monotonic()
        flush.wait()
        told.append((came, time.monotonic()))

    hands = [threading.Thread(target=commit) for _ in range(HANDS)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(60)
    assert len(told) == HANDS
    for came, went in told:
        assert any(came <= began and ended <= went for began, ended in flushes)
    assert len(flushes) <= 2, "the first for who came before it, the second for all the others"


def test_a_log_that_is_gone_was_taken_into_the_database(tmp_path: Path) -> None:
    Flush(str(tmp_path / "city"), WriteGate(str(tmp_path / "gate"))).wait()
    assert not list(tmp_path.iterdir())


def test_the_log_is_taken_in_every_so_often_whoever_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush = Flush(str(tmp_path / "city"), WriteGate(str(tmp_path / "gate")))
    taken_in = threading.Event()
    monkeypatch.setattr(flush, "_take_in", taken_in.set)
    flush._taken = COMMITS_BETWEEN_CHECKPOINTS - 1
    flush._flushed = COMMITS_BETWEEN_CHECKPOINTS  # somebody else has flushed for this one too
    flush.wait()
    assert taken_in.wait(60)


def test_a_long_log_begins_anew_unless_somebody_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("govdesk.sqlite.LONGEST_LOG", 1)
    database, log = str(tmp_path / "city"), tmp_path / "city-wal"
    flush = Flush(database, WriteGate(str(tmp_path / "gate")))
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE note (text)")
        with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM note").fetchall()
            writer.execute("INSERT INTO note VALUES ('later')")
            take_in(flush)
            assert log.stat().st_size > 0
            assert reader.execute("SELECT * FROM note").fetchall() == []
        take_in(flush)
        assert log.stat().st_size == 0
        assert writer.execute("SELECT text FROM note").fetchall() == [("later",)]


def take_in(flush: Flush) -> None:
    assert flush._checkpoint.acquire(blocking=False)
    flush._take_in()
