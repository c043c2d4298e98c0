"""What people were asked before: by every questionnaire, in every wave, and by the question to the silent."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.silent.models import SilentOne
from govdesk.config import settings
from govdesk.feedback.asking import rules
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.asking.rules import Past
from govdesk.feedback.forms.models import Questionnaire
from govdesk.notify.kinds import QUESTIONS
from govdesk.notify.models import OptOut
from govdesk.people import same
from govdesk.people.models import Person

_AT_ONCE = 500


def pasts_of(session: Session, person_ids: Iterable[int]) -> dict[int, Past]:
    """What each of these was asked before; who is known by several rows, under any of them.

    Five statements for each 500 people, and some more where people are known twice.
    """
    wanted = sorted(set(person_ids))
    found: dict[int, Past] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        found |= _some(session, wanted[start : start + _AT_ONCE])
    return found


def past_of(session: Session, person_id: int) -> Past:
    """The same for one."""
    return pasts_of(session, [person_id])[person_id]


def _some(session: Session, wanted: Collection[int]) -> dict[int, Past]:
    heads = same.wholes(session, wanted)
    head_of = _rows(session, {heads.get(one, one) for one in wanted})
    asked: dict[int, dt.date] = {}
    answered: dict[int, dt.date] = {}
    for person_id, asked_on, week in session.execute(_invitations(head_of)):
        _note(asked, head_of, person_id, asked_on)
        _note(answered, head_of, person_id, week and rules.last_day(week))
    zone = settings().default_timezone
    for person_id, asked_at, answered_at in session.execute(_silent(head_of)):
        _note(asked, head_of, person_id, asked_at and clock.local_day(asked_at, zone))
        _note(answered, head_of, person_id, answered_at and clock.local_day(answered_at, zone))
    stops = select(OptOut.person_id).where(OptOut.what == QUESTIONS, OptOut.person_id.in_(head_of))
    stopped = {head_of[row] for row in session.scalars(stops)}
    return {
        one: Past(asked.get(head), answered.get(head), head in stopped)
        for one, head in ((one, heads.get(one, one)) for one in wanted)
    }


def _rows(session: Session, heads: Collection[int]) -> dict[int, int]:
    """Every row by which these people are known, with the one that is meant by it."""
    head_of = {head: head for head in heads}
    fresh = set(heads)
    while fresh:
        query = select(Person.id, Person.same_as_id).where(Person.same_as_id.in_(fresh))
        pointing = {row: head for row, head in session.execute(query) if row not in head_of}
        head_of |= {row: head_of[head] for row, head in pointing.items() if head is not None}
        fresh = set(pointing)
    return head_of


def _invitations(rows: Collection[int]) -> Select[int | None, dt.date | None, dt.date | None]:
    """Where a question reached somebody, and where it was answered; complaints count for nobody."""
    return (
        select(Invitation.person_id, func.max(Invitation.asked_on), func.max(Invitation.answered_week))
        .join(Questionnaire, Questionnaire.id == Invitation.questionnaire_id)
        .where(
            Invitation.person_id.in_(rows),
            Invitation.state != "undeliverable",
            Questionnaire.kind.not_in(rules.EXEMPT),
        )
        .group_by(Invitation.person_id)
    )


def _silent(rows: Collection[int]) -> Select[int, dt.datetime | None, dt.datetime | None]:
    return (
        select(SilentOne.person_id, func.max(SilentOne.asked_at), func.max(SilentOne.answered_at))
        .where(SilentOne.person_id.in_(rows))
        .group_by(SilentOne.person_id)
    )


def _note(
    latest: dict[int, dt.date], head_of: Mapping[int, int], row: int | None, day: dt.date | None
) -> None:
    if row is not None and day is not None:
        head = head_of[row]
        latest[head] = max(day, latest.get(head, day))
