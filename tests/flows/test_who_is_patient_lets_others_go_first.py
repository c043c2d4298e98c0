"""On PostgreSQL work that nobody waits for begins when nobody in the process writes, or after a while."""

import threading

import pytest

from govdesk import postgres
from govdesk.postgres import Courtesy

LONG = 30.0  # seconds; only a test that fails waits so long


def begin_patiently(gate: Courtesy) -> tuple[threading.Thread, threading.Event]:
    """A thread that asks to go patiently, and the sign that it went."""
    went = threading.Event()

    def go() -> None:
        with gate.hold(patient=True):
            went.set()

    thread = threading.Thread(target=go)
    thread.start()
    return thread, went


def test_the_patient_wait_until_all_others_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "LONGEST_PATIENCE", LONG)
    gate = Courtesy()
    with gate.hold():
        with gate.hold():  # many write at once
            thread, went = begin_patiently(gate)
        assert not went.wait(0.1)
    assert went.wait(LONG)
    thread.join()


def test_nobody_is_patient_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "LONGEST_PATIENCE", 0.05)
    gate = Courtesy()
    with gate.hold():
        thread, went = begin_patiently(gate)
        assert went.wait(LONG)
    thread.join()


def test_who_failed_is_no_longer_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "LONGEST_PATIENCE", LONG)
    gate = Courtesy()
    with pytest.raises(ZeroDivisionError), gate.hold():
        raise ZeroDivisionError
    thread, went = begin_patiently(gate)
    assert went.wait(LONG)
    thread.join()
