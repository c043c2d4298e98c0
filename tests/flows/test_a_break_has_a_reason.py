"""A break is kept with its reason and both its ends; a no-show comes after the calls a branch wants."""

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.queue import counters
from govdesk.queue.errors import PauseError, TooEarlyError
from govdesk.queue.models import CounterPause
from tests.flows import office_days as day
from tests.makers import Cast


@pytest.fixture
def city(cast: Cast) -> Cast:
    day.sit_down(cast)
    return cast


def pause(cast: Cast, at: str, **given: str) -> None:
    with clock.at(day.when(0, at)), transaction() as session:
        counters.pause_counter(session, actor=cast.staff["omar"].actor, **given)


def test_a_break_is_kept_from_its_beginning_to_its_end(city: Cast) -> None:
    omar = city.staff["omar"].actor
    pause(city, "10:00", reason="prayer")
    pause(city, "10:05", reason="rest")  # it goes on
    with clock.at(day.when(0, "10:15")), transaction() as session:
        counters.unpause_counter(session, actor=omar)
    pause(city, "11:00", reason="other", words=" fire   drill ")
    with clock.at(day.when(0, "11:30")), transaction() as session:
        counters.close_counter(session, actor=omar)
    kept = reading().scalars(select(CounterPause).order_by(CounterPause.id))
    assert [(one.begun_at, one.ended_at, one.reason, one.words) for one in kept] == [
        (day.when(0, "10:00"), day.when(0, "10:15"), "prayer", ""),
        (day.when(0, "11:00"), day.when(0, "11:30"), "other", "fire drill"),
    ]


@pytest.mark.parametrize(("reason", "field"), [("", "reason"), ("bored", "reason"), ("other", "words")])
def test_a_break_without_a_reason_is_refused(city: Cast, reason: str, field: str) -> None:
    with pytest.raises(PauseError) as refused:
        pause(city, "10:00", reason=reason)
    assert refused.value.field == field


def test_a_no_show_comes_after_the_calls_that_the_branch_wants(city: Cast) -> None:
    with transaction() as session:
        session.merge(city.north).calls_before_noshow = 3
    one = day.arrive(city, 0, "09:00", None)
    day.call(city, 0, "09:10")
    for at, left in (("09:11", 2), ("09:12", 1)):
        with pytest.raises(TooEarlyError) as refused:
            day.act(city, 0, at, "noshow", one)
        assert refused.value.params == {"left": left}
        day.act(city, 0, at, "recall", one)
    assert day.act(city, 0, "09:13", "noshow", one).state == "noshow"
