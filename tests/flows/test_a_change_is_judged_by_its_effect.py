"""A closed obstacle shows the linked failures before and after, the young left out, and what it cost."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.orm import Session

from govdesk.cases.classifying import reclassify
from govdesk.cases.obstacles import costs, service
from govdesk.cases.obstacles.models import Obstacle
from govdesk.catalog.models import Branch
from govdesk.db import transaction
from govdesk.kpi import effects
from tests.kpi_makers import make_visit
from tests.makers import Cast, make_person, moment

CHANGED_ON = dt.date(2026, 8, 1)
AS_OF = moment("10:00", dt.date(2026, 10, 4))


def came(session: Session, cast: Cast, day: str, *, back: str | None = None, cause: str = "system") -> None:
    """Somebody's visit, and the return that its cause made; each is charged to north/civil."""
    person = make_person(session)
    here: dict[str, Any] = {
        "branch": cast.north,
        "service": cast.renewal,
        "person": person,
        "unit": "north/civil",
    }
    outcome = "unresolved" if back else "resolved"
    make_visit(session, day, outcome=outcome, cause=cause if back else None, **here)
    if back:
        make_visit(session, back, minutes=30, **here)
    reclassify(session, [person.id])


def closed(session: Session, cast: Cast) -> Obstacle:
    obstacle = service.report(
        session,
        actor=cast.staff["omar"].actor,
        category="system",
        words="The system stops every morning.",
        branch=session.get_one(Branch, cast.north.id),
        links=[("cause", "system"), ("service", "renewal"), ("unit", "north/civil")],
    )
    service.close(
        session, actor=cast.staff["sara"].actor, obstacle=obstacle, what_changed="A new server.",
        changed_on=CHANGED_ON,
    )  # fmt: skip
    return obstacle


def test_fewer_fail_after_the_change_and_the_young_are_in_neither_part(cast: Cast) -> None:
    with transaction() as session:
        for number in range(20):
            came(session, cast, "07-05", back="07-15" if number < 10 else None)
            came(session, cast, "08-05", back="08-10" if number < 1 else None)
        came(session, cast, "08-06", back="08-12", cause="papers")  # fails by something else
        came(session, cast, "09-20", back="09-25")  # too young to be judged
        found = effects.effect(session, closed(session, cast), AS_OF)
    assert found is not None
    assert (found.before.failed, found.before.mature, found.before.pending) == (10, 20, 0)
    assert (found.after.failed, found.after.mature, found.after.pending) == (1, 21, 1)
    assert found.before.value == 0.5
    assert found.difference is not None
    assert found.difference[0] == pytest.approx(1 / 21 - 0.5)
    assert found.verdict == "fewer"


def test_while_all_are_young_there_is_an_estimate_and_never_their_raw_share(cast: Cast) -> None:
    as_of = moment("10:00", dt.date(2026, 8, 20))
    with transaction() as session:
        for number in range(20):
            came(session, cast, "06-10", back="06-30" if number < 10 else None)
            came(session, cast, "08-05", back="08-10" if number < 2 else None)
        found = effects.effect(session, closed(session, cast), as_of)
    assert found is not None
    assert (found.after.mature, found.after.pending, found.after.is_estimate) == (0, 20, True)
    assert found.after.value is not None
    assert found.after.value > 2 / 20


def test_without_visits_nothing_is_said(cast: Cast) -> None:
    with transaction() as session:
        found = effects.effect(session, closed(session, cast), AS_OF)
    assert found is not None
    assert (found.before.value, found.after.value, found.verdict) == (None, None, "unknown")


def test_the_cost_is_the_visits_charged_to_it_and_their_hours(cast: Cast) -> None:
    with transaction() as session:
        came(session, cast, "09-02", back="09-10")
        came(session, cast, "09-03", back="09-11")
        came(session, cast, "09-04", back="09-12", cause="papers")
        obstacle = closed(session, cast)
        found = costs.cost(session, obstacle)
        obstacle.links = []
        assert costs.cost(session, obstacle) is None
    assert found is not None
    before, since = found
    assert (before.visits, before.people_hours, before.desk_hours) == (2, 1.0, 1.0)
    assert before.per_month == pytest.approx(2 / 3)
    assert (since.visits, since.per_month) == (0, None)
