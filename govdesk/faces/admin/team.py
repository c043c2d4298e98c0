"""Who serves: staff, their roles and places, their sign-in."""

from typing import TypeVar

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from govdesk.actor import ROLES
from govdesk.catalog.models import Branch, Department
from govdesk.catalog.service import IMPORTED
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.admin.acts import found, pressed, sent
from govdesk.faces.admin.people_forms import EVERYWHERE, ResetForm, RoleForm, StaffForm, StaffNamesForm
from govdesk.i18n import named, t
from govdesk.people import staff as verbs
from govdesk.people.models import Staff, StaffRole
from govdesk.people.staff import Grant
from govdesk.web import actor, page, staff_only

Form = TypeVar("Form", bound=RoleForm)


@staff_only("admin")
def team() -> ResponseReturnValue:
    """List the staff with their roles."""
    known = reading().scalars(select(Staff).order_by(Staff.is_active.desc(), Staff.username)).all()
    return page("admin/team.html", team=known, place_of=_places().get)


@staff_only("admin")
def new_member() -> ResponseReturnValue:
    """Add someone with a first role."""
    form = _with_choices(StaffForm())

    def act(session: Session) -> str:
        added = verbs.add(
            session,
            actor=actor(),
            username=form.username.data or "",
            name_ar=form.name_ar.data or "",
            name_en=form.name_en.data or "",
            password=form.password.data or "",
            roles=[_wanted(form)],
        )
        return url_for("admin.member", row_id=added.id)

    return sent(form, act, "admin.member_added") or page("admin/new_member.html", form=form)


@staff_only("admin")
def member(row_id: int) -> ResponseReturnValue:
    """Show someone, and change the names under which they appear."""
    row = found(reading(), Staff, row_id)
    form = StaffNamesForm(obj=row)

    def act(session: Session) -> str:
        names = {"name_ar": form.name_ar.data or "", "name_en": form.name_en.data or ""}
        verbs.rename(session, actor=actor(), staff=found(session, Staff, row_id), **names)
        return url_for("admin.member", row_id=row_id)

    return sent(form, act) or page("admin/member.html", form=form, member=row, place_of=_places().get)


@staff_only("admin")
def grant_role(row_id: int) -> ResponseReturnValue:
    """Give a role in a place."""
    row = found(reading(), Staff, row_id)
    form = _with_choices(RoleForm())

    def act(session: Session) -> str:
        verbs.grant(session, actor=actor(), staff=found(session, Staff, row_id), wanted=_wanted(form))
        return url_for("admin.member", row_id=row_id)

    return sent(form, act, "admin.role_granted") or page("admin/role.html", form=form, member=row)


@staff_only("admin")
def revoke_role(row_id: int, role_id: int) -> ResponseReturnValue:
    """Take a role back."""
    back = url_for("admin.member", row_id=row_id)

    def act(session: Session) -> str:
        staff = found(session, Staff, row_id)
        role = session.get(StaffRole, role_id)
        if role is not None and role.staff_id == staff.id:
            held = Grant(role.role, role.branch_id, role.department_id)
            verbs.revoke(session, actor=actor(), staff=staff, wanted=held)
        return back

    return pressed(act, "admin.role_revoked", back)


@staff_only("admin")
def reset_member(row_id: int) -> ResponseReturnValue:
    """Give someone a new password; every session of theirs ends."""
    row = found(reading(), Staff, row_id)
    form = ResetForm()

    def act(session: Session) -> str:
        staff = found(session, Staff, row_id)
        verbs.reset_password(session, actor=actor(), staff=staff, password=form.password.data or "")
        return url_for("admin.member", row_id=row_id)

    return sent(form, act, "admin.password_reset") or page("admin/reset.html", form=form, member=row)


@staff_only("admin")
def disable_member(row_id: int) -> ResponseReturnValue:
    """Let someone sign in no more; nobody shuts themselves out."""
    back = url_for("admin.member", row_id=row_id)

    def act(session: Session) -> str:
        if actor().id == str(row_id):
            raise DeskError("admin.not_yourself")
        verbs.disable(session, actor=actor(), staff=found(session, Staff, row_id))
        return back

    return pressed(act, "admin.member_disabled", back)


@staff_only("admin")
def enable_member(row_id: int) -> ResponseReturnValue:
    """Let someone sign in again."""
    back = url_for("admin.member", row_id=row_id)

    def act(session: Session) -> str:
        verbs.enable(session, actor=actor(), staff=found(session, Staff, row_id))
        return back

    return pressed(act, "admin.member_enabled", back)


def _places() -> dict[tuple[str, int], Branch | Department]:
    """Return each branch and department by its kind and id."""
    branches = {("branch", row.id): row for row in reading().scalars(select(Branch))}
    departments = {("department", row.id): row for row in reading().scalars(select(Department))}
    return {**branches, **departments}


def _with_choices(form: Form) -> Form:
    form.role.choices = [SelectChoice(role, t(f"people.role_{role}")) for role in ROLES]
    places = [
        SelectChoice(f"{kind}:{row_id}", named(row))
        for (kind, row_id), row in _places().items()
        if row.code != IMPORTED and not getattr(row, "is_imported", False)
    ]
    form.place.choices = [SelectChoice(EVERYWHERE, t("admin.everywhere")), *places]
    return form


def _wanted(form: RoleForm) -> Grant:
    kind, _, number = (form.place.data or "").partition(":")
    place = int(number) if number else None
    return Grant(form.role.data, place if kind == "branch" else None, place if kind == "department" else None)
