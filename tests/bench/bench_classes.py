"""Classes of 1,000,000 visits from nothing, and the cost of one visit more with few and with many before it.

Makes the visits of an office over five years: 300,000 people, services of common families, objects, case
numbers, transfers (some between people), overlaps, plans, no-shows, a few visitors of nobody known; a part of
them made here, with their cases. Then:

1. `govdesk kpi rebuild` as a user runs it, with no class known, and again with all of them right: seconds
   and the memory of all its processes together at their peak. Wrong above 60 seconds or 1 GB.
2. A visit more, told by its ticket and judged, in turn with 1,000 and with all past visits: calls of
   functions, statements and processor time. Wrong above a ratio of 1.3.
3. `govdesk kpi rebuild` again: what was judged one by one must stand.

    python tests/bench/bench_classes.py [--visits 1000000] [--live 0.2] [--database postgresql://…]
"""

import argparse
import contextlib
import cProfile
import datetime as dt
import os
import pstats
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from flask import Flask
from sqlalchemy import event, func, insert, select, text, update

from govdesk import chance, clock, schema
from govdesk.app import create_app
from govdesk.cases import service
from govdesk.cases.models import Case, Visit
from govdesk.cases.records import RESULTS, in_parts, table_of
from govdesk.catalog.models import Branch, PublicService
from govdesk.config import Settings
from govdesk.db import db, reading, transaction
from govdesk.people.models import Person
from tests import databases
from tests.conftest import KEYS
from tests.makers import MORNING, make_cast, make_service, make_ticket

FEW = 1_000
MOST_SECONDS, MOST_MEMORY, MOST_RATIO = 60.0, 1000.0, 1.3
SINCE = MORNING - dt.timedelta(days=5 * 365)
MINUTES = 5 * 364 * 24 * 60
AT_ONCE = 20_000
SETTLED = 20
STATUSES = ("served",) * 14 + ("turned_away", "no_show", "abandoned", "cancelled", "closed_unserved")
REASONS = (None,) * 12 + ("chase", "missing_document", "recall")
WITHOUT = dict.fromkeys(RESULTS) | {"class_name": "", "is_excluded": False}


@dataclass
class Office:
    """An instance with its past."""

    app: Flask
    folder: Path
    visits: int
    branch_id: int = 0
    service_ids: list[int] = field(default_factory=list)
    families: list[str] = field(default_factory=list)
    people: int = 0
    told: int = 0
    _last: dict[str, Any] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)

    def fill(self, share_live: float) -> None:
        """Make its past in a few large statements."""
        draw = chance.seeded(("office",))
        began = time.perf_counter()
        with self.app.app_context(), clock.at(MORNING):
            schema.upgrade()
            with transaction() as session:
                cast = make_cast(session)
                services = [
                    make_service(session, f"b{number}", department=cast.civil, branches=(cast.north,))
                    for number in range(8)
                ]
                for number, one in enumerate(services):
                    one.family = f"need {number // 2}"
                services[5].policies[0].cycle_days = 30
                session.flush()
                self.branch_id = cast.north.id
                self.service_ids = [one.id for one in services]
                self.families = [one.family for one in services]
                self.people = max(self.visits * 3 // 10, 10)
                first = (session.scalar(select(func.max(Person.id))) or 0) + 1
                for some in in_parts(range(first, first + self.people), AT_ONCE):
                    session.execute(insert(table_of(Person)), [person(number) for number in some])
                for some in in_parts(range(self.visits), AT_ONCE):
                    rows = [self._row(draw, number, first, share_live) for number in some]
                    session.execute(insert(table_of(Visit)), rows)
                if db.engine.dialect.name == "postgresql":  # the numbers were given, not drawn
                    session.execute(text("SELECT setval('person_id_seq', (SELECT max(id) FROM person))"))
        print(f"{self.visits:,} visits made in {time.perf_counter() - began:.0f} s", flush=True)

    def _row(self, draw: Any, number: int, first: int, share_live: float) -> dict[str, Any]:
        kind, which = draw.random(), draw.randrange(8)
        start = SINCE + dt.timedelta(minutes=draw.randrange(MINUTES))
        end = start + dt.timedelta(minutes=draw.randrange(5, 40))
        if kind < 0.03 and number:  # passed on, nearly always for the same person
            start, end = self._last["ended_at"], self._last["ended_at"] + dt.timedelta(minutes=10)
        is_passed_on = kind < 0.03 and number > 0
        person_id: int | None = first + draw.randrange(self.people)
        if is_passed_on and draw.random() < 0.95:
            person_id = self._last["person_id"]
        elif kind > 0.98:
            person_id = None
        is_planned = 0.1 < kind < 0.15
        is_live = self._last["source"] == "live" if is_passed_on else draw.random() < share_live
        self._last = {
            "source": "live" if is_live else "import", "visit_no": str(10_000_000 + number),
            "person_id": person_id,
            "service_id": self.service_ids[which], "branch_id": self.branch_id,
            "family": self.families[which], "object_ref": f"car{which}" if kind > 0.7 else None,
            "case_no": f"c{number // 3}" if kind < 0.2 else None, "unit": f"north/{which % 3}",
            "channel": "walk_in", "status": STATUSES[number % len(STATUSES)],
            "direction": "outbound" if 0.2 < kind < 0.22 else "inbound",
            "reason": REASONS[number % len(REASONS)], "outcome": "resolved",
            "cause": "missing_document" if number % 11 == 0 else None,
            "arrived_at": start, "started_at": start,
            "served_at": start + dt.timedelta(minutes=3), "ended_at": end,
            "started_on": clock.local_day(start, "Asia/Riyadh"),
            "ended_on": clock.local_day(end, "Asia/Riyadh"),
            "transfer_of": self._last["visit_no"] if is_passed_on else None,
            "plan_made_at": start - dt.timedelta(days=10) if is_planned else None,
            "plan_due": (start - dt.timedelta(days=1)).date() if is_planned else None,
            "plan_reason": "instalment" if is_planned else None,
            "is_set_aside": False, "class_name": "", "is_excluded": False,
        }  # fmt: skip
        return self._last

    def forget(self) -> None:
        """Let no class be known."""
        with self.app.app_context(), transaction() as session:
            session.execute(update(table_of(Visit)).values(WITHOUT))

    def rebuild(self, name: str) -> tuple[float, float]:
        """Run the command as a user does; its seconds, and the MB of all its processes at their peak."""
        with self.app.app_context():
            reading().rollback()
            db.engine.dispose()
        settings = self.app.extensions["govdesk"]
        env = {**os.environ, "PYTHONPATH": str(ROOT), "GOVDESK_INSTANCE": str(settings.instance)}
        env["GOVDESK_DATABASE_URL"] = settings.database_url
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        command = [str(Path(sys.executable).with_name("govdesk")), "kpi", "rebuild"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=env, cwd=ROOT, text=True) as running:
            peak = Peak(running.pid)
            peak.start()
            said = running.communicate()[0].strip()
            peak.is_over.set()
            peak.join()
        seconds = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if running.returncode:
            sys.exit(f"{name}: the command failed with {running.returncode}")
        print(
            f"{name}: {said}; {seconds:.1f} s, {processor:.1f} s of processor time, "
            f"{peak.most:.0f} MB at the peak, load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        return seconds, peak.most

    def add(self) -> None:
        """Tell of one more ticket that ended, as the outbox does, for a person who has been here before."""
        self.told += 1
        with self.app.app_context(), clock.at(MORNING):
            with transaction() as session:
                known = select(Visit.person_id).where(Visit.id == 1 + self.told * 37 % self.visits)
                branch = session.get_one(Branch, self.branch_id)
                wanted = session.get_one(PublicService, self.service_ids[self.told % 8])
                ticket = make_ticket(
                    session, branch=branch, service=wanted,
                    person_id=session.scalar(known), state="served", started_at=MORNING,
                    ended_at=MORNING + dt.timedelta(minutes=10), outcome="resolved",
                )  # fmt: skip
                payload = {"ticket_id": ticket.id}
            statements = 0

            def count(*_: object) -> None:
                nonlocal statements
                statements += 1

            event.listen(db.engine, "before_cursor_execute", count)
            profile = cProfile.Profile() if self.told % 4 == 0 else None
            began = time.process_time()
            with profile or contextlib.nullcontext(), transaction() as session:
                service.record_ticket(session, payload)
            spent = time.process_time() - began
            event.remove(db.engine, "before_cursor_execute", count)
        self.statements.append(statements)
        if profile is None:
            self.seconds.append(spent)
        else:
            self.calls.append(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


class Peak(threading.Thread):
    """Watches the memory of a process and its children, shared pages counted once (Pss)."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.most, self.is_over = pid, 0.0, threading.Event()

    def run(self) -> None:
        """Look ten times a second."""
        while not self.is_over.wait(0.1):
            self.most = max(self.most, sum(memory(pid) for pid in family(self.pid)))


def family(pid: int) -> Iterator[int]:
    """A process and all that it started."""
    yield pid
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from family(int(child))


def memory(pid: int) -> float:
    """Its memory in MB, without the pages of files that the system may take back."""
    with contextlib.suppress(OSError):
        told = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
        )
        return (int(told["Pss_Anon"].split()[0]) + int(told["Pss_Shmem"].split()[0])) / 1024
    return 0.0


def person(number: int) -> dict[str, Any]:
    """A person of the past."""
    return {
        "id": number, "pseudonym": f"p{number}", "kind": "citizen", "certainty": "imported",
        "created_at": SINCE,
    }  # fmt: skip


def open_office(folder: Path, visits: int, share_live: float, url: str | None) -> Office:
    """An instance of its own with so many past visits, all judged."""
    folder.mkdir()
    address = url or f"sqlite:///{folder / 'desk.sqlite3'}"
    office = Office(
        create_app(Settings(instance=folder, database_url=address, jobs=False, **KEYS)), folder, visits
    )
    office.fill(share_live)
    return office


def compare(few: Office, many: Office, times: int) -> float:
    """Add in turn; prints what one costs in both, and gives the greatest ratio."""
    for number in range(times + SETTLED):
        for office in (few, many) if number % 2 else (many, few):
            office.add()
    ratios: list[float] = []
    for name, unit, of in (("calls", "", 1), ("statements", "", 1), ("seconds", " ms", 1000)):
        one, other = (statistics.median(getattr(office, name)[SETTLED // 4 :]) * of for office in (few, many))
        ratios.append(other / one)
        what = "processor time" if name == "seconds" else name
        print(
            f"one visit more, {what}: {one:.5g}{unit} with {few.visits:,} before it, {other:.5g}{unit} with "
            f"{many.visits:,}, ratio {other / one:.3f}"
        )
    return max(ratios)


def main() -> int:
    """Fill, rebuild, add, rebuild."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--visits", type=int, default=1_000_000)
    parser.add_argument("--live", type=float, default=0.2, help="the share of visits made here, with cases")
    parser.add_argument("--more", type=int, default=200, help="how many visits to add")
    parser.add_argument("--postgresql", action="store_true", help="on a server that this starts")
    wanted = parser.parse_args()
    wrong = []
    with contextlib.ExitStack() as stack:
        room = stack.enter_context(tempfile.TemporaryDirectory())
        urls: list[str | None] = [None, None]
        if wanted.postgresql:
            server = databases.PostgresServer()
            os.environ[databases.SERVER] = server.start()
            stack.callback(server.stop)
            urls = [databases.create(f"office{number}") for number in range(2)]
        few, many = (
            open_office(Path(room) / str(visits), visits, wanted.live, url)
            for visits, url in zip((FEW, wanted.visits), urls, strict=True)
        )
        few.rebuild("few, from nothing")
        if wanted.live:
            many.rebuild("classes and all cases from nothing (cases one by one)")
            many.forget()
        for name in ("classes from nothing", "all right already"):
            seconds, peak = many.rebuild(name)
            if seconds > MOST_SECONDS or peak > MOST_MEMORY:
                wrong.append(name)
        if compare(few, many, wanted.more) > MOST_RATIO:
            wrong.append("one visit more")
        many.rebuild("after the visits told one by one")
        with many.app.app_context():
            cases = reading().scalar(select(func.count()).select_from(Case))
            print(f"{cases:,} cases")
            db.engine.dispose()
    if wrong:
        print(f"WRONG: {', '.join(wrong)}", file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
