"""Pages of heads over few and over very many visits of three years, and what it takes to keep their facts.

For each size an instance of its own is filled with plausible visits, cases, answers and complaints, then:

1. `govdesk kpi rebuild --figures-only` as a user runs it: seconds, seconds of processor, and the greatest
   memory of all its processes together.
2. One more visit on a day of last month, and the refresh that follows; and the processor time that it takes
   to count one day of every family.
3. Pages of figures through the real application, signed in as a head, with the filters that heads use one
   after another, from a store as fresh as the job keeps it: p50 and p95 in milliseconds, and the processor
   time; then the ratio of the largest size to the smallest.

    python tests/bench/bench_facts.py [--visits 100000,1000000] [--times 40] [--keep FOLDER]

"""

import argparse
import datetime as dt
import gc
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

from govdesk import clock, schema
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

ZONE = "Asia/Riyadh"
DAY = dt.timedelta(days=1)
PAGES = (
    "", "/repeats", "/time", "/time/waits", "/time/counters", "/equity", "/comparison", "/quality",
    "/staffing", "/repeat_visit_rate", "/waiting_time", "/service_level", "/abandonment_rate", "/noshow_rate",
    "/abandon_returns", "/time_to_resolution", "/sla_attainment", "/papers_missing", "/visits_avoided",
    "/complaints_per_thousand", "/complaints_in_time", "/csat", "/response_rate",
)  # fmt: skip
FILTERS = ("", "?branch=north", "?service=s3", "?period=52", "?branch=b2&service=s5", "?period=all")
UNFILTERED = {"/staffing"}  # it asks for a day at a branch in its own words
LONGEST = 30  # seconds for all requests of a page: one that is so slow is known well enough


def rebuild(folder: Path) -> tuple[float, float, float]:
    """Seconds, seconds of processor, and the greatest megabytes of all processes of a rebuild."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | {"GOVDESK_INSTANCE": str(folder), "PYTHONPATH": str(ROOT)}
    for name, value in KEYS.items():
        environment[f"GOVDESK_{name.upper()}"] = value
    script = folder / "rebuild.py"
    script.write_text("from govdesk.cli import main\n\nif __name__ == '__main__':\n    main()\n")
    words = [sys.executable, str(script), "kpi", "rebuild", "--figures-only"]
    most = 0.0
    with subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL) as running:
        while running.poll() is None:
            most = max(most, _megabytes(running.pid))
            time.sleep(0.2)
        assert running.returncode == 0, running.returncode
    spent = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, processor, most


def _megabytes(process: int | str) -> float:
    """What a process and all that it has begun hold in memory."""
    own = Path(f"/proc/{process}")
    try:
        pages = int((own / "statm").read_text().split()[1])
        begun = (own / f"task/{process}/children").read_text().split()
    except FileNotFoundError:
        return 0.0
    return pages * resource.getpagesize() / 1e6 + sum(map(_megabytes, begun))


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
            for _family, _cells in building.count_together(
                session, question, {family: [day] for family in facts.NAMED.values()}
            ):
                pass
        return all_of_it, time.process_time() - began


def pages(app: Flask, times: int) -> dict[str, tuple[float, ...]]:
    """The p50 and p95 of each page, and those of its processor time, in milliseconds."""
    browser = app.test_client()
    found = browser.get("/staff/sign-in")
    token = found.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    answer = browser.post(
        "/staff/sign-in", data={"csrf_token": token, "username": "chief", "password": PASSWORD}
    )
    assert answer.status_code == 302, answer.status_code
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)  # as a process of the server settles
    told: dict[str, tuple[float, ...]] = {}
    for page in PAGES:
        with app.app_context():
            facts.run_refresh()
        spent, worked, begin = [], [], time.perf_counter()
        for number in range(times):
            asked = "" if page in UNFILTERED else FILTERS[number % len(FILTERS)]
            address = f"/figures{page}{asked}"
            began, processor = time.perf_counter(), time.process_time()
            answer = browser.get(address)
            worked.append((time.process_time() - processor) * 1000)
            spent.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, (address, answer.status_code)
            if time.perf_counter() - begin > LONGEST:
                break
        spent.sort()
        worked.sort()
        most = spent[min(len(spent) - 1, int(0.95 * len(spent)))]
        told[f"/figures{page}"] = (
            statistics.median(spent), most, statistics.median(worked),
            worked[min(len(worked) - 1, int(0.95 * len(worked)))],
        )  # fmt: skip
    return told


def main() -> None:
    """Measure each size."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--visits", default="100000,1000000")
    parser.add_argument("--times", type=int, default=40)
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
        with app.app_context():
            schema.upgrade()
        print(f"load {os.getloadavg()[0]:.1f}")
        spent, processor, memory = rebuild(folder)
        print(
            f"{number:,}: rebuilt in {spent:.0f} s, {processor:.0f} s of processor; all processes"
            f" {memory:.0f} MB",
            flush=True,
        )
        all_of_it, alone = one_day(app)
        print(f"{number:,}: refresh {all_of_it:.2f} s; one day {alone:.2f} s of processor", flush=True)
        told.append(pages(app, asked.times))
        for address, (middle, most, worked, hardest) in told[-1].items():
            print(
                f"  {address:35} p50 {middle:6.0f} ms  p95 {most:6.0f} ms"
                f"  processor {worked:6.0f} and {hardest:6.0f} ms",
                flush=True,
            )
        with app.app_context():
            db.engine.dispose()
    for address in told[0]:
        print(f"{address:35} ratio of processor {told[-1][address][2] / told[0][address][2]:.2f}")


if __name__ == "__main__":
    main()
