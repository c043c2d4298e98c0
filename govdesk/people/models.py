"""Tables of people: a person is a pseudonym; name and contact stand apart and can be removed."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk import clock
from govdesk.actor import Actor, Held
from govdesk.db import Base


class Person(Base):
    """Someone whose matter it is: known by a keyed pseudonym, never by the identity number itself."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    pseudonym: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # citizen | resident | visitor | unknown
    certainty: Mapped[str]  # certain (identity number) | probable (phone or e-mail) | imported
    language: Mapped[str | None]
    created_at: Mapped[dt.datetime]
    same_as_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)  # see `same`
    contact: Mapped["PersonContact | None"] = relationship(back_populates="person")


class PersonContact(Base):
    """Name and contact of a person; removing the row changes no figure and no repeat detection."""

    __tablename__ = "person_contact"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    name: Mapped[str | None]
    phone: Mapped[str | None] = mapped_column(index=True)
    email: Mapped[str | None]
    identity_hint: Mapped[str | None]  # the last three characters, so that an officer can compare
    changed_at: Mapped[dt.datetime]
    person: Mapped[Person] = relationship(back_populates="contact")


class Staff(Base):
    """Someone who serves."""

    __tablename__ = "staff"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    name_ar: Mapped[str]
    name_en: Mapped[str]
    password_hash: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime]
    last_signed_in_at: Mapped[dt.datetime | None]
    roles: Mapped[list["StaffRole"]] = relationship(
        back_populates="staff", cascade="all, delete-orphan", lazy="selectin", order_by="StaffRole.id"
    )

    @property
    def actor(self) -> Actor:
        """This person as one who acts."""
        return acting(self.id, [(role.role, role.branch_id, role.department_id) for role in self.roles])


def acting(staff_id: int, roles: Sequence[Held]) -> Actor:
    """Someone of staff as one who acts, by (role, branch, department): a role bound to no place holds in all.

    A role in a branch narrows the branches, one in a department the departments, and neither widens the
    other: who is officer of one branch and head of a department is officer nowhere else.
    What one sees is all roles together; what one may do at a branch, the grants say (`Actor.may`).
    """
    branches = frozenset(branch for _role, branch, _department in roles if branch is not None)
    departments = frozenset(department for _role, _branch, department in roles if department is not None)
    is_unbound = any(branch is None and department is None for _role, branch, department in roles)
    is_nowhere = not roles
    branch_ids = None if is_unbound or not (branches or is_nowhere) else branches
    department_ids = None if is_unbound or not (departments or is_nowhere) else departments
    names = frozenset(role for role, _branch, _department in roles)
    return Actor("staff", str(staff_id), names, branch_ids, department_ids, frozenset(roles))


class StaffRole(Base):
    """A role that someone holds, bound to a branch, a department or neither."""

    __tablename__ = "staff_role"
    __table_args__ = (UniqueConstraint("staff_id", "role", "branch_id", "department_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    role: Mapped[str]
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    staff: Mapped[Staff] = relationship(back_populates="roles")


class StaffSession(Base):
    """A sign-in: the cookie holds a secret, the table its digest; ended on sign-out, reset and disable."""

    __tablename__ = "staff_session"
    __table_args__ = (Index("ix_staff_session_open", "staff_id", "ended_at"),)
    digest: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    began_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    staff: Mapped[Staff] = relationship(lazy="joined")


class ApiToken(Base):
    """What a program shows to be let in: the program holds a secret, the table its digest."""

    __tablename__ = "api_token"
    __table_args__ = (
        Index(
            "uq_api_token_live_name",
            "name",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))  # None: every branch
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]
    last_used_on: Mapped[dt.date | None]  # the day is enough, and spares a write with each request

    @property
    def state(self) -> str:
        """Whether it lets anybody in: active, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        return "active" if self.expires_at > clock.now() else "expired"
