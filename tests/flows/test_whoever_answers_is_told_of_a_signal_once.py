"""When the newest week of a figure is a signal, whoever answers for it is told, once; wiggles are none."""

import datetime as dt

import pytest
from sqlalchemy import func, select

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.kpi.marks import listing, service, watching
from govdesk.kpi.marks.models import FigureSignal, FigureWatch
from govdesk.kpi.targets import service as targets
from govdesk.kpi.targets.service import Place
from govdesk.outbox import OutboxEvent
from tests.kpi_makers import make_visit
from tests.makers import RIYADH, Cast

FIRST = dt.date(2026, 5, 3)  # a Sunday
PEOPLE = 20  # who come in a week
# two leave of twenty, or one, by turns
CALM = [2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]


def week(cast: Cast, place: int, left: int) -> None:
    """A week of twenty arrivals, some of whom left."""
    day = FIRST + dt.timedelta(weeks=place, days=1)
    with transaction() as session:
        for one in range(PEOPLE):
            make_visit(
                session, f"{day:%m-%d}", branch=cast.north, service=cast.renewal, person=None,
                status="abandoned" if one < left else "served",
            )  # fmt: skip


def aim(cast: Cast, value: float = 0.5) -> None:
    """What huda wants of her department, and sara answers for."""
    with transaction() as session:
        targets.set_target(
            session, actor=cast.staff["huda"].actor, measure="abandonment_rate", value=value,
            owner=cast.staff["sara"], due_on=None, reason="the plan", place=Place(None, cast.civil.id),
        )  # fmt: skip


def run_after(place: int, days: int = 1) -> int:
    """Run the job some days after a week."""
    day = FIRST + dt.timedelta(weeks=place + 1, days=days - 1)
    with clock.at(dt.datetime.combine(day, dt.time(6), RIYADH)):
        return watching.run_watch()


def signals() -> list[FigureSignal]:
    reading().rollback()
    return list(reading().scalars(select(FigureSignal).order_by(FigureSignal.id)).unique())


@pytest.fixture
def calm(cast: Cast) -> Cast:
    with clock.at(dt.datetime.combine(FIRST, dt.time(6), RIYADH)):
        aim(cast)
    for place, left in enumerate(CALM):
        week(cast, place, left)
    return cast


def test_a_jump_is_told_once_and_what_goes_on_is_not(calm: Cast) -> None:
    assert run_after(11) == 0  # twelve ordinary weeks
    week(calm, 12, 9)
    assert run_after(12) == 1
    assert run_after(12, days=2) == 0  # not each day again
    week(calm, 13, 9)
    assert run_after(13) == 0  # nor in the next week of the same
    found = signals()
    assert [(one.kind, one.sense, one.rule, one.period) for one in found] == [
        ("variation", "worse", "outside", "2026-07-26")
    ]
    assert found[0].value == pytest.approx(9 / 20)
    assert found[0].owner_id == calm.staff["sara"].id
    assert reading().scalar(
        select(func.count()).select_from(OutboxEvent).where(OutboxEvent.name == "signal.found")
    ) == 1  # fmt: skip


def test_seven_weeks_on_one_side_are_told_when_the_seventh_is_over(calm: Cast) -> None:
    for place, left in enumerate([3, 2, 3, 2, 3, 2], 12):
        week(calm, place, left)
        assert run_after(place) == 0
    week(calm, 18, 3)
    assert run_after(18) == 1
    week(calm, 19, 2)
    assert run_after(19) == 0
    assert [(one.sense, one.rule) for one in signals()] == [("worse", "shift")]


def test_the_running_week_is_no_news(calm: Cast) -> None:
    week(calm, 12, 9)
    day = FIRST + dt.timedelta(weeks=12, days=5)
    with clock.at(dt.datetime.combine(day, dt.time(6), RIYADH)):
        assert watching.run_watch() == 0


def test_after_a_standstill_the_weeks_between_are_told_too(calm: Cast) -> None:
    assert run_after(11) == 0
    week(calm, 12, 9)
    week(calm, 13, 1)
    assert run_after(13) == 1  # nobody looked in between
    assert [one.period for one in signals()] == ["2026-07-26"]


def test_good_news_is_told_too(calm: Cast) -> None:
    for place in range(12, 18):
        week(calm, place, 0)
        assert run_after(place) == 0
    week(calm, 18, 0)
    assert run_after(18) == 1
    assert [(one.sense, one.rule) for one in signals()] == [("better", "shift")]


def test_a_target_out_of_reach_is_told_when_it_becomes_so(cast: Cast) -> None:
    with clock.at(dt.datetime.combine(FIRST, dt.time(6), RIYADH)):
        aim(cast)
    for place in range(13):
        week(cast, place, 2)
    assert run_after(11) == 0  # one in ten leaves, half may
    with clock.at(dt.datetime.combine(FIRST + dt.timedelta(weeks=12), dt.time(7), RIYADH)):
        aim(cast, 0.05)
        assert watching.run_watch() == 1
        assert watching.run_watch() == 0
    assert run_after(12) == 0
    assert [(one.kind, one.sense, one.rule) for one in signals()] == [("assurance", "worse", None)]


def test_few_points_make_no_alert(cast: Cast) -> None:
    with clock.at(dt.datetime.combine(FIRST, dt.time(6), RIYADH)):
        aim(cast, 0.001)
    for place, left in enumerate([1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 19]):
        week(cast, place, left)
    assert run_after(10) == 0
    assert reading().scalar(select(func.count()).select_from(FigureWatch)) == 0


def test_the_owner_and_the_heads_of_the_place_have_it_in_their_list_until_they_have_seen_it(
    calm: Cast,
) -> None:
    week(calm, 12, 9)
    run_after(12)
    staff = {name: calm.staff[name].actor for name in ("sara", "huda", "salim", "aziz")}
    waiting = {name: listing.count_unseen(reading(), who) for name, who in staff.items()}
    assert waiting == {"sara": 1, "huda": 1, "salim": 0, "aziz": 0}
    readable = {name: len(listing.signals(reading(), who)) for name, who in staff.items()}
    assert readable == {"sara": 1, "huda": 1, "salim": 0, "aziz": 1}
    with transaction() as session:
        service.see(session, actor=staff["huda"], signal_id=signals()[0].id, words="the printer")
    reading().rollback()
    assert listing.count_unseen(reading(), staff["huda"]) == 0
    assert listing.count_unseen(reading(), staff["sara"]) == 1
    assert [one.words for one in signals()[0].seen] == ["the printer"]
