"""Breaks and early closings are kept with their reasons; a no-show comes after the calls a branch wants."""

from typing import Any

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.queue import closing, counters, pause_reasons
from govdesk.queue.errors import PauseError, TooEarlyError
from govdesk.queue.models import CounterPause
from govdesk.queue.pause_models import EarlyClosing
from govdesk.wiring import FORGETTING
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


@pytest.mark.parametrize(
    ("reason", "field"), [("", "reason"), ("bored", "reason"), ("shift_over", "reason"), ("other", "words")]
)
def test_a_break_without_a_reason_is_refused(city: Cast, reason: str, field: str) -> None:
    with pytest.raises(PauseError) as refused:
        pause(city, "10:00", reason=reason)
    assert refused.value.field == field


def test_a_reason_that_an_admin_added_is_offered_and_one_out_of_use_is_refused(city: Cast) -> None:
    admin = city.staff["adam"].actor
    with transaction() as session:
        added: dict[str, Any] = {
            "code": "drill",
            "name_ar": "تمرين إخلاء",
            "name_en": "Fire drill",
            "asks_words": True,
        }
        pause_reasons.describe_reason(session, actor=admin, is_closing=False, is_new=True, **added)
        prayer: dict[str, Any] = {
            "code": "prayer",
            "name_ar": "صلاة",
            "name_en": "Prayer",
            "is_active": False,
        }
        pause_reasons.describe_reason(session, actor=admin, is_closing=True, **prayer)
    offered = [one.code for one in pause_reasons.offered(reading(), is_closing=False)]
    assert offered == ["rest", "training", "technical", "errand", "other", "drill"]
    for reason, field in (("prayer", "reason"), ("drill", "words")):
        with pytest.raises(PauseError) as refused:
            pause(city, "10:00", reason=reason)
        assert refused.value.field == field


def test_the_last_reason_of_a_break_stays_in_use(city: Cast) -> None:
    *others, last = pause_reasons.offered(reading(), is_closing=False)
    names: dict[str, Any] = {"name_ar": "سبب", "name_en": "Reason", "is_closing": False, "is_active": False}
    with transaction() as session:
        for one in others:
            pause_reasons.describe_reason(session, actor=city.staff["adam"].actor, code=one.code, **names)
        with pytest.raises(PauseError):
            pause_reasons.describe_reason(session, actor=city.staff["adam"].actor, code=last.code, **names)


def close(cast: Cast, at: str, reason: str = "", words: str = "") -> None:
    with clock.at(day.when(0, at)), transaction() as session:
        closing.close(session, actor=cast.staff["omar"].actor, reason=reason, words=words)


def test_who_closes_before_the_branch_does_says_why(city: Cast) -> None:
    for reason, field in (("", "reason"), ("rest", "reason"), ("other_closing", "words")):
        with pytest.raises(PauseError) as refused:
            close(city, "11:00", reason)
        assert refused.value.field == field
    close(city, "11:00", "leave", " back  tomorrow ")
    with clock.at(day.when(0, "12:00")):
        [(seat, why)] = closing.early_today(reading(), city.north)
    assert (seat.closed_at, why.reason, why.words) == (day.when(0, "11:00"), "leave", "back tomorrow")


def test_who_closes_at_the_end_of_the_day_is_asked_nothing(city: Cast) -> None:
    close(city, "23:30")
    with clock.at(day.when(0, "23:40")):
        assert closing.early_today(reading(), city.north) == []
    assert counters.seat_of(reading(), city.staff["omar"].actor) is None


def test_where_no_reason_of_closing_is_in_use_none_is_asked(city: Cast) -> None:
    with transaction() as session:
        for one in pause_reasons.offered(session, is_closing=True):
            one.is_active = False
    close(city, "11:00")
    assert counters.seat_of(reading(), city.staff["omar"].actor) is None


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


def test_what_was_said_in_words_is_forgotten_and_the_reason_is_kept(city: Cast) -> None:
    pause(city, "10:00", reason="other", words="fire drill")
    close(city, "11:00", "other_closing", "back tomorrow")
    kept = closing.WORDS_KEPT.days
    for days, count in ((kept - 1, 0), (kept + 1, 2), (kept + 1, 0)):
        with clock.at(day.when(days, "12:00")), transaction() as session:
            assert closing.forget_words(session) == count
    rest, early = reading().scalars(select(CounterPause)).one(), reading().scalars(select(EarlyClosing)).one()
    assert (rest.reason, rest.words, early.reason, early.words) == ("other", "", "other_closing", "")
    assert closing.forget_words in FORGETTING
