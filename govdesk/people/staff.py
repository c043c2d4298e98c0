"""Staff: who serves, in which roles and where; every change is audited and ends what it must end."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import ROLES, Actor
from govdesk.errors import DeskError, NotFoundError
from govdesk.i18n import latin_digits
from govdesk.people import passwords
from govdesk.people.contact import clean_name
from govdesk.people.models import Staff, StaffRole, StaffSession

BOUND_TO = {"reception": "branch", "officer": "branch", "supervisor": "branch", "head": "department"}
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")


class StaffError(DeskError):
    """Something about staff that cannot be done; the key says what."""

    key = "people.staff_refused"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role and where it holds: in one branch, in one department, or (with neither) everywhere."""

    role: str
    branch_id: int | None = None
    department_id: int | None = None

    @property
    def label(self) -> str:
        """How records name it: officer@branch:1."""
        place = f"branch:{self.branch_id}" if self.branch_id else f"department:{self.department_id}"
        return f"{self.role}@{place}" if self.branch_id or self.department_id else self.role


def clean_username(text: str) -> str:
    """Return a username as it is compared: small Latin letters and digits, spaces around it gone."""
    return latin_digits(unicodedata.normalize("NFKC", text)).strip().lower()


def find(session: Session, username: str) -> Staff:
    """Return the staff member with this username, or raise NotFoundError."""
    staff = session.scalars(select(Staff).where(Staff.username == clean_username(username))).one_or_none()
    if staff is None:
        raise NotFoundError("people.staff_unknown", field="username", username=username)
    return staff


def add(
    session: Session,
    *,
    actor: Actor,
    username: str,
    name_ar: str,
    name_en: str,
    password: str,
    roles: Iterable[Grant] = (),
) -> Staff:
    """Add a staff member who may sign in. Raises StaffError, PasswordError, ContactError (a name)."""
    wanted = clean_username(username)
    if not _USERNAME.fullmatch(wanted):
        raise StaffError("people.username_invalid", field="username", status=422)
    if session.scalar(select(Staff.id).where(Staff.username == wanted)) is not None:
        raise StaffError("people.username_taken", field="username", username=wanted)
    staff = Staff(
        username=wanted,
        name_ar=clean_name(name_ar, field="name_ar"),
        name_en=clean_name(name_en, field="name_en"),
        password_hash=passwords.digest(password, username=wanted),
        created_at=clock.now(),
        roles=[],
    )
    session.add(staff)
    session.flush()
    audit.record(session, actor=actor, action="staff.added", subject=_subject(staff), username=wanted)
    for grant_wanted in roles:
        grant(session, actor=actor, staff=staff, wanted=grant_wanted)
    return staff


def rename(session: Session, *, actor: Actor, staff: Staff, name_ar: str, name_en: str) -> None:
    """Change the names under which a staff member appears. Raises ContactError."""
    names = (clean_name(name_ar, field="name_ar"), clean_name(name_en, field="name_en"))
    if names != (staff.name_ar, staff.name_en):
        staff.name_ar, staff.name_en = names
        audit.record(session, actor=actor, action="staff.renamed", subject=_subject(staff))


def reset_password(session: Session, *, actor: Actor, staff: Staff, password: str) -> None:
    """Give a new password and end every open session. Raises PasswordError."""
    staff.password_hash = passwords.digest(password, username=staff.username)
    ended = end_sessions(session, staff)
    audit.record(
        session, actor=actor, action="staff.password_reset", subject=_subject(staff), sessions_ended=ended
    )


def disable(session: Session, *, actor: Actor, staff: Staff) -> None:
    """Let a staff member sign in no more; ends every open session. StaffError for the last administrator."""
    if not staff.is_active:
        return
    _keep_an_admin(session, staff)
    staff.is_active = False
    ended = end_sessions(session, staff)
    audit.record(session, actor=actor, action="staff.disabled", subject=_subject(staff), sessions_ended=ended)
    outbox.emit(session, "staff.disabled", staff_id=staff.id)


def enable(session: Session, *, actor: Actor, staff: Staff) -> None:
    """Let a disabled staff member sign in again."""
    if not staff.is_active:
        staff.is_active = True
        audit.record(session, actor=actor, action="staff.enabled", subject=_subject(staff))


def grant(session: Session, *, actor: Actor, staff: Staff, wanted: Grant) -> None:
    """Give a role; one that is held already is left. StaffError where a role is not bound to such a place."""
    if wanted.role not in ROLES:
        raise StaffError("people.role_unknown", field="role", role=wanted.role, status=422)
    bound = BOUND_TO.get(wanted.role, "")
    if (wanted.branch_id and bound != "branch") or (wanted.department_id and bound != "department"):
        raise StaffError(f"people.role_bound_{bound or 'nowhere'}", field="place", status=422)
    if wanted in held(staff):
        return
    staff.roles.append(
        StaffRole(role=wanted.role, branch_id=wanted.branch_id, department_id=wanted.department_id)
    )
    session.flush()
    audit.record(
        session, actor=actor, action="staff.role_granted", subject=_subject(staff), role=wanted.label
    )


def revoke(session: Session, *, actor: Actor, staff: Staff, wanted: Grant) -> None:
    """Take a role back; one that is not held is left. Raises StaffError for the last administrator's."""
    row = next((row for row in staff.roles if _as_grant(row) == wanted), None)
    if row is None:
        return
    if wanted.role == "admin":
        _keep_an_admin(session, staff)
    staff.roles.remove(row)
    session.flush()
    audit.record(
        session, actor=actor, action="staff.role_revoked", subject=_subject(staff), role=wanted.label
    )


def held(staff: Staff) -> list[Grant]:
    """Return the roles of a staff member, in the order in which they were given."""
    return [_as_grant(row) for row in staff.roles]


def end_sessions(session: Session, staff: Staff) -> int:
    """End every open session of a staff member; how many there were."""
    open_ones = StaffSession.staff_id == staff.id, StaffSession.ended_at.is_(None)
    ended = update(StaffSession).where(*open_ones).values(ended_at=clock.now()).returning(StaffSession.digest)
    return len(session.execute(ended).all())


def _keep_an_admin(session: Session, staff: Staff) -> None:
    """Refuse to lose the last administrator. Whoever loses one holds the rows of all, so two come in turn."""
    if not any(row.role == "admin" for row in staff.roles):
        return
    session.flush()
    all_of_them = select(StaffRole.staff_id).where(StaffRole.role == "admin")
    session.execute(all_of_them.order_by(StaffRole.id).with_for_update())
    # a statement of its own, that sees what the one waited for has committed
    active = all_of_them.join(Staff).where(Staff.is_active, Staff.id != staff.id)
    if session.execute(active.limit(1)).first() is None:
        raise StaffError("people.last_admin")


def _as_grant(row: StaffRole) -> Grant:
    return Grant(row.role, row.branch_id, row.department_id)


def _subject(staff: Staff) -> str:
    return f"staff:{staff.id}"
