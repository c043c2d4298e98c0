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
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from flask import Flask
from sqlalchemy import select

from govdesk import clock
from govdesk.app import create_app
from govdesk.catalog.models import Branch, PublicService
from govdesk.config import Settings
from govdesk.db import db, snapshot, transaction
from govdesk.kpi.facts import building
from govdesk.kpi.facts import service as facts
from tests.bench.big_office import fill
from tests.conftest import KEYS
from tests.kpi_makers import make_wait
from tests.makers import PASSWORD

DAYS = 3 * 365
AT_ONCE = 20_000
ZONE = "Asia/Riyadh"
DAY, MINUTE, SECOND = dt.timedelta(days=1), dt.timedelta(minutes=1), dt.timedelta(seconds=1)
CAUSES = ("missing_document", "wrong_information", "system_down", "not_ready", "chase")
KEPT_PAGES = (
    "", "/repeat_visit_rate", "/waiting_time", "/service_level", "/abandonment_rate", "/noshow_rate",
    "/time_to_resolution", "/sla_attainment", "/papers_missing", "/complaints_per_thousand",
)  # fmt: skip


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
