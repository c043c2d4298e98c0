"""What nobody will ask for again goes; what still waits, runs or is signed in stays."""

import datetime as dt

import pytest
from sqlalchemy import select, update

from govdesk import clock, outbox, wiring
from govdesk.db import Base, reading, transaction
from govdesk.outbox import OutboxEvent
from govdesk.people import sign_in
from govdesk.people.models import StaffSession
from govdesk.scheduler import Job, JobRun, run_job
from tests.makers import MORNING, PASSWORD, Cast

SECOND = dt.timedelta(seconds=1)
FORGET = next(job for job in wiring.JOBS if job.name == "kernel.forget_old")


def left_of(model: type[Base], later: dt.timedelta) -> int:
    """Forget what is old so much later; how many rows of a table are left."""
    with clock.at(MORNING + later):
        FORGET.run()
    reading().rollback()
    return len(reading().scalars(select(model)).all())


def test_a_delivered_event_is_kept_for_thirty_days_and_a_waiting_one_for_ever(cast: Cast) -> None:
    with transaction() as session:
        for number in range(2):
            outbox.emit(session, "test.happened", n=number)
        session.flush()
        first = session.scalars(select(OutboxEvent.id).order_by(OutboxEvent.id)).first()
        session.execute(update(OutboxEvent).where(OutboxEvent.id == first).values(delivered_at=MORNING))
    assert left_of(OutboxEvent, dt.timedelta(days=30)) == 2
    assert left_of(OutboxEvent, dt.timedelta(days=30) + SECOND) == 1
    assert left_of(OutboxEvent, dt.timedelta(days=3000)) == 1


def test_a_run_of_a_job_is_kept_for_ninety_days(cast: Cast) -> None:
    run_job(Job("test.job", lambda: "done", every=1))
    assert left_of(JobRun, dt.timedelta(days=90)) == 1
    assert left_of(JobRun, dt.timedelta(days=90) + SECOND) == 0


@pytest.mark.parametrize(("is_ended", "ends"), [(True, dt.timedelta()), (False, dt.timedelta(hours=10))])
def test_a_sign_in_is_kept_for_ninety_days_after_its_end(
    cast: Cast, *, is_ended: bool, ends: dt.timedelta
) -> None:
    with transaction() as session:
        omar, token = sign_in.sign_in(session, username="omar", password=PASSWORD)
        if is_ended:
            sign_in.sign_out(session, actor=omar.actor, token=token)
    assert left_of(StaffSession, ends + dt.timedelta(days=90)) == 1
    assert left_of(StaffSession, ends + dt.timedelta(days=90) + SECOND) == 0
