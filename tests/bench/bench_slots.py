"""How soon the free places of a service at forty branches over sixty days are known, among 200,000 booked.

python tests/bench/bench_slots.py [--appointments 200000] [--rounds 60] [--plan]
GOVDESK_TEST_DATABASE=postgresql asks the other database.
"""

import argparse
import datetime as dt
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from sqlalchemy import event, func, insert, select, text
from sqlalchemy.orm import Session

from govdesk import chance, clock, config, schema
from govdesk.app import create_app
from govdesk.booking import slots
from govdesk.booking.models import Appointment, Slot
from govdesk.commands.run import _settle
from govdesk.db import db, reading, table_of, transaction
from tests import databases
from tests.makers import MORNING, make_branch, make_department, make_service

BRANCHES, SERVICES, DAYS, TIMES, DESKS = 40, 4, 60, 18, 2
WEEKEND = (5, 6)  # days from Sunday
SPREAD = dt.timedelta(days=30)
CHUNK = 20_000
ALLOWED = 0.100  # seconds
DAY = dt.timedelta(days=1)


def main() -> int:
    """Fill a database, ask it again and again, print the figures; 1 where they are not good enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--appointments", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--plan", action="store_true", help="print the plan of the query")
    wanted = parser.parse_args()
    with _application() as where, clock.at(MORNING):
        branch_ids, service_ids = _fill(wanted.appointments)
        _settle(None)  # as a process of the server does when it begins
        seconds = [_ask(branch_ids, service_ids[turn % SERVICES]) for turn in range(wanted.rounds + 3)][3:]
        found = len(_find(branch_ids, service_ids[0]))
        first = time.perf_counter()
        for _ in range(wanted.rounds):
            slots.next_free(reading(), service_id=service_ids[0], branch_ids=branch_ids)
        nearest = (time.perf_counter() - first) / wanted.rounds
        if wanted.plan:
            _print_plan(branch_ids, service_ids[0])
    p95 = statistics.quantiles(seconds, n=20)[-1]
    print(
        f"{where}: {wanted.appointments} appointments; {found} free places of a service at {BRANCHES} "
        f"branches over {DAYS} days: median {statistics.median(seconds) * 1000:.0f} ms, "
        f"p95 {p95 * 1000:.0f} ms; the first free place of each branch: {nearest * 1000:.0f} ms"
    )
    return 0 if p95 <= ALLOWED else 1


@contextmanager
def _application() -> Iterator[str]:
    server = databases.PostgresServer() if databases.KIND == "postgresql" else None
    with tempfile.TemporaryDirectory() as folder:
        environment = {"GOVDESK_INSTANCE": folder}
        if server:
            os.environ[databases.SERVER] = server.start()
            environment["GOVDESK_DATABASE_URL"] = databases.create(f"bench_{chance.key(6)}")
        settings, _origins = config.load(environment)
        with create_app(settings).app_context():
            schema.upgrade()
            yield databases.KIND
            db.session.remove()
            db.engine.dispose()
    if server:
        server.stop()


def _fill(appointments: int) -> tuple[list[int], list[int]]:
    with transaction() as session:
        department = make_department(session)
        branches = [make_branch(session) for _ in range(BRANCHES)]
        services = [
            make_service(session, department=department, branches=tuple(branches), prefix=letter)
            for letter in "ABCD"
        ]
        branch_ids, service_ids = [row.id for row in branches], [row.id for row in services]
        _insert(session, Slot, list(_slots(branch_ids, service_ids)))
    with transaction() as session:
        offered = session.execute(
            select(Slot.id, Slot.branch_id, Slot.service_id, Slot.starts_at, Slot.ends_at).order_by(
                Slot.starts_at, Slot.id
            )
        ).all()
        # the near days are full, as they are in life, the far ones thinly booked
        draw = chance.seeded("bench")
        places = sorted(
            (row.starts_at + draw.random() * SPREAD, row.id, row) for _desk in range(DESKS) for row in offered
        )
        ahead = [row for _when, _id, row in places[:appointments]]
        _insert(session, Appointment, [_appointment(number, row) for number, row in enumerate(ahead)])
        counts = select(Appointment.slot_id, func.count().label("n")).group_by(Appointment.slot_id).subquery()
        slot = table_of(Slot)
        session.execute(slot.update().values(booked=counts.c.n).where(slot.c.id == counts.c.slot_id))
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    return branch_ids, service_ids


def _slots(branch_ids: list[int], service_ids: list[int]) -> Iterator[dict[str, object]]:
    length = dt.timedelta(minutes=20)
    for branch_id in branch_ids:
        for service_id in service_ids:
            for day in (day for day in range(1, DAYS + 1) if day % 7 not in WEEKEND):
                for turn in range(TIMES):
                    starts_at = MORNING + day * DAY + turn * length
                    yield {
                        "branch_id": branch_id, "service_id": service_id, "starts_at": starts_at,
                        "ends_at": starts_at + length, "capacity": DESKS, "kept_staff": 0, "booked": 0,
                        "is_closed": False, "book_until": starts_at,
                    }  # fmt: skip


def _appointment(number: int, slot: Any) -> dict[str, object]:
    return {
        "reference": f"R{number:07}", "link_token": f"link-{number}", "branch_id": slot.branch_id,
        "service_id": slot.service_id, "slot_id": slot.id, "starts_at": slot.starts_at,
        "ends_at": slot.ends_at, "state": "booked", "language": "ar", "channel": "web",
        "created_at": MORNING, "booked_at": MORNING, "sequence": 0, "kind": "on_site",
        "is_extended": False, "priority": "none", "wants_earlier": False,
    }  # fmt: skip


def _insert(session: Session, model: type[Slot | Appointment], rows: list[dict[str, object]]) -> None:
    for first in range(0, len(rows), CHUNK):
        session.execute(insert(table_of(model)), rows[first : first + CHUNK])


def _find(branch_ids: list[int], service_id: int) -> list[object]:
    since = clock.now()
    return [
        *slots.free_places(
            reading(), service_id=service_id, branch_ids=branch_ids, since=since,
            until=since + (DAYS + 1) * DAY,
        )
    ]  # fmt: skip


def _ask(branch_ids: list[int], service_id: int) -> float:
    began = time.perf_counter()
    _find(branch_ids, service_id)
    return time.perf_counter() - began


def _print_plan(branch_ids: list[int], service_id: int) -> None:
    said: list[tuple[str, object]] = []

    def listen(_c: object, _cursor: object, statement: str, parameters: object, *_more: object) -> None:
        said.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", listen)
    _find(branch_ids, service_id)
    event.remove(db.engine, "before_cursor_execute", listen)
    statement, parameters = said[-1]
    explain = "EXPLAIN ANALYZE " if databases.KIND == "postgresql" else "EXPLAIN QUERY PLAN "
    with db.engine.connect() as connection:
        for row in connection.exec_driver_sql(explain + statement, parameters):  # type: ignore[arg-type]
            print("   ", *row)


if __name__ == "__main__":
    sys.exit(main())
