"""A limit counts every attempt, in whichever process it is made, and ends with its window."""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk import clock, limits
from govdesk.db import reading
from govdesk.errors import TooManyError
from govdesk.limits import Attempt
from tests.makers import MORNING
from tests.processes import together

MINUTE = dt.timedelta(minutes=1)
TRY_TWELVE_TIMES = (
    "import datetime as dt\n"
    "from govdesk import clock, limits\n"
    "from govdesk.errors import TooManyError\n"
    "refused = 0\n"
    "with clock.at(dt.datetime(2026, 10, 4, 6, tzinfo=dt.UTC)):\n"
    "    for _ in range(12):\n"
    "        try:\n"
    "            limits.spend('sign-in', '10.0.0.1', allowed=20, window=dt.timedelta(minutes=1))\n"
    "        except TooManyError:\n"
    "            refused += 1\n"
    "print(refused)\n"
)


def spend(who: str = "10.0.0.1", *, times: int = 1) -> None:
    for _ in range(times):
        limits.spend("sign-in", who, allowed=3, window=MINUTE)


def test_what_is_allowed_is_allowed_and_one_more_is_not(app: Flask, morning: None) -> None:
    spend(times=3)
    with pytest.raises(TooManyError) as refused:
        spend()
    assert refused.value.params == {"seconds": 60}
    assert refused.value.status == 429


def test_somebody_else_has_a_limit_of_their_own(app: Flask, morning: None) -> None:
    spend(times=3)
    spend("10.0.0.2", times=3)
    with pytest.raises(TooManyError):
        spend("10.0.0.2")


def test_a_new_window_begins_afresh(app: Flask) -> None:
    with clock.at(MORNING + dt.timedelta(seconds=59)):
        spend(times=3)
        with pytest.raises(TooManyError) as refused:
            spend()
        assert refused.value.params == {"seconds": 1}
    with clock.at(MORNING + MINUTE):
        spend(times=3)
        assert reading().scalars(select(Attempt.count).order_by(Attempt.window_at)).all() == [4, 3]


def test_who_it_was_is_not_kept(app: Flask, morning: None) -> None:
    spend("10.0.0.1")
    (bucket,) = reading().scalars(select(Attempt.bucket))
    assert "10.0.0.1" not in bucket


def test_two_processes_share_one_limit(app: Flask) -> None:
    refused = together(TRY_TWELVE_TIMES, count=3, settings=app.extensions["govdesk"])
    assert sum(map(int, refused)) == 3 * 12 - 20
