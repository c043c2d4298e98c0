"""Sign-in: a right password buys a token, kept by the browser as it is and by the table as its digest."""

import datetime as dt
import hashlib
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, func, or_, select
from sqlalchemy.orm import Session

from govdesk import audit, chance, clock
from govdesk.actor import VISITOR, Actor
from govdesk.config import settings
from govdesk.db import connection_of, table_of
from govdesk.errors import DeskError
from govdesk.people import passwords
from govdesk.people.models import Staff, StaffRole, StaffSession, acting
from govdesk.people.staff import clean_username
from govdesk.prepared import Prepared

KEPT = dt.timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a token: a plain value, read in one query because every request asks."""

    username: str
    name_ar: str
    name_en: str
    actor: Actor


_staff, _sessions, _roles = table_of(Staff), table_of(StaffSession), table_of(StaffRole)
_HOLDER = Prepared(
    select(
        _staff.c.id, _staff.c.username, _staff.c.name_ar, _staff.c.name_en,
        _roles.c.role, _roles.c.branch_id, _roles.c.department_id,
    )
    .join(_sessions, _sessions.c.staff_id == _staff.c.id)
    .join(_roles, _roles.c.staff_id == _staff.c.id, isouter=True)
    .where(
        _sessions.c.digest == bindparam("digest_of_token"),
        _sessions.c.ended_at.is_(None),
        _sessions.c.expires_at > bindparam("now", type_=_sessions.c.expires_at.type),
        _staff.c.is_active,
    )
    .order_by(_roles.c.id)
)  # fmt: skip


class SignInError(DeskError):
    """Username and password do not fit; which of them is wrong is not said."""

    key = "people.sign_in_refused"
    status = 422


def sign_in(session: Session, *, username: str, password: str) -> tuple[Staff, str]:
    """Return the staff member and a new token, or raise SignInError; `prove` and `begin` in one."""
    staff = prove(session, username=username, password=password)
    return staff, begin(session, staff=staff)


def prove(session: Session, *, username: str, password: str) -> Staff:
    """Return the active staff member with this username and password; only reads, so no writer waits for it.

    An unknown, a disabled and a mistaken user take the same time and meet the same SignInError.
    """
    wanted = clean_username(username)
    staff = session.scalars(select(Staff).where(Staff.username == wanted)).one_or_none()
    is_right = passwords.fits(staff.password_hash if staff else None, password)
    if staff is None or not is_right or not staff.is_active:
        raise SignInError
    return staff


def begin(session: Session, *, staff: Staff) -> str:
    """Begin a session for one who has proved to be this staff member; return its token, always a new one."""
    current = session.get_one(Staff, staff.id, with_for_update=True)
    if not current.is_active or current.password_hash != staff.password_hash:  # changed since it was proved
        raise SignInError
    now, token = clock.now(), chance.token(32)
    hours = dt.timedelta(hours=settings().session_hours)
    session.add(
        StaffSession(digest=_digest(token), staff_id=current.id, began_at=now, expires_at=now + hours)
    )
    current.last_signed_in_at = now
    audit.record(session, actor=current.actor, action="staff.signed_in", subject=f"staff:{current.id}")
    return token


def note_refusal(session: Session, *, username: str) -> None:
    """Record a refused sign-in; an unknown name is not kept: people type passwords into the wrong field."""
    wanted = clean_username(username)
    staff_id = session.scalar(select(Staff.id).where(Staff.username == wanted))
    subject = f"staff:{staff_id}" if staff_id is not None else "staff:unknown"
    audit.record(session, actor=VISITOR, action="staff.sign_in_refused", subject=subject)


def sign_out(session: Session, *, actor: Actor, token: str) -> None:
    """End the session of a token; one that has ended already is left."""
    row = session.get(StaffSession, _digest(token))
    if row is not None and row.ended_at is None:
        row.ended_at = clock.now()
        audit.record(session, actor=actor, action="staff.signed_out", subject=f"staff:{row.staff_id}")


def staff_of(session: Session, token: str) -> Holder | None:
    """Return who holds a token: None when its session has ended or expired, or its holder is disabled."""
    given = {"digest_of_token": _digest(token), "now": clock.now()}
    rows = _HOLDER.all(connection_of(session), given)
    if not rows:
        return None
    first = rows[0]
    roles = [(row.role, row.branch_id, row.department_id) for row in rows if row.role is not None]
    return Holder(first.username, first.name_ar, first.name_en, acting(first.id, roles))


def forget_old(session: Session) -> int:
    """Remove sessions that ended or expired long ago; how many. The audit keeps who signed in when."""
    before = clock.now() - KEPT
    old = delete(StaffSession).where(or_(StaffSession.ended_at < before, StaffSession.expires_at < before))
    return len(session.execute(old.returning(func.length(StaffSession.digest))).all())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
