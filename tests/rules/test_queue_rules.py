"""From when somebody may be called, what may follow what, and numbers."""

import datetime as dt

import pytest

from govdesk.queue import rules

NINE = dt.datetime(2026, 10, 14, 9, 0, tzinfo=dt.UTC)


def minutes(count: float) -> dt.timedelta:
    return dt.timedelta(minutes=count)


def test_an_appointment_is_due_exactly_at_its_minute() -> None:
    assert rules.callable_from(NINE - minutes(30), NINE) == NINE
    assert rules.callable_from(NINE + minutes(5), NINE) == NINE + minutes(5)
    assert rules.callable_from(NINE, None) == NINE


@pytest.mark.parametrize(("count", "number"), [(1, "A001"), (47, "A047"), (999, "A999"), (1000, "A1000")])
def test_numbers_are_padded_to_three_digits(count: int, number: str) -> None:
    assert rules.number("A", count) == number


@pytest.mark.parametrize(
    ("verb", "state", "allowed"),
    [
        ("call", "waiting", True),
        ("call", "held", False),
        ("call", "served", False),
        ("recall", "called", True),
        ("recall", "serving", False),
        ("start", "called", True),
        ("hold", "serving", True),
        ("resume", "held", True),
        ("resume", "waiting", False),
        ("take_back", "noshow", True),
        ("take_back", "served", False),
        ("conclude", "served", False),
        ("transfer", "held", True),
        ("abandon", "serving", False),
    ],
)
def test_what_may_follow_what(verb: str, state: str, *, allowed: bool) -> None:
    assert rules.may(verb, state) is allowed
