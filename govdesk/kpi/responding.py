"""Who was asked and who answered: the ground on which every answer is read (KPI.md §5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, func, select
from sqlalchemy.orm import Session

from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.forms.models import Questionnaire
from govdesk.kpi.answers import during
from govdesk.kpi.columns import Columns
from govdesk.kpi.figures import share
from govdesk.kpi.gathering import Gathering
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.inviting import OF_ANY, UNDER_WAY
from govdesk.kpi.question import Question


@dataclass(slots=True)
class Tally:
    """Invitations of a group."""

    invited: int = 0
    undeliverable: int = 0
    answered: int = 0
    under_way: int = 0
    spared: int = 0  # not asked: lately asked, no address, no questions wanted


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Give the invitations about ends (or of waves) of the weeks that begin in a period."""
    return [columns.tallies(Tally) for columns in gather(session, question, bys)]


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count them."""
    grouping = Grouping(bys, question.places, has_weeks=True)
    rows = Gathering(grouping)
    today = question.today(None)
    was_asked = Invitation.asked_on.is_not(None) & (Invitation.asked_on <= today)
    has_answered = was_asked & Invitation.answered_week.is_not(None) & (Invitation.answered_week <= today)
    flags = {
        "invited": was_asked,
        "undeliverable": was_asked & (Invitation.state == "undeliverable"),
        "answered": has_answered,
        "under_way": was_asked & Invitation.state.in_(UNDER_WAY),
        "spared": Invitation.state == "spared",
    }
    code = (
        select(Questionnaire.code)
        .where(Questionnaire.id == Invitation.questionnaire_id)
        .correlate(Invitation)
        .scalar_subquery()
    )
    instead: dict[str, ColumnElement[Any]] = {
        "kind": Invitation.person_kind.expression,
        "language": Invitation.language.expression,
        "wave": cast(Invitation.wave_id, String),
        "questionnaire": code,
    }
    labelled = [case((condition, 1), else_=0).label(name) for name, condition in flags.items()]
    inner = (
        grouping.select(select(Invitation.week, *labelled), Invitation, **instead)
        .where(
            OF_ANY,
            *during(question, Invitation.week),
            *question.scope.conditions(Invitation),
        )
        .subquery()
    )
    counted = select(*inner.c, func.count()).group_by(*inner.c)
    for week, *rest in session.execute(counted.execution_options(yield_per=2000)):
        marks, values, count = rest[: len(flags)], rest[len(flags) : -1], rest[-1]
        rows.row(values, week)
        for name, is_set in zip(flags, marks, strict=True):
            rows.add(name, count * is_set)
    return rows.columns()


def response_rate(one: Tally, _question: Question) -> dict[str, Any]:
    """Answered, of all who were asked and reached; those who may still answer are in it, and told."""
    reached = one.invited - one.undeliverable
    return {
        **share(min(one.answered, reached), reached),
        "open": one.under_way,
        "excluded": one.undeliverable,
        "detail": {"invited": one.invited, "undeliverable": one.undeliverable, "spared": one.spared},
    }
