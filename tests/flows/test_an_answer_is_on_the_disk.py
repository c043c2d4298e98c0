"""What was answered is on the disk: flushed before it is told, one flush for all who wait."""

import os
import threading
import time
from pathlib import Path

import pytest

from govdesk.sqlite import Flush, WriteGate

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
