"""The share of promises kept is told from their histories, at any moment of knowledge, for each unit."""

import datetime as dt

import pytest

from govdesk import clock
from govdesk.cases.commitments import service
from govdesk.db import reading, transaction
from govdesk.kpi.figures import Row
from govdesk.kpi.question import Scope
from govdesk.kpi.service import figure
from tests.flows import office_days as day
from tests.makers import SUNDAY, Cast

MEASURE = "commitments_kept"


@pytest.fixture
def city(cast: Cast) -> Cast:
    """Five promises of Omar: kept, moved and kept, broken, done late, and still open on the tenth day."""
    day.sit_down(cast)
    made = [promise(cast, place, due) for place, due in enumerate((2, 2, 3, 3, 20))]
    do(cast, 1, "keep", made[0])
    do(cast, 2, "move", made[1], due_on=SUNDAY + dt.timedelta(days=6), reason="Not ready")
    do(cast, 5, "keep", made[1])
    do(cast, 8, "keep", made[3])
    return cast


def promise(cast: Cast, place: int, due: int) -> int:
    ticket = day.arrive(cast, 0, f"09:{place:02}", cast.nora)
    with clock.at(day.when(0, f"09:{place:02}")), transaction() as session:
        to, actor = service.to_ticket(session, ticket), cast.staff["omar"].actor
        due_on = SUNDAY + dt.timedelta(days=due)
        return service.promise(session, actor=actor, to=to, what=f"Promise {place}", due_on=due_on).id


def do(cast: Cast, days: int, verb: str, one: int, **given: object) -> None:
    with clock.at(day.when(days, "12:00")), transaction() as session:
        getattr(service, verb)(session, actor=cast.staff["omar"].actor, commitment_id=one, **given)


def total(as_of: int, **asked: object) -> Row:
    reading().rollback()
    return figure(reading(), MEASURE, as_of=day.when(as_of, "13:00"), **asked).total  # type: ignore[arg-type]


def test_kept_of_kept_and_broken_with_what_was_moved_beside(city: Cast) -> None:
    row = total(10)
    assert (row.numerator, row.denominator, row.open) == (2, 4, 1)
    assert row.interval is not None
    assert row.data_quality == {"moved": 1, "moved_share": 0.25}
    assert row.detail == {"kept_by_first_day": 1, "broken": 2, "done_late": 1}


def test_it_is_told_as_it_was_known_then(city: Cast) -> None:
    early = total(1)
    assert (early.numerator, early.denominator, early.open) == (1, 1, 4)
    before_the_move_was_kept = total(4)
    assert (before_the_move_was_kept.numerator, before_the_move_was_kept.denominator) == (1, 3)
    assert total(0).value is None


def test_a_promise_counts_on_the_day_for_which_it_stood(city: Cast) -> None:
    first = SUNDAY + dt.timedelta(days=2)
    assert total(10, from_day=first, to_day=first).denominator == 1
    moved_to = SUNDAY + dt.timedelta(days=6)
    assert total(10, from_day=moved_to, to_day=moved_to).numerator == 1


def test_it_is_told_by_unit_and_only_to_whom_it_concerns(city: Cast) -> None:
    asked = figure(reading(), MEASURE, as_of=day.when(10, "13:00"), by=("unit",))
    assert [(row.group["unit"], row.numerator, row.denominator) for row in asked.rows] == [
        ("north/civil", 2, 4)
    ]
    elsewhere = total(10, scope=Scope.of(city.staff["salim"].actor))
    assert (elsewhere.denominator, elsewhere.value) == (0, None)
