"""An event leaves only if its transaction committed, at least once; a poison event delays itself."""

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock, outbox
from govdesk.db import reading, transaction
from govdesk.limits import Attempt
from govdesk.outbox import OutboxEvent
from tests.makers import MORNING

Heard = list[object]
SECOND = dt.timedelta(seconds=1)


class Listener:
    """Hears events, writes a row for each, and fails while it is told to."""

    def __init__(self, name: str, *, fails_on: object = None) -> None:
        self.__qualname__, self.heard, self.fails_on = name, Heard(), fails_on

    def __call__(self, session: Session, payload: dict[str, Any]) -> None:
        session.add(Attempt(bucket=f"{self.__qualname__}:{payload['n']}", window_at=clock.now(), count=1))
        session.flush()
        if payload["n"] == self.fails_on:
            raise ValueError("poison")
        self.heard.append(payload["n"])


def emit(*numbers: int, name: str = "test.happened") -> None:
    with transaction() as session:
        for number in numbers:
            outbox.emit(session, name, n=number)


def waiting() -> list[OutboxEvent]:
    query = select(OutboxEvent).where(OutboxEvent.delivered_at.is_(None)).order_by(OutboxEvent.id)
    reading().rollback()
    return list(reading().scalars(query))


def written() -> set[str]:
    reading().rollback()
    return set(reading().scalars(select(Attempt.bucket)))


@pytest.fixture(autouse=True)
def _still(app: Flask, morning: None) -> None:
    """Time moves only when a test says so."""


def test_events_are_heard_in_order_and_once() -> None:
    listener = Listener("first")
    emit(1, 2, 3)
    assert outbox.deliver_due({"test.happened": [listener]}) == 3
    assert outbox.deliver_due({"test.happened": [listener]}) == 0
    assert listener.heard == [1, 2, 3]


def test_what_is_rolled_back_was_never_said() -> None:
    listener = Listener("first")
    with pytest.raises(KeyError), transaction() as session:
        outbox.emit(session, "test.happened", n=1)
        raise KeyError
    assert outbox.deliver_due({"test.happened": [listener]}) == 0
    assert listener.heard == []


def test_an_event_that_nobody_hears_is_done() -> None:
    emit(1, name="test.unheard")
    assert outbox.deliver_due({}) == 1
    assert waiting() == []


def test_a_poison_event_delays_itself_and_not_the_line() -> None:
    listener = Listener("first", fails_on=1)
    emit(1, 2, 3)
    assert outbox.deliver_due({"test.happened": [listener]}) == 2
    assert listener.heard == [2, 3]
    (poison,) = waiting()
    assert (poison.payload, poison.attempts, poison.last_error) == ({"n": 1}, 1, "ValueError: poison")
    assert poison.available_at == MORNING + outbox.FIRST_DELAY


def test_a_poison_event_waits_longer_each_time_but_never_longer_than_the_longest() -> None:
    listener, moment, delays = Listener("first", fails_on=1), MORNING, []
    emit(1)
    for _ in range(16):
        with clock.at(moment):
            outbox.deliver_due({"test.happened": [listener]})
        (poison,) = waiting()
        delays.append(poison.available_at - moment)
        moment = poison.available_at
    assert delays[:4] == [5 * SECOND, 10 * SECOND, 20 * SECOND, 40 * SECOND]
    assert delays[-1] == outbox.LONGEST_DELAY
    assert delays == sorted(delays)


def test_a_poison_event_is_delivered_once_its_cause_is_gone() -> None:
    listener = Listener("first", fails_on=1)
    emit(1)
    outbox.deliver_due({"test.happened": [listener]})
    listener.fails_on = None
    assert outbox.deliver_due({"test.happened": [listener]}) == 0  # not yet due
    with clock.at(MORNING + outbox.FIRST_DELAY):
        assert outbox.deliver_due({"test.happened": [listener]}) == 1
    assert listener.heard == [1]


def test_what_a_failing_listener_wrote_is_not_kept() -> None:
    emit(1)
    outbox.deliver_due({"test.happened": [Listener("first", fails_on=1)]})
    assert written() == set()


def test_a_listener_that_fails_second_does_not_repeat_the_first() -> None:
    first, second = Listener("first"), Listener("second", fails_on=1)
    handlers = {"test.happened": [first, second]}
    emit(1)
    assert outbox.deliver_due(handlers) == 0
    second.fails_on = None
    with clock.at(MORNING + outbox.FIRST_DELAY):
        assert outbox.deliver_due(handlers) == 1
    assert (first.heard, second.heard) == ([1], [1])
    assert written() == {"first:1", "second:1"}


def test_an_event_emitted_by_a_listener_is_delivered_too() -> None:
    heard = Listener("last")

    def again(session: Session, payload: dict[str, Any]) -> None:
        outbox.emit(session, "test.followed", n=payload["n"] + 1)

    emit(1)
    assert outbox.deliver_due({"test.happened": [again], "test.followed": [heard]}) == 2
    assert heard.heard == [2]


def test_a_long_line_is_delivered_whole() -> None:
    listener = Listener("first")
    emit(*range(250))
    assert outbox.deliver_due({"test.happened": [listener]}) == 250
    assert listener.heard == list(range(250))
