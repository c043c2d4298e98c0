"""Half hour by half hour: who came, who waited, how many counters were open, and how many it would need."""

import datetime as dt

import pytest

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.kpi import load, service
from govdesk.queue import counters
from tests.flows import office_days as day
from tests.kpi_makers import make_wait
from tests.makers import SUNDAY, Cast

WEEKS_BEFORE = ("10-04", "09-27", "09-20", "09-13")


@pytest.fixture
def sundays(cast: Cast) -> Cast:
    """On four Sundays six come from 9:00 on, wait 10 minutes and are served 10; Omar sits from 9:00 to 10:15.

    He has a break from 9:30 to 9:45; on the last of them only, which is the day of the cast.
    """
    with transaction() as session:
        for one in WEEKS_BEFORE:
            for minute in range(6):
                make_wait(
                    session, branch=cast.north, service=cast.renewal, day=one, arrived=f"09:0{minute}",
                    called=f"09:1{minute}", ended=f"09:2{minute}",
                )  # fmt: skip
    omar = cast.staff["omar"].actor
    for at, act in (("09:00", "open_counter"), ("09:30", "pause_counter"), ("09:45", "unpause_counter"),
                    ("10:15", "close_counter")):  # fmt: skip
        with clock.at(day.when(0, at)), transaction() as session:
            given = {"counter_id": cast.north_1.id} if act == "open_counter" else {}
            getattr(counters, act)(session, actor=omar, **given)
    return cast


def read(cast: Cast, *, on: dt.date | None = None, at: int = 1, weekday: int = 6) -> load.Load:
    with clock.at(day.when(at, "12:00")):
        asked = service.ask(reading(), to_day=SUNDAY + dt.timedelta(days=10))
        return load.load(reading(), asked, cast.north, weekday=weekday, day=on, within=15.0, share=0.8)


def test_one_day_is_told_as_it_was(sundays: Cast) -> None:
    nine, half, ten = read(sundays, on=SUNDAY).parts
    assert (nine.begins, nine.arrivals, nine.waiting, nine.in_hall) == (dt.time(9), 6.0, 2.0, 4.0)
    assert (half.arrivals, ten.in_hall) == (0.0, 0.0)
    assert [part.open for part in (nine, half, ten)] == [1.0, 0.5, 0.5]
    assert nine.needed is not None
    assert nine.needed > 1


def test_days_alike_are_a_mean_of_days_that_are_over(sundays: Cast) -> None:
    found = read(sundays)
    assert [one.isoformat()[5:] for one in found.days] == list(reversed(WEEKS_BEFORE))
    assert (found.parts[0].arrivals, found.parts[0].open) == (6.0, 0.25)  # Omar sat on one of four
    assert len(read(sundays, at=0).days) == 3  # this Sunday is still going on


def test_a_day_on_which_nothing_happened_counts_for_nothing(sundays: Cast) -> None:
    assert read(sundays, weekday=0) == load.Load((), ())
    assert read(sundays, on=SUNDAY + dt.timedelta(days=1)).parts == ()


def test_who_waits_now_is_in_the_hall_until_now(cast: Cast) -> None:
    day.sit_down(cast)
    day.arrive(cast, 0, "11:00", None)
    with clock.at(day.when(0, "11:45")):
        asked = service.ask(reading())
        found = load.load(reading(), asked, cast.north, weekday=6, day=SUNDAY, within=15.0, share=0.8)
    told = {part.begins: part for part in found.parts}
    assert (told[dt.time(11)].waiting, told[dt.time(11, 30)].waiting) == (1.0, 0.5)
    assert told[dt.time(11)].needed is None  # there is no day like it yet
