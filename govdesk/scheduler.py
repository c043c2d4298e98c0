"""Jobs: what runs by the clock, in one process at a time, and what came of it.

Every process that may run jobs asks for the lease; only its holder runs them. APScheduler keeps the timetable
in memory: a job store shared by two schedulers runs jobs twice.
"""

import datetime as dt
import logging
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from govdesk import chance, clock, outbox
from govdesk.db import Base, transaction

LEASE = dt.timedelta(seconds=15)
RENEWED = 5  # seconds
KEPT = dt.timedelta(days=90)
FIRST_RUN = 10  # seconds from winning the lease to the first job that has not had its turn by then
APART = 1  # seconds between the first runs of two jobs
log = logging.getLogger("govdesk.jobs")
logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)  # a turn left out while the last one lasts


class JobLease(Base):
    """Who runs the jobs, and until when."""

    __tablename__ = "job_lease"
    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[dt.datetime]


class JobRun(Base):
    """One run of a job: when, how long, with what result or error."""

    __tablename__ = "job_run"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    started_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    result: Mapped[str | None]
    error: Mapped[str | None]


@dataclass(frozen=True, slots=True)
class Job:
    """A job by name: what it does in its own transactions, and every how many seconds."""

    name: str
    run: Callable[[], Any]
    every: int
    is_recorded: bool = True  # what runs every second leaves no history


def take_lease(session: Session, holder: str) -> bool:
    """Take or renew the right to run jobs: one conditional update decides; a lease that ran out is free.

    So is one that reaches farther than any lease can: its holder lived by a clock that has been set back.
    """
    now = clock.now()
    is_free = (JobLease.until < now) | (JobLease.until > now + 2 * LEASE)
    if session.get(JobLease, "jobs") is None:
        session.add(JobLease(name="jobs", holder=holder, until=now + LEASE))
        session.flush()
        return True
    taken = session.execute(
        update(JobLease)
        .where(JobLease.name == "jobs", (JobLease.holder == holder) | is_free)
        .values(holder=holder, until=now + LEASE)
        .returning(JobLease.name)
    ).first()
    return taken is not None


def run_job(job: Job) -> str:
    """Run a job now and write down what came of it; its result as text. Errors are noted and raised again."""
    if not job.is_recorded:
        return str(job.run())
    with transaction() as session:
        run = JobRun(name=job.name, started_at=clock.now())
        session.add(run)
        session.flush()
        run_id = run.id
    try:
        result, error = str(job.run()), None
    except Exception as failure:
        with transaction() as session:
            run = session.get_one(JobRun, run_id)
            run.ended_at, run.error = clock.now(), f"{type(failure).__name__}: {failure}"[:500]
        raise
    with transaction() as session:
        run = session.get_one(JobRun, run_id)
        run.ended_at, run.result, run.error = clock.now(), result[:500], error
    return result


def history(session: Session, limit: int = 50) -> Sequence[JobRun]:
    """The last runs, newest first."""
    return session.scalars(select(JobRun).order_by(JobRun.id.desc()).limit(limit)).all()


def forget_old(session: Session) -> int:
    """Remove runs that began long ago; how many."""
    old = delete(JobRun).where(JobRun.started_at < clock.now() - KEPT).returning(JobRun.id)
    return len(session.execute(old).all())


class Worker:
    """Runs the timetable and the outbox in threads of this process, while it holds the lease."""

    def __init__(
        self, app: Flask, jobs: Sequence[Job], handlers: Mapping[str, Sequence[outbox.Handler]]
    ) -> None:
        self.app, self.jobs, self.handlers = app, jobs, handlers
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{chance.code(4)}"
        self.leads = False
        self.timetable = BackgroundScheduler(
            timezone=dt.UTC, job_defaults={"coalesce": True, "max_instances": 1}
        )

    def start(self) -> None:
        """Begin; returns at once."""
        self.timetable.add_job(self._renew, "interval", seconds=RENEWED, id="lease")
        self.timetable.add_job(self._deliver, "interval", seconds=1, id="outbox")
        for job in self.jobs:
            self.timetable.add_job(
                self._run,
                "interval",
                seconds=job.every,
                id=job.name,
                args=[job],
                misfire_grace_time=job.every,
            )
        self.timetable.start(paused=True)
        self._renew()
        self.timetable.resume()

    def stop(self) -> None:
        """End after the running jobs; the lease is given back."""
        self.timetable.shutdown(wait=True)
        with self.app.app_context(), transaction() as session:
            session.execute(update(JobLease).where(JobLease.holder == self.holder).values(until=clock.now()))

    def _renew(self) -> None:
        has_led = self.leads
        with self.app.app_context():
            try:
                with transaction() as session:
                    self.leads = take_lease(session, self.holder)
            except Exception:
                self.leads = False
                log.exception("the lease could not be renewed")
        if self.leads and not has_led:
            self._run_all_soon()

    def _run_all_soon(self) -> None:
        """Run each job now: a night may have passed, and no process need live until a daily one's turn.

        One after another, which keeps their later turns apart too: all at once they would hold up the pages.
        """
        now = clock.world()
        for place, job in enumerate(sorted(self.jobs, key=lambda job: job.every)):
            soon = min(FIRST_RUN + place * APART, job.every)
            self.timetable.modify_job(job.name, next_run_time=now + dt.timedelta(seconds=soon))

    def _deliver(self) -> None:
        if self.leads:
            with self.app.app_context():
                outbox.deliver_due(self.handlers)

    def _run(self, job: Job) -> None:
        if self.leads:
            with self.app.app_context():
                try:
                    run_job(job)
                except Exception:
                    log.exception("job %s failed", job.name)
