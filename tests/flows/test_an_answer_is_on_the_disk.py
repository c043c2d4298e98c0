"""What was answered is on the disk: flushed before it is told, one flush for all who wait."""

import os
import threading
import time
from pathlib import Path

import pytest

from govdesk.db import Flush


def test_whoever_waits_is_told_after_a_flush_that_began_after_they_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "city-wal").write_bytes(b"committed")
    flushes: list[tuple[float, float]] = []
    told: list[tuple[float, float]] = []

    def slow(_log: int) -> None:
        began = time.monotonic()
        time.sleep(0.05)
        flushes.append((began, time.monotonic()))

    monkeypatch.setattr(os, "fdatasync", slow)
    flush = Flush(str(tmp_path / "city"))

    def commit() -> None:
        came = time.monotonic()
        flush.wait()
        told.append((came, time.monotonic()))

    hands = [threading.Thread(target=commit) for _ in range(12)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert len(told) == 12
    for came, went in told:
        assert any(came <= began and ended <= went for began, ended in flushes)
    assert 1 <= len(flushes) <= 4, "one flush serves all who wait"


def test_a_log_that_is_gone_was_taken_into_the_database(tmp_path: Path) -> None:
    Flush(str(tmp_path / "city")).wait()
    assert not list(tmp_path.iterdir())
