"""A rehearsal beside the pages is killed, asked for twice, asked for anew: it ends once, and the same."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import reading, transaction
from govdesk.feedback.asking import rehearsals, rehearsing
from govdesk.feedback.asking.models import Programme, WaveRehearsal
from govdesk.feedback.asking.periods import Period
from tests.flows.asked import make_programme
from tests.kpi_makers import make_visit
from tests.makers import SUNDAY, Cast, make_person, make_questionnaire, moment

PEOPLE = 50
MONTH = Period(SUNDAY.replace(month=9, day=1), SUNDAY.replace(month=9, day=30))


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def programme(cast: Cast) -> int:
    """A monthly programme that asks all; fifty people came in September, every fifth without an address."""
    with transaction() as session:
        branch = session.get_one(Branch, cast.north.id)
        renewal = session.get_one(PublicService, cast.renewal.id)
        for number in range(PEOPLE):
            person = make_person(session, phone=f"+96650{number:07}" if number % 5 else None)
            make_visit(session, "09-10", branch=branch, service=renewal, person=person, channel="kiosk")
        asked = make_questionnaire(session, "periodic")
        return make_programme(session, asked, every="month", starts_on=MONTH.from_on, panels=1).id


def ask(cast: Cast, programme_id: int, at: str = "08:00") -> int:
    with clock.at(moment(at)), transaction() as session:
        programme = session.get_one(Programme, programme_id)
        return rehearsals.ask(session, actor=cast.staff["adam"].actor, programme=programme, period=MONTH).id


def row() -> WaveRehearsal:
    reading().rollback()
    return reading().scalars(select(WaveRehearsal)).one()


def told(programme_id: int) -> tuple[int, int, dict[str, int]]:
    found = rehearsals.told(reading(), reading().get_one(Programme, programme_id), row())
    return found.drawn, found.asked, dict(found.spared)


@pytest.fixture
def by_tens(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sample is looked at ten people at a time."""
    monkeypatch.setattr(rehearsing, "BATCH", 10)


@pytest.mark.parametrize("killed_at", range(1, 7))
def test_killed_anywhere_it_goes_on_and_counts_each_once(
    cast: Cast, programme: int, by_tens: None, monkeypatch: pytest.MonkeyPatch, killed_at: int
) -> None:
    ask(cast, programme)
    write, calls = rehearsals._write, itertools.count(1)

    def kill(*given: Any, **values: Any) -> bool:
        if next(calls) == killed_at:
            raise Killed
        return write(*given, **values)

    monkeypatch.setattr(rehearsals, "_write", kill)
    with pytest.raises(Killed):
        rehearsals.run_rehearse()
    assert row().state == "working"
    assert rehearsals.run_rehearse() == 1
    assert told(programme) == (PEOPLE, 40, {"no_address": 10})
    assert (row().looked, row().tries) == (PEOPLE, 2)


def test_asked_twice_is_once_and_two_who_work_at_it_end_it_once(
    cast: Cast, programme: int, by_tens: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask(cast, programme) == ask(cast, programme, "08:01")
    assert row().asked_at == moment("08:00")
    look, ended = rehearsing.look, list[bool]()

    def overtaken(*given: Any) -> Any:
        monkeypatch.setattr(rehearsing, "look", look)
        ended.append(rehearsals.go_on(row().id))
        return look(*given)

    monkeypatch.setattr(rehearsing, "look", overtaken)
    assert rehearsals.run_rehearse() == 0
    assert ended == [True]
    assert told(programme) == (PEOPLE, 40, {"no_address": 10})


def test_asked_anew_what_was_begun_before_writes_no_more(
    cast: Cast, programme: int, by_tens: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(cast, programme)
    rehearsals.run_rehearse()
    assert row().state == "ready"
    look = rehearsing.look

    def ask_anew(*given: Any) -> Any:
        monkeypatch.setattr(rehearsing, "look", look)
        with transaction() as session:
            session.get_one(Programme, programme).half_width = 0.1
        ask(cast, programme, "09:00")
        return look(*given)

    ask(cast, programme, "08:30")
    monkeypatch.setattr(rehearsing, "look", ask_anew)
    assert rehearsals.run_rehearse() == 0
    assert (row().state, row().asked_at, row().looked) == ("waiting", moment("09:00"), 0)
    assert rehearsals.run_rehearse() == 1


def test_other_terms_make_it_one_no_more(cast: Cast, programme: int) -> None:
    ask(cast, programme)
    rehearsals.run_rehearse()
    asked = reading().get_one(Programme, programme)
    assert rehearsals.known(reading(), asked, MONTH) is not None
    with transaction() as session:
        session.get_one(Programme, programme).expected_rate = 0.5
    reading().rollback()
    assert rehearsals.known(reading(), reading().get_one(Programme, programme), MONTH) is None


def test_what_fails_again_and_again_is_given_up(
    cast: Cast, programme: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(cast, programme)

    def fail(*_given: Any) -> Iterator[Any]:
        raise ValueError("no frame")

    monkeypatch.setattr(rehearsing, "draw", fail)
    for _ in range(rehearsals.MOST_TRIES):
        with pytest.raises(ValueError, match="no frame"):
            rehearsals.run_rehearse()
    assert rehearsals.run_rehearse() == 0
    assert row().state == "failed"
