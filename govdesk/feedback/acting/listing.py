"""What was heard and what is done about it, as lists: for who answers, who owns a change, and everybody."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.cases.obstacles.places import today_at
from govdesk.feedback.acting import changes, rules, service
from govdesk.feedback.acting.models import Change, ChangeStep, Reflection
from govdesk.feedback.answers.models import Response
from govdesk.feedback.asking.models import Invitation, Programme, Wave

FEWEST_SAID = 10  # how many answered is said in public from here on
MOST = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One change and how it stands: one of rules.STANDINGS."""

    change: Change
    standing: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What the public reads of one wave: how many answered (None: too few to say), and what was done."""

    wave: Wave
    answers: int | None
    changes: list[Line]


def waiting(session: Session, actor: Actor) -> list[Wave]:
    """The closed waves on which nobody has reflected yet and somebody should, the first closed first."""
    query = _unreflected().order_by(Wave.closed_at, Wave.id)
    return [wave for wave in session.scalars(query).unique() if service.may_answer(actor, wave)]


def count_waiting(session: Session, actor: Actor) -> int:
    """How many that is."""
    return len(waiting(session, actor))


def reflections(session: Session, actor: Actor) -> list[Reflection]:
    """What was heard in the waves that somebody may see, the latest first."""
    query = select(Reflection).order_by(Reflection.written_at.desc(), Reflection.id.desc()).limit(MOST)
    found = session.scalars(query).unique()
    return [one for one in found if service.may_read(actor, one.wave)]


def own(session: Session, actor: Actor) -> list[Line]:
    """What somebody has left to change, the first due first."""
    mine = select(Change).where(_is_left_of(actor)).order_by(Change.due_on, Change.id)
    return lines(session.scalars(mine).unique().all())


def count_own(session: Session, actor: Actor) -> int:
    """How much that is."""
    return session.scalar(select(func.count()).select_from(Change).where(_is_left_of(actor))) or 0


def lines(planned: Sequence[Change]) -> list[Line]:
    """Say of each how it stands today."""
    today = today_at(None)
    return [Line(one, _standing(one, today)) for one in planned]


def history(session: Session, change: Change) -> list[ChangeStep]:
    """All that happened to a change, from the first."""
    steps = select(ChangeStep).where(ChangeStep.change_id == change.id)
    return list(session.scalars(steps.order_by(ChangeStep.at, ChangeStep.id)))


def before(session: Session, wave: Wave) -> Reflection | None:
    """What was heard in the wave before this one of the same programme: it stands beside it."""
    query = (
        select(Reflection)
        .join(Wave, Wave.id == Reflection.wave_id)
        .where(Wave.programme_id == wave.programme_id, Wave.from_on < wave.from_on)
        .order_by(Wave.from_on.desc())
    )
    return session.scalars(query.limit(1)).unique().one_or_none()


def answered(session: Session, wave: Wave) -> int:
    """How many answered in a wave."""
    query = select(func.count()).select_from(Response)
    return session.scalar(query.where(Response.wave_id == wave.id)) or 0


def reached(session: Session, wave: Wave) -> int:
    """How many a wave asked, without those whom no message reached: what the response rate is of."""
    asked = Invitation.asked_on.is_not(None), Invitation.state != "undeliverable"
    query = select(func.count()).select_from(Invitation)
    return session.scalar(query.where(Invitation.wave_id == wave.id, *asked)) or 0


def told(session: Session) -> list[Heard]:
    """What the public may read: the changes that were released, wave by wave, the latest first."""
    query = (
        select(Change)
        .join(Reflection, Reflection.id == Change.reflection_id)
        .join(Wave, Wave.id == Reflection.wave_id)
        .where(Change.is_public)
        .order_by(Wave.from_on.desc(), Wave.id, Change.id)
        .limit(MOST)
    )
    by_wave: dict[int, list[Change]] = {}
    for change in session.scalars(query).unique():
        by_wave.setdefault(changes.wave_of(change).id, []).append(change)
    found = []
    for released in by_wave.values():
        wave = changes.wave_of(released[0])
        count = answered(session, wave)
        found.append(Heard(wave, count if count >= FEWEST_SAID else None, lines(released)))
    return found


def _unreflected() -> Select[Wave]:
    done = select(Reflection.wave_id)
    return select(Wave).join(Programme).where(Wave.state == "closed", Wave.id.not_in(done))


def _is_left_of(actor: Actor) -> ColumnElement[bool]:
    me = int(actor.id) if actor.kind == "staff" else 0
    return (Change.owner_id == me) & Change.done_on.is_(None)


def _standing(change: Change, today: dt.date) -> str:
    return rules.standing(
        due_on=change.due_on,
        done_on=change.done_on,
        is_obstacle_gone=change.obstacle is not None and change.obstacle.state == "closed",
        today=today,
    )
