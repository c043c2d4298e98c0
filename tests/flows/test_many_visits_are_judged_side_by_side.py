"""Processes that judge all visits side by side find what one alone finds."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from govdesk import clock
from govdesk.cases.models import Visit
from govdesk.cases.rebuild import reading, service
from govdesk.cases.records import RESULTS, table_of
from govdesk.chance import seeded
from govdesk.db import transaction
from tests.makers import Cast, make_person

START = dt.datetime(2026, 1, 4, 6, 0, tzinfo=dt.UTC)
VISITS = 200


def rows(cast: Cast, people: list[int]) -> list[dict[str, Any]]:
    draw = seeded("side by side")
    made = []
    for number in range(VISITS):
        started = START + dt.timedelta(minutes=10 * draw.randrange(6 * 24 * 60))
        day = clock.local_day(started, "Asia/Riyadh")
        made.append({
            "source": "import", "visit_no": str(number), "person_id": draw.choice((*people, None)),
            "service_id": cast.renewal.id, "branch_id": cast.north.id, "family": "renewal",
            "object_ref": draw.choice((None, "car-1")), "unit": "north", "status": "served",
            "direction": "inbound", "reason": draw.choice((None, None, "chase")),
            "started_at": started, "ended_at": started + dt.timedelta(minutes=15),
            "started_on": day, "ended_on": day,
            "transfer_of": str(draw.randrange(VISITS)) if number % 9 == 0 else None, "class_name": "",
        })  # fmt: skip
    return made


def test_many_visits_are_judged_side_by_side(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PART", 20)
    monkeypatch.setattr(service, "WORTH_HELP", 2)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    with transaction() as session:
        people = [make_person(session).id for _ in range(30)]
        session.execute(insert(table_of(Visit)), rows(cast, people))
    columns = [table_of(Visit).c[name] for name in ("visit_no", *RESULTS)]
    with transaction() as session:
        assert service.reclassify_all(session, is_alone=True) == VISITS
        found = session.execute(select(*columns).order_by(Visit.id)).all()
        assert {row.class_name for row in found} >= {"index_new", "repeat", "merged", "unlinked"}
    with transaction() as session:
        assert service.reclassify_all(session) == 0
        session.execute(
            update(Visit).values(dict.fromkeys(RESULTS) | {"class_name": "", "is_excluded": False})
        )
        assert service.reclassify_all(session) == VISITS
        assert session.execute(select(*columns).order_by(Visit.id)).all() == found
