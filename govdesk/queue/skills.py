"""Skills of officers: what each may serve and until when. A skill that has ended is used no more, and said.

Calls read the work profile alone, so that they cost what they cost: here only valid skills are written into
it, when they are given, when a counter opens, and once a minute for who sits on past midnight.
"""

import datetime as dt
from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import SYSTEM, Actor
from govdesk.catalog.models import Branch
from govdesk.db import transaction
from govdesk.errors import DeskError
from govdesk.people.models import Staff
from govdesk.queue import policies
from govdesk.queue.dispatch_models import WorkProfile
from govdesk.queue.skill_models import Skill

NO_SERVICE = 0  # in the profile of whom every skill has ended: an empty one would mean all
WARNED = dt.timedelta(days=30)  # before the end
SHOWN = dt.timedelta(days=30)  # after it


class SkillError(DeskError):
    """A skill that would have ended before it is given."""

    key = "training.until_past"
    status = 422


def grant(
    session: Session,
    *,
    actor: Actor,
    staff: Staff,
    branch: Branch,
    services: Mapping[int, dt.date | None],
    languages: Collection[str],
) -> WorkProfile:
    """Say what an officer may serve, each until a day (None: until told otherwise); none is all.

    Raises SkillError for a day that is over, unless it stood so before.
    """
    known = {skill.service_id: skill for skill in of_staff(session, staff.id)}
    today = clock.local_day(clock.now(), branch.timezone)
    for service_id, until in services.items():
        was = known.get(service_id)
        if until is not None and until < today and (was is None or was.valid_until != until):
            raise SkillError(field=f"until_{service_id}")
    for service_id in known.keys() - services.keys():
        session.delete(known[service_id])
    for service_id, until in services.items():
        skill = known.get(service_id) or Skill(staff_id=staff.id, service_id=service_id)
        skill.branch_id, skill.valid_until = branch.id, until
        skill.ends_at = None if until is None else clock.day_bounds(until, branch.timezone)[1]
        if skill.ends_at is None or skill.ends_at > clock.now():
            skill.ended_at = None
        session.add(skill)
    session.flush()
    dates = {str(service_id): until.isoformat() for service_id, until in services.items() if until}
    audit.record(session, actor=actor, action="skills.granted", subject=f"staff:{staff.id}", until=dates)
    return policies.set_profile(
        session,
        actor=actor,
        staff=staff,
        service_ids=_valid(list(of_staff(session, staff.id))),
        languages=languages,
    )


def end_due(session: Session, *, staff_id: int | None = None) -> int:
    """Take the skills that have ended out of their profiles, and tell of each; how many there were."""
    query = select(Skill).where(Skill.ends_at <= clock.now(), Skill.ended_at.is_(None))
    if staff_id is not None:
        query = query.where(Skill.staff_id == staff_id)
    due = session.scalars(query.order_by(Skill.staff_id, Skill.service_id)).all()
    for skill in due:
        skill.ended_at = clock.now()
        audit.record(
            session, actor=SYSTEM, action="skill.ended", subject=f"staff:{skill.staff_id}",
            service=skill.service_id,
        )  # fmt: skip
        outbox.emit(session, "skill.ended", staff_id=skill.staff_id, service_id=skill.service_id)
    session.flush()
    for staff_id_ in sorted({skill.staff_id for skill in due}):
        profile = session.get(WorkProfile, staff_id_, with_for_update=True)
        if profile is not None:
            profile.service_ids = _valid(of_staff(session, staff_id_))
    session.flush()
    return len(due)


def run_end_due() -> int:
    """The job."""
    with transaction() as session:
        return end_due(session)


def of_staff(session: Session, staff_id: int) -> list[Skill]:
    """All skills of an officer, by service."""
    query = select(Skill).where(Skill.staff_id == staff_id)
    return list(session.scalars(query.order_by(Skill.service_id)))


def ending(
    session: Session, branch_ids: Collection[int] | None = None, staff_id: int | None = None
) -> list[Skill]:
    """The skills that end soon or ended lately, those that ended first; of branches, or of one officer."""
    now = clock.now()
    query = (
        select(Skill)
        .join(Staff, Staff.id == Skill.staff_id)
        .where(Skill.ends_at > now - SHOWN, Skill.ends_at <= now + WARNED, Staff.is_active)
    )
    if branch_ids is not None:
        query = query.where(Skill.branch_id.in_(branch_ids))
    if staff_id is not None:
        query = query.where(Skill.staff_id == staff_id)
    return list(session.scalars(query.order_by(Skill.ends_at, Skill.staff_id, Skill.service_id)))


def ended(session: Session, branch_id: int) -> list[Skill]:
    """The skills of a branch that ended lately: for these services the officers are called no more."""
    return [skill for skill in ending(session, [branch_id]) if has_ended(skill)]


def has_ended(skill: Skill) -> bool:
    """Whether the last day of a skill is over."""
    return skill.ends_at is not None and skill.ends_at <= clock.now()


def _valid(skills: Collection[Skill]) -> list[int]:
    valid = [skill.service_id for skill in skills if not has_ended(skill)]
    return valid or ([NO_SERVICE] if skills else [])
