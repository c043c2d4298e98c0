"""The catalog of an agency as one TOML file: read with its refusals placed, and written."""

import datetime as dt
import re
import tomllib
from collections.abc import Iterable
from typing import Any

import tomli_w

from govdesk.catalog import entries, guide_document, reading
from govdesk.catalog.causes import DEFAULT_CAUSES
from govdesk.catalog.common_codes import CommonCode
from govdesk.catalog.entries import CatalogDocument, Name
from govdesk.catalog.toml_table import WEEKDAYS, CatalogError, Table, refuse_repeats

_LINE = re.compile(r"at line (\d+)")


def parse(text: str) -> CatalogDocument:
    """Read a catalog document.

    Raises CatalogError naming the place (services[2].minutes, counted from one) for anything missing,
    unknown, out of range, repeated, or pointing to what is not there. Without `causes` the default ones are
    taken.
    """
    try:
        document = Table(tomllib.loads(text))
    except tomllib.TOMLDecodeError as problem:
        line = _LINE.search(str(problem))
        place = line[1] if line else str(text.count("\n") + 1)
        raise CatalogError("catalog.not_toml", place, reason=str(problem)) from problem
    departments = document.tables("departments", reading.department)
    departments_known = {department.code for department in departments}
    services = document.tables("services", lambda table: reading.service(table, departments_known))
    known_services = {service.code for service in services}
    branches = document.tables("branches", lambda table: reading.branch(table, known_services))
    known_branches = {branch.code for branch in branches}
    catalog = CatalogDocument(
        agency=reading.agency(document.table("agency")),
        departments=departments,
        branches=branches,
        services=services,
        offers=document.tables("offers", lambda table: reading.offer(table, known_branches, known_services)),
        holidays=document.tables("holidays", reading.holiday),
        causes=document.tables("causes", reading.cause) if document.has("causes") else DEFAULT_CAUSES,
        guides=document.tables("guides", lambda table: guide_document.read(table, known_services)),
        seasons=document.tables("seasons", reading.season),
        priority_groups=document.tables("priority_groups", reading.priority_group),
    )
    document.finish()
    _refuse_contradictions(catalog)
    return catalog


def render(document: CatalogDocument) -> str:
    """Write a catalog document; `parse` of the result gives the same document."""
    return tomli_w.dumps(
        {
            "agency": _filled(name=_both(document.agency.name), tagline=_both(document.agency.tagline)),
            "departments": [{"code": d.code, "name": _both(d.name)} for d in document.departments],
            "services": [_service(service) for service in document.services],
            "branches": [_branch(branch) for branch in document.branches],
            "offers": [_offer(offer) for offer in document.offers],
            "holidays": [_holiday(holiday) for holiday in document.holidays],
            "causes": [_cause(cause) for cause in document.causes],
            "guides": [guide_document.render(guide) for guide in document.guides],
            **_some(
                seasons=[_season(season) for season in document.seasons],
                priority_groups=[_priority_group(group) for group in document.priority_groups],
            ),
        }
    )


def _refuse_contradictions(catalog: CatalogDocument) -> None:
    for kind in ("departments", "branches", "services", "causes", "priority_groups"):
        codes = enumerate((entry.code for entry in getattr(catalog, kind)), 1)
        refuse_repeats((f"{kind}[{n}].code", code) for n, code in codes)
    refuse_repeats((f"services[{n}].prefix", s.prefix) for n, s in enumerate(catalog.services, 1))
    refuse_repeats((f"offers[{n}]", f"{o.branch}/{o.service}") for n, o in enumerate(catalog.offers, 1))
    refuse_repeats((f"holidays[{n}].day", h.day) for n, h in enumerate(catalog.holidays, 1))
    refuse_repeats((f"guides[{n}].service", g.service) for n, g in enumerate(catalog.guides, 1))
    offered = {(offer.branch, offer.service) for offer in catalog.offers}
    for n, branch in enumerate(catalog.branches, 1):
        here = f"branches[{n}]"
        refuse_repeats((f"{here}.counters[{m}].number", c.number) for m, c in enumerate(branch.counters, 1))
        refuse_repeats((f"{here}.holidays[{m}].day", h.day) for m, h in enumerate(branch.holidays, 1))
        for m, counter in enumerate(branch.counters, 1):
            for service in counter.services:
                if (branch.code, service) not in offered:
                    raise CatalogError("catalog.not_offered", f"{here}.counters[{m}].services", code=service)


def _filled(**fields: object) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}


def _some(**fields: object) -> dict[str, Any]:
    """The fields that say something: what is usual is not written."""
    return {key: value for key, value in fields.items() if value}


def _both(name: Name | None) -> dict[str, str] | None:
    return None if name is None else _filled(ar=name.ar or None, en=name.en or None)


def _hours(starts: dt.time, ends: dt.time) -> str:
    return f"{starts:%H:%M}-{ends:%H:%M}"


def _service(service: entries.ServiceEntry) -> dict[str, Any]:
    return _filled(
        code=service.code,
        department=service.department,
        name=_both(service.name),
        family=service.family,
        prefix=service.prefix,
        minutes=service.minutes,
        description=_both(service.description),
        interpreter_minutes=service.interpreter_minutes,
        wait_target_minutes=service.wait_target_minutes,
        resolve_days=service.resolve_days,
        object_kind=service.object_kind,
        is_active=service.is_active,
        common=_common(service.common),
        repeat=_filled(
            window_days=service.repeat.window_days,
            lag_days=service.repeat.lag_days,
            cycle_days=service.repeat.cycle_days,
            allowed_reasons=list(service.repeat.allowed_reasons),
        ),
    )


def _common(common: CommonCode | None) -> dict[str, str] | None:
    if common is None:
        return None
    return _some(vocabulary=common.vocabulary, code=common.code)


def _branch(branch: entries.BranchEntry) -> dict[str, Any]:
    return _filled(
        code=branch.code,
        name=_both(branch.name),
        timezone=branch.timezone,
        address=_both(branch.address),
        latitude=branch.latitude,
        longitude=branch.longitude,
        notice=_both(branch.notice),
        is_active=branch.is_active,
        hours=_week(branch.hours),
        counters=[
            {"number": c.number, "services": list(c.services), "is_active": c.is_active}
            for c in branch.counters
        ],
        holidays=[_holiday(holiday) for holiday in branch.holidays],
        **_some(
            seasons=[_season(season) for season in branch.seasons],
            exceptions=[_exception(exception) for exception in branch.exceptions],
            printer=branch.printer,
            phone=branch.phone,
            access=_both(branch.access),
        ),
        **_filled(  # here no and nought are words too
            demands_devices=branch.demands_devices,
            near_ahead=branch.near_ahead,
            push_back_places=branch.push_back_places,
            rejoin_minutes=branch.rejoin_minutes,
            allows_remote=branch.allows_remote,
            remote_share=branch.remote_share,
            calls_before_noshow=branch.calls_before_noshow,
        ),
    )


def _week(hours: Iterable[entries.HoursEntry]) -> dict[str, list[str]]:
    week: dict[str, list[str]] = {}
    for row in hours:
        week.setdefault(WEEKDAYS[row.weekday], []).append(_hours(row.opens, row.closes))
    return week


def _season(season: entries.SeasonEntry) -> dict[str, Any]:
    return {
        "name": _both(season.name),
        "first_on": season.first_on,
        "last_on": season.last_on,
        "hours": _week(season.hours),
    }


def _exception(exception: entries.ExceptionEntry) -> dict[str, Any]:
    starts, ends = exception.starts, exception.ends
    hours = _hours(starts, ends) if starts is not None and ends is not None else None
    return _filled(
        kind=exception.kind,
        first_on=exception.first_on,
        last_on=exception.last_on,
        name=_both(exception.name),
        hours=hours,
        capacity=exception.capacity,
    )


def _holiday(holiday: entries.HolidayEntry) -> dict[str, Any]:
    hours = _hours(*holiday.hours) if holiday.hours else None
    return _filled(day=holiday.day, name=_both(holiday.name), hours=hours)


def _offer(offer: entries.OfferEntry) -> dict[str, Any]:
    return {
        "branch": offer.branch,
        "service": offer.service,
        **_some(kinds=[] if offer.kinds == ("on_site",) else list(offer.kinds)),
        **_filled(daily_walkins=offer.daily_walkins, longest_wait_minutes=offer.longest_wait_minutes),
        **_some(kept_for_hall=offer.kept_for_hall),
        "schedules": [_schedule(schedule) for schedule in offer.schedules],
        **_some(exceptions=[_exception(exception) for exception in offer.exceptions]),
    }


def _schedule(schedule: entries.ScheduleEntry) -> dict[str, Any]:
    return _filled(
        name=_both(schedule.name),
        weekdays=[WEEKDAYS[weekday] for weekday in schedule.weekdays],
        hours=_hours(schedule.starts, schedule.ends),
        slot_minutes=schedule.slot_minutes,
        capacity=schedule.capacity,
        lead_minutes=schedule.lead_minutes,
        horizon_days=schedule.horizon_days,
        valid_from=schedule.valid_from,
        valid_until=schedule.valid_until,
        anchor=schedule.anchor,
        **_some(
            every_weeks=schedule.every_weeks if schedule.every_weeks > 1 else None,
            nth_weeks=list(schedule.nth_weeks),
            kept_walkins=schedule.kept_walkins,
            kept_staff=schedule.kept_staff,
            may_overbook=schedule.may_overbook,
            exceptions=[_exception(exception) for exception in schedule.exceptions],
        ),
    )


def _cause(cause: entries.CauseEntry) -> dict[str, Any]:
    return {
        "code": cause.code,
        "name": _both(cause.name),
        "is_failure": cause.is_failure,
        "is_active": cause.is_active,
        "is_knowledge": cause.is_knowledge,
    }


def _priority_group(group: entries.PriorityGroupEntry) -> dict[str, Any]:
    return {
        **_filled(code=group.code, name=_both(group.name), meant=_both(group.meant)),
        "is_stated": group.is_stated,
        "is_active": group.is_active,
    }
