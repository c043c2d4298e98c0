"""Of all processes one runs the jobs; when it dies, another takes over."""

import datetime as dt
import itertools
import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk import clock, scheduler
from govdesk.db import reading, transaction
from govdesk.scheduler import Job, JobLease, JobRun, run_job, take_lease
from tests.makers import MORNING
from tests.processes import Running, environ

WORK = (
    "import datetime as dt, time\n"
    "from govdesk import scheduler\n"
    "from govdesk.app import create_app\n"
    "scheduler.LEASE, scheduler.RENEWED = dt.timedelta(seconds=2), 1\n"
    "worker = scheduler.Worker(create_app(), [scheduler.Job('test.tick', lambda: 'ticked', every=1)], {})\n"
    "worker.start()\n"
    "time.sleep(600)\n"
)


def lease(holder: str) -> bool:
    with transaction() as session:
        return take_lease(session, holder)


def test_the_first_to_ask_leads_until_its_lease_runs_out(app: Flask) -> None:
    with clock.at(MORNING):
        assert lease("first")
        assert not lease("second")
        assert lease("first")
    with clock.at(MORNING + scheduler.LEASE):
        assert not lease("second")
    with clock.at(MORNING + scheduler.LEASE + dt.timedelta(microseconds=1)):
        assert lease("second")
        assert not lease("first")


def test_a_lease_from_a_later_clock_holds_nobody_back(app: Flask) -> None:
    with clock.at(MORNING + dt.timedelta(hours=3)):
        assert lease("first")
    with clock.at(MORNING):  # as in a demo city that wakes where it fell asleep
        assert lease("second")
        assert not lease("third")


def test_who_wins_the_lease_runs_each_job_without_waiting_for_its_turn(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "FIRST_RUN", 0)
    daily = Job("test.daily", lambda: "done for today", every=86400)
    worker = scheduler.Worker(app, [daily], {})
    worker.start()
    try:
        wait_for(lambda: len(results("done for today")))
    finally:
        worker.stop()


def test_the_first_runs_do_not_begin_together(app: Flask) -> None:
    jobs = [Job(f"test.hourly_{number}", lambda: 0, every=3600) for number in range(12)]
    often = Job("test.often", lambda: 0, every=2)
    worker = scheduler.Worker(app, [*jobs, often], {})
    worker.start()
    try:
        begins = sorted(worker.timetable.get_job(job.name).next_run_time for job in jobs)
        first = worker.timetable.get_job(often.name).next_run_time
    finally:
        worker.stop()
    assert all(later - sooner >= dt.timedelta(seconds=1) for sooner, later in itertools.pairwise(begins))
    assert begins[-1] - first < dt.timedelta(minutes=1)


def test_a_job_leaves_a_record_of_its_result(app: Flask, morning: None) -> None:
    assert run_job(Job("test.count", lambda: 7, every=60)) == "7"
    (run,) = scheduler.history(reading())
    assert (run.name, run.result, run.error) == ("test.count", "7", None)
    assert run.started_at == run.ended_at == clock.now()


def test_a_job_that_fails_leaves_a_record_of_its_error(app: Flask) -> None:
    def fail() -> None:
        raise ValueError("no paper")

    with pytest.raises(ValueError, match="no paper"):
        run_job(Job("test.fail", fail, every=60))
    (run,) = scheduler.history(reading())
    assert run.error == "ValueError: no paper"
    assert run.ended_at is not None


def test_a_job_that_runs_all_the_time_leaves_no_record(app: Flask) -> None:
    run_job(Job("test.often", lambda: 1, every=1, is_recorded=False))
    assert scheduler.history(reading()) == []


@pytest.fixture
def workers(app: Flask) -> Iterator[dict[int, Running]]:
    """Two processes that run jobs, with a lease of two seconds."""
    env = environ(app.extensions["govdesk"])
    running = [Running(WORK, env=env) for _ in range(2)]
    yield {process.pid: process for process in running}
    for process in running:
        process.kill()


def test_when_the_leader_is_killed_another_takes_over(workers: dict[int, Running]) -> None:
    first = wait_for(leader)
    wait_for(ticks)
    workers[first].kill()
    second = wait_for(lambda: (now := leader()) != first and now)
    before = ticks()
    wait_for(lambda: ticks() > before)
    assert {first, second} == set(workers)


def leader() -> int:
    reading().rollback()
    held = reading().get(JobLease, "jobs")
    return int(held.holder.split(":")[1]) if held and held.until > clock.now() else 0


def ticks() -> int:
    return len(results("ticked"))


def results(result: str) -> Sequence[JobRun]:
    reading().rollback()
    return reading().scalars(select(JobRun).where(JobRun.result == result)).all()


def wait_for(condition: Callable[[], int]) -> int:
    for _ in range(6000):
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("waited for ten minutes")
