"""Pages of heads over few and over very many visits of three years, and what it takes to keep their facts.

For each size an instance of its own is filled with plausible visits and cases (returns within days, people
who leave, promises), then:

1. `govdesk kpi rebuild --figures-only` as a user runs it: seconds, and the memory of its largest process.
2. One more visit on a day of last month, and the refresh that follows; and the processor time that it takes
   to count one day of every family.
3. Pages of figures through the real application, signed in as a head: p50 and p95 in milliseconds, and the
   processor time; then the ratio of the largest size to the smallest.

    python tests/bench/bench_facts.py [--visits 100000,1000000] [--times 12] [--keep FOLDER]

"""

import argparse
import datetime as dt
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from flask import Flask
from sqlalchemy import insert, select

from govdesk import chance, clock, schema
from govdesk.app import create_app
from govdesk.cases.models import Case, Visit
from govdesk.catalog.models import Branch, PublicService
from govdesk.config import Settings
from govdesk.db import db, snapshot, table_of, transaction
from govdesk.kpi.facts import building
from govdesk.kpi.facts import service as facts
from govdesk.people.models import Person
from tests.conftest import KEYS
from tests.kpi_makers import make_wait
from tests.makers import PASSWORD, make_branch, make_cast, make_service, make_staff

DAYS = 3 * 365
AT_ONCE = 20_000
ZONE = "Asia/Riyadh"
DAY, MINUTE, SECOND = dt.timedelta(days=1), dt.timedelta(minutes=1), dt.timedelta(seconds=1)
CAUSES = ("missing_document", "wrong_information", "system_down", "not_ready", "chase")
KEPT_PAGES = (
    "", "/repeat_visit_rate", "/waiting_time", "/service_level", "/abandonment_rate", "/noshow_rate",
    "/time_to_resolution", "/sla_attainment", "/papers_missing", "/complaints_per_thousand",
)  # fmt: skip


def rows(number: int, first_person: int, places: list[tuple[int, str]], services: list[Any]) -> Iterator[Any]:
    """Visits in the order of their days, with their classes; each second one opens a case."""
    draw = chance.seeded(("facts", str(number)))
    today = clock.now()
    made = 0
    while made < number:
        day = today - (DAYS - DAYS * made // number) * DAY
        start = day.replace(hour=5, minute=0) + draw.randrange(8 * 3600) * SECOND
        branch_id, code = draw.choice(places)
        one = draw.choice(services)
        person = first_person + draw.randrange(max(number * 3 // 10, 10))
        kind = draw.random()
        wait, length = int(draw.expovariate(1 / 700)), 60 + int(draw.expovariate(1 / 480))
        called = start + wait * SECOND
        end = called + length * SECOND
        made += 1
        visit = {
            "id": made, "source": "live", "visit_no": str(made), "person_id": None if kind > 0.97 else person,
            "service_id": one.id, "branch_id": branch_id, "family": one.family, "unit": f"{code}/{made % 3}",
            "channel": ("walk_in", "web", "phone")[made % 3], "status": "served", "direction": "inbound",
            "outcome": "unresolved" if kind < 0.22 else "resolved", "arrived_at": start, "called_at": called,
            "started_at": start, "served_at": called, "ended_at": end,
            "started_on": clock.local_day(start, ZONE), "ended_on": clock.local_day(end, ZONE),
            "quoted_high": 5.0 + made % 40, "class_name": "unlinked" if kind > 0.97 else "index_new",
            "is_excluded": False, "is_set_aside": False, "by_hand": [], "linked_by": "identity",
            "mature_on": clock.local_day(end, ZONE) + 32 * DAY, "priority": ("elderly", None)[made % 9 > 0],
            "language": ("ar", "en")[made % 5 == 0], "repeat_visit_id": None, "gap_days": None,
            "charged_visit_id": None, "return_cause": None, "reason": None,
        }  # fmt: skip
        if kind > 0.97:
            visit["mature_on"] = None
        elif kind > 0.9:
            visit |= {"status": "abandoned", "served_at": None, "called_at": None, "outcome": "left",
                      "class_name": "abandoned", "mature_on": None}  # fmt: skip
        elif kind < 0.15 and made < number:  # it will fail
            gap = 1 + draw.randrange(29)
            again = {name: value for name, value in visit.items() if name not in {"id", "visit_no"}}
            if start + gap * DAY < today:
                made += 1
                cause = draw.choice(CAUSES)
                visit |= {"repeat_visit_id": made}
                moments = [name for name in again if name.endswith(("_at", "_on")) and again[name]]
                moved = {name: again[name] + gap * DAY for name in moments}
                yield {
                    **again, **moved, "id": made, "visit_no": str(made), "class_name": "repeat",
                    "mature_on": None, "charged_visit_id": visit["id"], "gap_days": gap,
                    "return_cause": cause, "reason": cause,
                }  # fmt: skip
        yield visit


def case_of(visit: dict[str, Any], draw: Any) -> dict[str, Any]:
    """A need that took from minutes to months; some are open."""
    opened = visit["started_at"]
    done = opened + int(draw.expovariate(1 / (12 * 86400))) * SECOND
    is_done = done < clock.now()
    return {
        "source": "live", "case_no": visit["visit_no"], "person_id": visit["person_id"],
        "service_id": visit["service_id"], "branch_id": visit["branch_id"], "family": visit["family"],
        "unit": visit["unit"], "channel": visit["channel"], "opened_at": opened, "due_at": opened + 20 * DAY,
        "resolved_at": done if is_done else None, "first_resolved_at": done if is_done else None,
        "first_response_at": visit["called_at"], "is_set_aside": False,
    }  # fmt: skip


def fill(app: Flask, number: int) -> None:
    """Make the past of an office with ten branches and twelve services."""
    began, draw = time.perf_counter(), chance.seeded(("cases",))
    with app.app_context():
        schema.upgrade()
        with transaction() as session:
            cast = make_cast(session)
            branches = [cast.north, *(make_branch(session, f"b{place}") for place in range(9))]
            services = [
                make_service(session, f"s{place}", department=cast.civil, branches=tuple(branches))
                for place in range(12)
            ]
            make_staff(session, "chief", role="head")
            session.flush()
            places = [(branch.id, branch.code) for branch in branches]
            people = range(100, 100 + max(number * 3 // 10, 10))
            for begin in range(0, len(people), AT_ONCE):
                session.execute(
                    insert(table_of(Person)),
                    [
                        {"id": one, "pseudonym": f"p{one}", "kind": ("citizen", "resident")[one % 4 == 0],
                         "certainty": "certain", "language": "ar", "created_at": clock.now()}
                        for one in people[begin : begin + AT_ONCE]
                    ],
                )  # fmt: skip
        some: list[dict[str, Any]] = []
        for visit in rows(number, 100, places, services):
            some.append(visit)
            if len(some) >= AT_ONCE:
                _write(some, draw)
                some = []
        if some:
            _write(some, draw)
    print(f"{number:,} visits made in {time.perf_counter() - began:.0f} s", flush=True)


def _write(some: list[dict[str, Any]], draw: Any) -> None:
    with transaction() as session:
        session.execute(insert(table_of(Visit)), some)
        session.execute(insert(table_of(Case)), [case_of(one, draw) for one in some if one["id"] % 2])


def rebuild(folder: Path) -> tuple[float, float]:
    """Seconds and the largest process's megabytes of a rebuild as a user runs it."""
    began = time.perf_counter()
    environment = os.environ | {"GOVDESK_INSTANCE": str(folder), "PYTHONPATH": str(ROOT)}
    for name, value in KEYS.items():
        environment[f"GOVDESK_{name.upper()}"] = value
    script = folder / "rebuild.py"
    script.write_text("from govdesk.cli import main\n\nif __name__ == '__main__':\n    main()\n")
    words = ["kpi", "rebuild", "--figures-only"]
    subprocess.run(
        [sys.executable, str(script), *words], check=True, env=environment, stderr=subprocess.DEVNULL
    )
    return time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000


def one_day(app: Flask) -> tuple[float, float]:
    """Seconds of a refresh after one late visit, and of processor of the count of that day alone."""
    with app.app_context():
        with transaction() as session:
            branch = session.scalars(select(Branch).order_by(Branch.id)).first()
            service = session.scalars(select(PublicService).order_by(PublicService.id)).first()
            assert branch is not None
            assert service is not None
            day = clock.local_day(clock.now() - 40 * DAY, ZONE)
            make_wait(
                session, branch=branch, service=service, arrived="09:00", called="09:10", ended="09:20",
                day=f"{day:%m-%d}", visit_no=f"late {clock.now():%s}",
            )  # fmt: skip
        facts.refresh()
        began = time.perf_counter()
        facts.refresh()
        all_of_it = time.perf_counter() - began
        question = facts.question_at(clock.now())
        with snapshot() as session:
            began = time.process_time()
            for family in facts.NAMED.values():
                list(building.count(session, question, family, [day]))
        return all_of_it, time.process_time() - began


def pages(app: Flask, times: int) -> dict[str, tuple[float, float, float]]:
    """The p50 and p95 of each page and its processor time, in milliseconds."""
    browser = app.test_client()
    found = browser.get("/staff/sign-in")
    token = found.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    answer = browser.post(
        "/staff/sign-in", data={"csrf_token": token, "username": "chief", "password": PASSWORD}
    )
    assert answer.status_code == 302, answer.status_code
    told = {}
    for page in KEPT_PAGES:
        address = f"/figures{page}"
        spent, worked = [], []
        for _ in range(times):
            began, processor = time.perf_counter(), time.process_time()
            answer = browser.get(address)
            worked.append((time.process_time() - processor) * 1000)
            spent.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, (address, answer.status_code)
        spent.sort()
        most = spent[min(len(spent) - 1, int(0.95 * len(spent)))]
        told[address] = statistics.median(spent), most, statistics.median(worked)
    return told


def main() -> None:
    """Measure each size."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--visits", default="100000,1000000")
    parser.add_argument("--times", type=int, default=12)
    parser.add_argument("--keep", help="a folder for the instances, which are used again")
    asked = parser.parse_args()
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    told = []
    for number in map(int, asked.visits.split(",")):
        folder = Path(asked.keep or tempfile.mkdtemp(prefix="govdesk-facts-")) / str(number)
        is_there = folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{folder / 'govdesk.sqlite3'}"
        app = create_app(Settings(instance=folder, database_url=url, **KEYS))
        if not is_there:
            fill(app, number)
        seconds, memory = rebuild(folder)
        print(f"{number:,}: rebuilt in {seconds:.0f} s, largest process {memory:.0f} MB", flush=True)
        all_of_it, alone = one_day(app)
        print(f"{number:,}: refresh {all_of_it:.2f} s; one day {alone:.2f} s of processor", flush=True)
        told.append(pages(app, asked.times))
        for address, (middle, most, worked) in told[-1].items():
            print(
                f"  {address:35} p50 {middle:6.0f} ms  p95 {most:6.0f} ms  processor {worked:6.0f} ms",
                flush=True,
            )
        with app.app_context():
            db.engine.dispose()
    for address in told[0]:
        print(f"{address:35} ratio of processor {told[-1][address][2] / told[0][address][2]:.2f}")


if __name__ == "__main__":
    main()
