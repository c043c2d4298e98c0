"""The entries of a catalog document, each read from its table."""

import datetime as dt

from govdesk.catalog import door, entries
from govdesk.catalog.common_codes import CommonCode, CommonCodeError, common_code
from govdesk.catalog.entries import Name
from govdesk.catalog.objects import KINDS as OBJECT_KINDS
from govdesk.catalog.toml_table import CatalogError, Table

DAY_MINUTES = 1440
LONGEST_SERVICE = 480
MOST_WALKINS = 9999
MOST_WEEKS = 52
EXCEPTION_KINDS = ("shut", "hours", "desks")
_YEAR = 366


def _name(table: Table) -> Name:
    name = Name(table.text("ar"), table.text("en"))
    table.finish()
    return name


def _optional_name(table: Table, key: str) -> Name | None:
    """A text that may be missing, whole or in one of the languages."""
    if not table.has(key):
        return None
    both = table.table(key)
    name = Name(*(both.text(tongue) if both.has(tongue) else "" for tongue in ("ar", "en")))
    both.finish()
    return name


def agency(table: Table) -> entries.AgencyEntry:
    """The agency, from its table."""
    entry = entries.AgencyEntry(_name(table.table("name")), _optional_name(table, "tagline"))
    table.finish()
    return entry


def department(table: Table) -> entries.DepartmentEntry:
    """A department, from its table."""
    return entries.DepartmentEntry(table.code("code"), _name(table.table("name")))


def branch(table: Table, services: set[str]) -> entries.BranchEntry:
    """A branch, from its table; its counters may name only known services."""
    latitude, longitude = table.degrees("latitude", 90), table.degrees("longitude", 180)
    if (latitude is None) != (longitude is None):
        raise CatalogError("catalog.half_a_place", table.at("longitude" if longitude is None else "latitude"))
    return entries.BranchEntry(
        code=table.code("code"),
        name=_name(table.table("name")),
        timezone=table.zone("timezone"),
        address=_optional_name(table, "address"),
        latitude=latitude,
        longitude=longitude,
        notice=_optional_name(table, "notice"),
        is_active=table.flag("is_active", default=True),
        hours=tuple(entries.HoursEntry(*row) for row in table.hours_by_weekday("hours")),
        holidays=table.tables("holidays", holiday),
        counters=table.tables("counters", lambda counter: _counter(counter, services)),
        seasons=table.tables("seasons", season),
        exceptions=table.tables("exceptions", _exception),
        demands_devices=table.flag("demands_devices", default=True) if table.has("demands_devices") else None,
        printer=_printer(table),
        phone=table.text("phone") if table.has("phone") else None,
        access=_optional_name(table, "access"),
        near_ahead=_optional_whole(table, "near_ahead", 50),
        push_back_places=_optional_whole(table, "push_back_places", 50),
        rejoin_minutes=_optional_whole(table, "rejoin_minutes", 240),
        allows_remote=table.flag("allows_remote", default=False) if table.has("allows_remote") else None,
        remote_share=_optional_whole(table, "remote_share", 100),
        calls_before_noshow=_optional_whole(table, "calls_before_noshow", 9, least=1),
    )


def _optional_whole(table: Table, key: str, most: int, *, least: int = 0) -> int | None:
    return table.whole(key, least, most) if table.has(key) else None


def _printer(table: Table) -> str | None:
    if not table.has("printer"):
        return None
    try:
        return door.printer_address(table.text("printer"))
    except ValueError as problem:
        raise CatalogError("devices.printer_wrong", table.at("printer")) from problem


def _counter(table: Table, services: set[str]) -> entries.CounterEntry:
    return entries.CounterEntry(
        number=table.whole("number", 1, 999),
        services=table.codes("services", services),
        is_active=table.flag("is_active", default=True),
    )


def holiday(table: Table) -> entries.HolidayEntry:
    """A day shut or at other hours, from its table."""
    hours = table.hours("hours") if table.has("hours") else None
    return entries.HolidayEntry(table.day("day"), _name(table.table("name")), hours)


def service(table: Table, departments: set[str]) -> entries.ServiceEntry:
    """A service of one of the known departments, from its table."""
    code = table.code("code")
    resolve_days = table.whole("resolve_days", 1, _YEAR) if table.has("resolve_days") else None
    return entries.ServiceEntry(
        code=code,
        department=table.one_of("department", departments),
        name=_name(table.table("name")),
        family=table.code("family") if table.has("family") else code,
        prefix=table.prefix("prefix"),
        minutes=table.whole("minutes", 1, LONGEST_SERVICE),
        description=_optional_name(table, "description"),
        interpreter_minutes=table.whole("interpreter_minutes", 0, LONGEST_SERVICE, default=10),
        wait_target_minutes=table.whole("wait_target_minutes", 1, LONGEST_SERVICE, default=15),
        resolve_days=resolve_days,
        object_kind=table.one_of("object_kind", OBJECT_KINDS) if table.has("object_kind") else None,
        is_active=table.flag("is_active", default=True),
        repeat=_repeat(table.table("repeat")) if table.has("repeat") else entries.RepeatEntry(),
        common=_common(table.table("common")) if table.has("common") else None,
    )


def _common(table: Table) -> CommonCode:
    """A code in a shared classification; an empty table says that there is none."""
    said = [table.text(part) if table.has(part) else "" for part in ("vocabulary", "code")]
    table.finish()
    try:
        return common_code(*said)
    except CommonCodeError as problem:
        raise CatalogError(f"catalog.common_{problem.field}", table.at(problem.field)) from problem


def _repeat(table: Table) -> entries.RepeatEntry:
    usual = entries.RepeatEntry()
    repeat = entries.RepeatEntry(
        window_days=table.whole("window_days", 7, 90, default=usual.window_days),
        lag_days=table.whole("lag_days", 0, 30, default=usual.lag_days),
        cycle_days=table.whole("cycle_days", 1, 20 * _YEAR) if table.has("cycle_days") else None,
        allowed_reasons=(
            table.codes("allowed_reasons") if table.has("allowed_reasons") else usual.allowed_reasons
        ),
    )
    table.finish()
    return repeat


def season(table: Table) -> entries.SeasonEntry:
    """Days with a week of their own, from their table."""
    first_on, last_on = _days(table)
    hours = tuple(entries.HoursEntry(*row) for row in table.hours_by_weekday("hours"))
    return entries.SeasonEntry(_name(table.table("name")), first_on, last_on, hours)


def offer(table: Table, branches: set[str], services: set[str]) -> entries.OfferEntry:
    """What a branch offers and when, from its table."""
    has_daily, has_longest = table.has("daily_walkins"), table.has("longest_wait_minutes")
    daily = table.whole("daily_walkins", 0, MOST_WALKINS) if has_daily else None
    return entries.OfferEntry(
        branch=table.one_of("branch", branches),
        service=table.one_of("service", services),
        schedules=table.tables("schedules", _schedule),
        exceptions=table.tables("exceptions", _exception),
        kinds=tuple(sorted(table.codes("kinds", entries.KINDS))) if table.has("kinds") else ("on_site",),
        daily_walkins=daily,
        longest_wait_minutes=(table.whole("longest_wait_minutes", 5, DAY_MINUTES) if has_longest else None),
        kept_for_hall=table.whole("kept_for_hall", 0, daily or 0, default=0),
    )


def _schedule(table: Table) -> entries.ScheduleEntry:
    starts, ends = table.hours("hours")
    capacity = table.whole("capacity", 0, 999)
    kept_walkins = table.whole("kept_walkins", 0, capacity, default=0)
    schedule = entries.ScheduleEntry(
        weekdays=table.weekdays("weekdays"),
        starts=starts,
        ends=ends,
        slot_minutes=table.whole("slot_minutes", 1, LONGEST_SERVICE),
        capacity=capacity,
        lead_minutes=table.whole("lead_minutes", 0, 90 * DAY_MINUTES),
        horizon_days=table.whole("horizon_days", 1, _YEAR),
        valid_from=table.day("valid_from") if table.has("valid_from") else None,
        valid_until=table.day("valid_until") if table.has("valid_until") else None,
        name=_optional_name(table, "name"),
        every_weeks=table.whole("every_weeks", 1, MOST_WEEKS, default=1),
        anchor=table.day("anchor") if table.has("anchor") else None,
        nth_weeks=table.nth_weeks("nth_weeks"),
        kept_walkins=kept_walkins,
        kept_staff=table.whole("kept_staff", 0, capacity - kept_walkins, default=0),
        may_overbook=table.flag("may_overbook", default=False),
        exceptions=table.tables("exceptions", _exception),
    )
    if schedule.horizon_days * DAY_MINUTES <= schedule.lead_minutes:
        raise CatalogError("catalog.horizon_within_lead", table.at("horizon_days"))
    if schedule.valid_from and schedule.valid_until and schedule.valid_until < schedule.valid_from:
        raise CatalogError("catalog.dates_reversed", table.at("valid_until"))
    if schedule.every_weeks > 1 and schedule.anchor is None:
        raise CatalogError("catalog.missing", table.at("anchor"))
    return schedule


def _exception(table: Table) -> entries.ExceptionEntry:
    kind = table.one_of("kind", EXCEPTION_KINDS)
    first_on, last_on = _days(table)
    has_hours = kind == "hours" or table.has("hours")
    starts, ends = table.hours("hours") if has_hours and kind != "desks" else (None, None)
    has_desks = kind == "desks" or (kind == "hours" and table.has("capacity"))
    return entries.ExceptionEntry(
        kind=kind,
        first_on=first_on,
        last_on=last_on,
        name=_name(table.table("name")),
        starts=starts,
        ends=ends,
        capacity=table.whole("capacity", 0, 999) if has_desks else None,
    )


def _days(table: Table) -> tuple[dt.date, dt.date]:
    first_on = table.day("first_on")
    last_on = table.day("last_on") if table.has("last_on") else first_on
    if last_on < first_on:
        raise CatalogError("catalog.dates_reversed", table.at("last_on"))
    return first_on, last_on


def cause(table: Table) -> entries.CauseEntry:
    """A cause, from its table."""
    return entries.CauseEntry(
        code=table.code("code"),
        name=_name(table.table("name")),
        is_failure=table.flag("is_failure", default=True),
        is_active=table.flag("is_active", default=True),
        is_knowledge=table.flag("is_knowledge", default=False),
    )


def priority_group(table: Table) -> entries.PriorityGroupEntry:
    """A group of people whom the law puts first, from its table."""
    return entries.PriorityGroupEntry(
        code=table.code("code"),
        name=_name(table.table("name")),
        is_stated=table.flag("is_stated", default=True),
        is_active=table.flag("is_active", default=True),
        meant=_optional_name(table, "meant"),
    )
