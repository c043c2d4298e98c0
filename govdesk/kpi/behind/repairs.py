"""Lists of what has to be made good: complaints, tasks of recovery, members of recalls, obstacles."""

import datetime as dt
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.obstacles.models import Obstacle, ObstacleEvent, ObstacleLink
from govdesk.cases.obstacles.rules import open_at
from govdesk.cases.recall.models import Recall, RecallMember, RecallStep
from govdesk.cases.recall.rules import Act, standing
from govdesk.cases.recovery.models import Recovery
from govdesk.catalog.models import PublicService
from govdesk.feedback.complaints.models import Complaint, ComplaintRound
from govdesk.feedback.complaints.rules import WITHDRAWN, is_in_time
from govdesk.kpi.behind.lines import Line, Source, line
from govdesk.kpi.complaining import BY_WORD
from govdesk.kpi.obstacles import COUNTED
from govdesk.kpi.question import Question, Scope


def complaints(_session: Session, question: Question) -> Source:
    """The complaints received in the period."""
    query = select(
        Complaint.id, Complaint.received_at, Complaint.service_id, Complaint.branch_id, Complaint.person_id,
        Complaint.about,
    ).where(
        *question.known(Complaint.received_at),
        *question.scope.conditions(Complaint),
    )  # fmt: skip

    def judge(row: Any, asked: Question) -> Line | None:
        if not _is_in(asked, row):
            return None
        return line(row, "complaint", about=row[5], subject=("complaint", row[0]))

    return query, Complaint.id.expression, judge


def rounds(_session: Session, question: Question) -> Source:
    """Rounds of complaints that were answered after their deadline, or are overdue."""
    query = (
        select(
            ComplaintRound.id, ComplaintRound.begun_at, Complaint.service_id, Complaint.branch_id,
            Complaint.person_id, ComplaintRound.answer_due_at, ComplaintRound.answered_at, Complaint.state,
            Complaint.id,
        )
        .join(Complaint, Complaint.id == ComplaintRound.complaint_id)
        .where(
            *question.known(ComplaintRound.begun_at),
            *question.scope.conditions(Complaint),
        )
    )  # fmt: skip

    def judge(row: Any, asked: Question) -> Line | None:
        due_at, answered_at, state, complaint_id = row[5:]
        if not _is_in(asked, row) or (state == WITHDRAWN and answered_at is None):
            return None
        if is_in_time(due_at, answered_at, asked.as_of) is not False:
            return None
        why, length = _lateness(due_at, answered_at, asked.as_of)
        return line(row, f"answer_{why}", length=length, subject=("complaint", complaint_id))

    return query, ComplaintRound.id.expression, judge


def recoveries(_session: Session, question: Question) -> Source:
    """Tasks that the person's word did not close by their first deadline."""
    query = select(
        Recovery.id, Recovery.opened_at, Recovery.service_id, Recovery.branch_id, Recovery.person_id,
        Recovery.first_due_at, Recovery.closed_at, Recovery.closed_by,
    ).where(
        *question.known(Recovery.opened_at),
        *question.scope.conditions(Recovery),
    )  # fmt: skip

    def judge(row: Any, asked: Question) -> Line | None:
        due_at, closed_at, closed_by = row[5:]
        is_closed = closed_at is not None and closed_at <= asked.as_of
        if not _is_in(asked, row) or (is_closed and closed_by == "forgotten"):
            return None
        own = ("recovery", row[0])
        if is_closed and closed_by not in BY_WORD:
            return line(row, "recovery_unreached", subject=own)
        if is_in_time(due_at, closed_at, asked.as_of) is not False:
            return None
        why, length = _lateness(due_at, closed_at, asked.as_of)
        return line(row, f"recovery_{why}", length=length, subject=own)

    return query, Recovery.id.expression, judge


def uncovered(session: Session, question: Question) -> Source:
    """Members of recalls who were not reached, or for whom it was not made good, by their history."""
    query = (
        select(
            RecallMember.id, Recall.started_at, RecallMember.service_id, RecallMember.branch_id,
            RecallMember.person_id,
        )
        .join(Recall, Recall.id == RecallMember.recall_id)
        .where(
            *question.known(Recall.started_at),
            *question.scope.conditions(RecallMember),
        )
    )  # fmt: skip
    columns = RecallStep.kind, RecallStep.at, RecallStep.is_reached

    def judge(row: Any, asked: Question) -> Line | None:
        if not _is_in(asked, row):
            return None
        steps = select(*columns).where(RecallStep.member_id == row[0])
        acts = [Act(*one) for one in session.execute(steps.order_by(RecallStep.at, RecallStep.id))]
        stood = standing(acts, asked.as_of)
        if stood.is_covered:
            return None
        why = "reached" if stood.end is None and stood.is_reached else stood.end or "waiting"
        return line(row, f"recall_{why}", subject=("member", row[0]))

    return query, RecallMember.id.expression, judge


def obstacles(session: Session, question: Question) -> Source:
    """Obstacles that were open at the end of the period, by their history."""
    query = select(
        Obstacle.id, Obstacle.raised_at, Obstacle.branch_id, Obstacle.department_id, Obstacle.category
    )
    scope = question.scope
    if scope.branch_id is not None:
        query = query.where(Obstacle.branch_id == scope.branch_id)
    if scope.service_id is not None:
        code = select(PublicService.code).where(PublicService.id == scope.service_id).scalar_subquery()
        linked = exists().where(
            ObstacleLink.obstacle_id == Obstacle.id, ObstacleLink.kind == "service", ObstacleLink.code == code
        )
        query = query.where(linked.correlate(Obstacle))
    moment = _end_of_period(question)
    columns = ObstacleEvent.at, ObstacleEvent.kind

    def judge(row: Any, asked: Question) -> Line | None:
        number, _at, branch_id, department_id, category = row
        if not _sees(asked.scope, branch_id, department_id):
            return None
        events = select(*columns).where(
            ObstacleEvent.obstacle_id == number,
            ObstacleEvent.kind.in_(COUNTED),
            ObstacleEvent.at <= asked.as_of,
        )
        history = session.execute(events.order_by(ObstacleEvent.at, ObstacleEvent.id))
        since = open_at([(at, kind) for at, kind in history], moment)
        if since is None:
            return None
        own = (number, since, None, branch_id, None)
        return line(own, "obstacle", length=moment - since, about=category, subject=("obstacle", number))

    return query, Obstacle.id.expression, judge


def _is_in(question: Question, row: Any) -> bool:
    """Whether the moment of a row lies on a day of the period, at its branch."""
    return question.has(clock.local_day(row[1], question.places.zone(row[3])))


def _lateness(due_at: dt.datetime, done_at: dt.datetime | None, now: dt.datetime) -> tuple[str, dt.timedelta]:
    """Whether it was done too late or is overdue still, and by how much."""
    if done_at is not None and done_at <= now:
        return "late", done_at - due_at
    return "overdue", now - due_at


def _sees(scope: Scope, branch_id: int | None, department_id: int | None) -> bool:
    """Whether an obstacle is seen: of a branch and a department; what names no department, in each."""
    return scope.places is None or any(
        branch in (None, branch_id) and (department is None or department_id in (None, department))
        for branch, department in scope.places
    )


def _end_of_period(question: Question) -> dt.datetime:
    """The end of its last day, no later than what is known."""
    today = question.as_of.astimezone(question.places.default_zone).date()
    if question.to_day is None or question.to_day >= today:
        return question.as_of
    _, end = clock.day_bounds(question.to_day, question.places.default_zone)
    return end
