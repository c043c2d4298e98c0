"""Edit what the agency is and does: agency, departments, services with their repeat parameters, causes."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import Actor
from govdesk.catalog.common_codes import CommonCodeError, common_code
from govdesk.catalog.editing import CatalogEditError, describe, refuse_known
from govdesk.catalog.entries import RepeatEntry
from govdesk.catalog.models import Agency, Cause, Department, PublicService, RepeatPolicy, ResolvePolicy


def describe_agency(
    session: Session,
    *,
    actor: Actor,
    name_ar: str,
    name_en: str,
    tagline_ar: str = "",
    tagline_en: str = "",
) -> Agency:
    """Name the one agency of this installation."""
    agency = session.scalars(select(Agency)).first() or Agency()
    names = {"name_ar": name_ar, "name_en": name_en, "tagline_ar": tagline_ar, "tagline_en": tagline_en}
    describe(session, actor=actor, thing=agency, subject="agency:1", **names)
    return agency


def describe_department(
    session: Session, *, actor: Actor, code: str, name_ar: str, name_en: str, is_new: bool = False
) -> Department:
    """Add or change a department. Raises CatalogEditError when `is_new` and the code is taken."""
    department = session.scalars(select(Department).where(Department.code == code)).one_or_none()
    refuse_known(department, is_new=is_new, code=code)
    department = department or Department(code=code)
    describe(
        session,
        actor=actor,
        thing=department,
        subject=f"department:{code}",
        name_ar=name_ar,
        name_en=name_en,
    )
    return department


def describe_service(
    session: Session,
    *,
    actor: Actor,
    code: str,
    department: Department,
    repeat: RepeatEntry,
    is_new: bool = False,
    **values: Any,
) -> PublicService:
    """Add or change a service; other repeat parameters, another promise of days become a new version each.

    `values` are columns of PublicService: names, descriptions, family, prefix, minutes, wait_target_minutes,
    resolve_days, object_kind, common_vocabulary with common_code, is_active. Raises CatalogEditError for a
    code or a ticket letter that is taken, and for a common code that cannot be one.
    """
    service = session.scalars(select(PublicService).where(PublicService.code == code)).one_or_none()
    refuse_known(service, is_new=is_new, code=code)
    _refuse_taken_prefix(session, code, values.get("prefix"))
    service = service or PublicService(code=code)
    values |= {"department_id": department.id, "is_imported": False}
    if "common_code" in values:
        values |= _common(values["common_vocabulary"], values["common_code"])
    describe(session, actor=actor, thing=service, subject=f"service:{code}", **values)
    set_repeat(session, actor=actor, service=service, repeat=repeat)
    _promise_days(session, actor, service)
    return service


def set_common(session: Session, *, actor: Actor, service: PublicService, vocabulary: str, code: str) -> bool:
    """Say what a service is in a shared classification; both empty: in none. Whether that changed anything.

    Raises CatalogEditError beside `common_vocabulary` or `common_code`.
    """
    said = _common(vocabulary, code)
    return describe(session, actor=actor, thing=service, subject=f"service:{service.code}", **said)


def _common(vocabulary: str, code: str) -> dict[str, str]:
    try:
        common = common_code(vocabulary, code)
    except CommonCodeError as problem:
        field = f"common_{problem.field}"
        raise CatalogEditError(f"catalog.{field}_wrong", field=field) from problem
    return {"common_vocabulary": common.vocabulary, "common_code": common.code}


def set_repeat(session: Session, *, actor: Actor, service: PublicService, repeat: RepeatEntry) -> bool:
    """Put repeat parameters in force from now on, as a new version; equal ones change nothing."""
    wanted = {
        "window_days": repeat.window_days,
        "lag_days": repeat.lag_days,
        "cycle_days": repeat.cycle_days,
        "allowed_reasons": list(repeat.allowed_reasons),
    }
    policies = service.policies
    if policies and all(getattr(policies[-1], name) == value for name, value in wanted.items()):
        return False
    version = policies[-1].version + 1 if policies else 1
    policies.append(RepeatPolicy(version=version, since=clock.now(), **wanted))
    session.flush()
    if version > 1:
        subject = f"service:{service.code}"
        audit.record(
            session, actor=actor, action="service.repeat_changed", subject=subject, version=version, **wanted
        )
        outbox.emit(session, "service.repeat_changed", service_id=service.id)
    return True


def _promise_days(session: Session, actor: Actor, service: PublicService) -> None:
    """Put the promised days to resolution in force from now on; cases that are open keep theirs."""
    known = select(ResolvePolicy).where(ResolvePolicy.service_id == service.id)
    last = session.scalars(known.order_by(ResolvePolicy.version.desc()).limit(1)).first()
    if last is not None and last.resolve_days == service.resolve_days:
        return
    version = last.version + 1 if last else 1
    given = {"version": version, "resolve_days": service.resolve_days}
    session.add(ResolvePolicy(service_id=service.id, since=clock.now(), **given))
    session.flush()
    if last is not None:
        subject = f"service:{service.code}"
        audit.record(session, actor=actor, action="service.promise_changed", subject=subject, **given)


def describe_cause(
    session: Session,
    *,
    actor: Actor,
    code: str,
    name_ar: str,
    name_en: str,
    position: int | None = None,
    is_failure: bool = True,
    is_knowledge: bool = False,
    is_active: bool = True,
    is_new: bool = False,
) -> Cause:
    """Add or change a cause of failed visits; without a position a new one comes last."""
    cause = session.get(Cause, code)
    refuse_known(cause, is_new=is_new, code=code)
    if position is None:
        last = session.scalar(select(func.max(Cause.position)))
        position = cause.position if cause else (last or 0) + 1
    values: dict[str, Any] = {"name_ar": name_ar, "name_en": name_en, "position": position}
    values |= {"is_failure": is_failure, "is_knowledge": is_knowledge, "is_active": is_active}
    cause = cause or Cause(code=code)
    describe(session, actor=actor, thing=cause, subject=f"cause:{code}", **values)
    return cause


def _refuse_taken_prefix(session: Session, code: str, prefix: str | None) -> None:
    others = select(PublicService.code).where(
        PublicService.prefix == prefix, PublicService.code != code, PublicService.is_imported.is_(False)
    )
    if prefix is not None and session.scalars(others).first() is not None:
        raise CatalogEditError("catalog.prefix_taken", field="prefix", prefix=prefix)
