"""Complaints on record are those of the branch's own days, however its clock differs from the server's."""

import datetime as dt

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.feedback.complaints import service as complaints
from govdesk.kpi import service, survey
from tests.makers import SUNDAY, Cast, moment

DAY = dt.timedelta(days=1)


def on_record(from_day: dt.date, to_day: dt.date) -> int | None:
    reading().rollback()
    question = service.ask(
        reading(), from_day=from_day, to_day=to_day, as_of=moment("12:00", SUNDAY + 9 * DAY)
    )
    told = survey.Together(edge=2)
    told.pairs["complained"][1, 1] = 1  # somebody in the sample is dissatisfied and complained
    found = survey.unheard(reading(), question, told, "complained")
    return None if found is None else found.complained


def test_a_complaint_late_at_night_belongs_to_the_day_of_its_branch(cast: Cast) -> None:
    second = dt.timedelta(seconds=1)
    for branch_id, zone in ((cast.north.id, "Asia/Riyadh"), (cast.harbour.id, "Pacific/Auckland")):
        with transaction() as session:
            session.get_one(Branch, branch_id).timezone = zone
        begins = clock.day_bounds(SUNDAY, zone)[0]
        for at in (begins - second, begins, begins + DAY - second, begins + DAY):
            complain(branch_id, at)
    assert on_record(SUNDAY, SUNDAY) == 4
    assert on_record(SUNDAY - DAY, SUNDAY - DAY) == 2
    assert on_record(SUNDAY - DAY, SUNDAY + DAY) == 8


def complain(branch_id: int, at: dt.datetime) -> None:
    with clock.at(at), transaction() as session:
        complaints.complain(
            session, actor=VISITOR, about="wait", words="x", channel="web", language="ar",
            branch=session.get_one(Branch, branch_id),
        )  # fmt: skip
