"""Those who serve are asked too: in the last days of each month, once each; they find it among their work."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from govdesk import chance, clock
from govdesk.actor import Actor
from govdesk.config import settings
from govdesk.db import reading, transaction
from govdesk.errors import NotFoundError
from govdesk.feedback.asking import rules, service
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.forms import service as forms
from govdesk.feedback.forms.models import Questionnaire, QuestionnaireVersion
from govdesk.people.models import Staff

KIND = "staff"  # of the questionnaires, and the occasion of their invitations
ROLES = ("officer", "reception", "supervisor", "head")  # who serves, and who answers for it
AT_ONCE = 50  # of staff, in a transaction


@dataclass(frozen=True, slots=True)
class Mine:
    """What one of staff is asked this month, and whether they have answered."""

    invitation: Invitation
    is_answered: bool

    @property
    def last_on(self) -> dt.date:
        """The last day on which it may be answered."""
        before = self.invitation.closes_at - dt.timedelta(seconds=1)
        return clock.local_day(before, settings().default_timezone)


def run_ask() -> str:
    """The job: in the last days of a month ask everyone who serves, once each; how many were asked anew."""
    month, until = _period()
    if not rules.is_staff_asked(_today()):
        return "0 asked"
    active = list(reading().scalars(select(Staff.id).where(Staff.is_active).order_by(Staff.id)))
    reading().rollback()
    count = 0
    for start in range(0, len(active), AT_ONCE):
        with transaction(patient=True) as session:
            count += ask(session, active[start : start + AT_ONCE], month, until)
    return f"{count} asked"


def ask(session: Session, staff_ids: Sequence[int], month: str, until: dt.datetime) -> int:
    """Ask these of staff what is published for them, until a moment; how many invitations are new.

    1. What they were asked before is locked: who answers at this moment is waited for.
    2. An answered invitation knows only a digest of whom it asked. It is looked for after that, so that who
       has just answered is not asked again.
    3. Of two runs at once the second finds the rows of the first one: `about` is unique.
    """
    wanted = {
        (version.id, about_of(one.id, month)): (version, one)
        for one in session.scalars(select(Staff).where(Staff.id.in_(staff_ids)).order_by(Staff.id))
        for version in asked_of(session, one.actor)
    }
    abouts = sorted({about for _version, about in wanted})
    before = select(Invitation.id).where(_of_staff(), Invitation.about.in_(abouts)).order_by(Invitation.id)
    session.execute(before.with_for_update(of=Invitation))
    known = _known(session, abouts)
    rows = [
        _row(version, one, about, until)
        for (_version_id, about), (version, one) in wanted.items()
        if known.isdisjoint((version.questionnaire_id, name) for name in _names(about))
    ]
    if not rows:
        return 0
    insert = sqlite_insert if settings().is_sqlite else postgresql_insert
    made = insert(Invitation).values(rows).on_conflict_do_nothing().returning(Invitation.id)
    return len(session.scalars(made).all())


def asked_of(session: Session, actor: Actor) -> list[QuestionnaireVersion]:
    """What is published for one of staff: by the departments to which they are bound, else by the agency."""
    if not actor.has(*ROLES):
        return []
    bound = sorted({department for _role, _branch, department in actor.grants if department is not None})
    places: list[int | None] = [*bound] or [None]
    found = (forms.published(session, KIND, department_id=department) for department in places)
    return list({version.id: version for version in found if version is not None}.values())


def mine(session: Session, actor: Actor) -> list[Mine]:
    """What one of staff is asked this month, and may still answer or has answered."""
    if actor.kind != "staff" or not actor.has(*ROLES):
        return []
    about = about_of(int(actor.id), _period()[0])
    query = select(Invitation).where(_of_staff(), Invitation.about.in_(_names(about)))
    found = [Mine(one, one.state == "answered") for one in session.scalars(query.order_by(Invitation.id))]
    return [one for one in found if one.is_answered or service.is_open(one.invitation)]


def count_waiting(session: Session, actor: Actor) -> int:
    """How many of them wait for an answer."""
    return sum(not one.is_answered for one in mine(session, actor))


def open_mine(session: Session, actor: Actor, invitation_id: int, language: str) -> Invitation:
    """The own invitation of one of staff, in the language that they read; of any other NotFoundError."""
    own = (one.invitation for one in mine(session, actor) if not one.is_answered)
    found = next((one for one in own if one.id == invitation_id), None)
    if found is None:
        raise NotFoundError
    found.language = language
    session.flush()
    return found


def answered_of(
    session: Session, questionnaire_id: int, from_day: dt.date | None, to_day: dt.date | None,
    conditions: Sequence[ColumnElement[bool]] = (),
) -> tuple[int, int]:  # fmt: skip
    """How many answered and how many were asked, of those whose time to answer is over, in a span of days."""
    query = select(func.count(Invitation.answered_week), func.count()).where(
        Invitation.questionnaire_id == questionnaire_id, Invitation.closes_at <= clock.now(),
        Invitation.asked_on.is_not(None), *conditions,
    )  # fmt: skip
    if from_day is not None:
        query = query.where(Invitation.asked_on >= from_day)
    if to_day is not None:
        query = query.where(Invitation.asked_on <= to_day)
    answered, asked = session.execute(query).one()
    return int(answered), int(asked)


def about_of(staff_id: int, month: str) -> str:
    """What an invitation of one of staff is about: it is unique in a month."""
    return f"staff:{staff_id}:{month}"


def _of_staff() -> ColumnElement[bool]:
    """Of questionnaires for staff: with it the index of what is asked about is used."""
    return Invitation.questionnaire_id.in_(select(Questionnaire.id).where(Questionnaire.kind == KIND))


def _names(about: str) -> tuple[str, str]:
    """What it is called before and after it is answered."""
    return about, service.digest_of(about)


def _known(session: Session, abouts: Iterable[str]) -> set[tuple[int, str]]:
    either = [name for about in abouts for name in _names(about)]
    rows = session.execute(
        select(Invitation.questionnaire_id, Invitation.about).where(_of_staff(), Invitation.about.in_(either))
    )
    return {(row.questionnaire_id, str(row.about)) for row in rows}


def _row(version: QuestionnaireVersion, one: Staff, about: str, until: dt.datetime) -> dict[str, object]:
    branches = one.actor.branch_ids or frozenset()
    return {
        "token": chance.token(), "questionnaire_id": version.questionnaire_id, "version_id": version.id,
        "about": about, "occasion": KIND, "week": rules.monday(_today()), "state": "shown", "mode": "page",
        "branch_id": next(iter(branches)) if len(branches) == 1 else None, "closes_at": until,
        "language": settings().default_language, "send_after": clock.now(), "asked_on": _today(),
    }  # fmt: skip


def _today() -> dt.date:
    return clock.local_day(clock.now(), settings().default_timezone)


def _period() -> tuple[str, dt.datetime]:
    """This month, and when it ends."""
    today = _today()
    last = rules.month_end(today)
    return f"{today:%Y-%m}", clock.day_bounds(last, settings().default_timezone)[1]
