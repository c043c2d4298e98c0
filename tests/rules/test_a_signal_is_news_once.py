"""A run of signals is told when it begins; wiggles and the same week judged again are no news."""

import datetime as dt

import pytest

from govdesk.kpi.marks.rules import Known, advance, place_of, to_judge


def told(senses: str) -> str:
    """Judge weeks one after another, each named by its place: w(orse), b(etter) or o(rdinary)."""
    names = {"w": "worse", "b": "better", "o": "ordinary"}
    known, found = Known(), ""
    for place, letter in enumerate(senses):
        known, is_news = advance(known, f"{place:02}", names[letter])
        found += "!" if is_news else "."
    return found


@pytest.mark.parametrize(
    ("senses", "news"),
    [
        ("oooo", "...."),
        ("oowww", "..!.."),
        ("wwww", "!..."),
        ("owbbow", ".!!..!"),
        ("wowo", "!.!."),
    ],
)
def test_a_run_is_told_when_it_begins(senses: str, news: str) -> None:
    assert told(senses) == news


def test_the_same_week_judged_again_is_held_against_the_week_before_it() -> None:
    known, _ = advance(Known("01", "ordinary", ""), "02", "ordinary")
    known, is_news = advance(known, "02", "worse")  # a late fact made it one
    assert is_news
    known, is_news = advance(known, "03", "worse")
    assert not is_news


def test_an_older_week_is_no_news() -> None:
    known = Known("05", "ordinary", "")
    assert advance(known, "04", "worse") == (known, False)


def test_after_a_standstill_every_week_since_is_judged() -> None:
    weeks = ["01", "02", "03", "04"]
    assert list(to_judge(weeks, Known("02"))) == ["03", "04"]
    assert list(to_judge(weeks, Known("04"))) == ["04"]
    assert list(to_judge(weeks, Known())) == ["04"]  # at first, history is no news
    assert list(to_judge([], Known())) == []


@pytest.mark.parametrize(
    ("day", "time", "place"),
    [
        ("2026-10-04", "week", -0.5),
        ("2026-10-11", "week", 0.5),
        ("2026-10-14", "week", 0.5 + 3 / 7),
        ("2026-10-03", "week", None),
        ("2026-10-16", "month", 0.0 - 0.5 + 15 / 31),
        ("2026-12-01", "month", None),
    ],
)
def test_a_day_has_its_place_among_periods(day: str, time: str, place: float | None) -> None:
    periods = ["2026-10-04", "2026-10-11"] if time == "week" else ["2026-10", "2026-11"]
    found = place_of(dt.date.fromisoformat(day), periods, time)
    assert found == (pytest.approx(place) if place is not None else None)
