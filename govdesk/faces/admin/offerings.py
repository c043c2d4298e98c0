"""What the agency is and does: its name, departments, services and causes."""

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from govdesk.catalog import organisation
from govdesk.catalog.entries import RepeatEntry
from govdesk.catalog.models import Cause, Department, PublicService
from govdesk.catalog.service import IMPORTED, agency_of
from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces.admin.acts import found, sent
from govdesk.faces.admin.forms import AgencyForm, CauseForm, NamedForm, ServiceForm
from govdesk.i18n import named, t
from govdesk.queue.reasons import unsettled_counts
from govdesk.web import actor, page, staff_only


@staff_only("admin")
def agency() -> ResponseReturnValue:
    """Name the agency."""
    form = AgencyForm(obj=agency_of(reading()))

    def act(session: Session) -> str:
        organisation.describe_agency(
            session,
            actor=actor(),
            name_ar=form.name_ar.data or "",
            name_en=form.name_en.data or "",
            tagline_ar=form.tagline_ar.data or "",
            tagline_en=form.tagline_en.data or "",
        )
        return url_for("admin.agency")

    return sent(form, act) or page("admin/agency.html", form=form)


@staff_only("admin")
def departments() -> ResponseReturnValue:
    """List the departments."""
    known = reading().scalars(select(Department).order_by(Department.code)).all()
    return page("admin/departments.html", departments=known)


@staff_only("admin")
def department(row_id: int | None = None) -> ResponseReturnValue:
    """Add or change a department."""
    row = found(reading(), Department, row_id) if row_id else None
    form = NamedForm(obj=row)
    if row:
        del form.code

    def act(session: Session) -> str:
        code = row.code if row else form.code.data or ""
        organisation.describe_department(
            session, actor=actor(), code=code, is_new=row is None, **form.names()
        )
        return url_for("admin.departments")

    return sent(form, act) or page("admin/department.html", form=form, department=row)


@staff_only("admin")
def services() -> ResponseReturnValue:
    """List the services."""
    known = reading().scalars(select(PublicService).order_by(PublicService.prefix, PublicService.code)).all()
    return page("admin/services.html", services=known, unsettled=unsettled_counts(reading()))


@staff_only("admin")
def service(row_id: int | None = None) -> ResponseReturnValue:
    """Add or change a service; changed repeat parameters become a new version."""
    row = found(reading(), PublicService, row_id) if row_id else None
    if row and row.is_imported:
        raise NotFoundError
    policy = row.policy if row and row.policies else None
    form = ServiceForm(obj=row, data=_shown_policy(row))
    form.department_id.choices = [SelectChoice(0, t("admin.choose"))] + [
        SelectChoice(known.id, named(known))
        for known in reading().scalars(select(Department).where(Department.code != IMPORTED))
    ]
    if row:
        del form.code
    code = row.code if row else None

    def act(session: Session) -> str:
        _describe_service(session, form, code)
        return url_for("admin.services")

    return sent(form, act) or page("admin/service.html", form=form, service=row, policy=policy)


@staff_only("admin")
def causes() -> ResponseReturnValue:
    """List the causes, in the order in which officers see them."""
    known = reading().scalars(select(Cause).order_by(Cause.position, Cause.code)).all()
    return page("admin/causes.html", causes=known)


@staff_only("admin")
def cause(code: str | None = None) -> ResponseReturnValue:
    """Add or change a cause; one that is in use nowhere any more is taken out of use, not deleted."""
    row = reading().get(Cause, code) if code else None
    if code and row is None:
        raise NotFoundError
    form = CauseForm(obj=row)
    if row:
        del form.code

    def act(session: Session) -> str:
        organisation.describe_cause(
            session,
            actor=actor(),
            code=row.code if row else form.code.data or "",
            position=form.position.data,
            is_failure=bool(form.is_failure.data),
            is_knowledge=bool(form.is_knowledge.data),
            is_active=bool(form.is_active.data),
            is_new=row is None,
            **form.names(),
        )
        return url_for("admin.causes")

    return sent(form, act) or page("admin/cause.html", form=form, cause=row)


def _describe_service(session: Session, form: ServiceForm, code: str | None) -> None:
    organisation.describe_service(
        session,
        actor=actor(),
        code=code or form.code.data or "",
        department=session.get_one(Department, form.department_id.data),
        repeat=RepeatEntry(
            form.window_days.data,
            form.lag_days.data,
            form.cycle_days.data,
            tuple(form.allowed_reasons.data or ()),
        ),
        is_new=code is None,
        description_ar=form.description_ar.data,
        description_en=form.description_en.data,
        family=form.family.data,
        prefix=form.prefix.data,
        minutes=form.minutes.data,
        interpreter_minutes=form.interpreter_minutes.data,
        wait_target_minutes=form.wait_target_minutes.data,
        resolve_days=form.resolve_days.data,
        object_kind=form.object_kind.data or None,
        common_vocabulary=form.common_vocabulary.data or "",
        common_code=form.common_code.data or "",
        is_active=bool(form.is_active.data),
        **form.names(),
    )


def _shown_policy(row: PublicService | None) -> dict[str, object]:
    if row is None or not row.policies:
        return {}
    policy = row.policy
    return {
        "window_days": policy.window_days,
        "lag_days": policy.lag_days,
        "cycle_days": policy.cycle_days,
        "allowed_reasons": list(policy.allowed_reasons),
    }
