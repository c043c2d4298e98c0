"""The entries of a catalog document: plain values, field names as in the tables."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from govdesk.catalog.common_codes import CommonCode

if TYPE_CHECKING:
    from govdesk.catalog.guide_entries import GuideEntry

KINDS = ("on_site", "phone", "video", "home")
PLAN_REASONS = ("biometrics", "collect_document", "instalment", "legal_second_step")


@dataclass(frozen=True, slots=True)
class Name:
    """A text in both languages."""

    ar: str
    en: str


@dataclass(frozen=True, slots=True)
class AgencyEntry:
    """The agency."""

    name: Name
    tagline: Name | None = None


@dataclass(frozen=True, slots=True)
class DepartmentEntry:
    """Who answers for services."""

    code: str
    name: Name


@dataclass(frozen=True, slots=True)
class HoursEntry:
    """One opening of a weekday (0 = Monday); a close of 00:00 is midnight."""

    weekday: int
    opens: dt.time
    closes: dt.time


@dataclass(frozen=True, slots=True)
class HolidayEntry:
    """A day shut, or open at other hours."""

    day: dt.date
    name: Name
    hours: tuple[dt.time, dt.time] | None = None


@dataclass(frozen=True, slots=True)
class SeasonEntry:
    """Days with a week of their own, such as Ramadan."""

    name: Name
    first_on: dt.date
    last_on: dt.date
    hours: tuple[HoursEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class ExceptionEntry:
    """Days on which slots go another way: kind is shut, hours or desks."""

    kind: str
    first_on: dt.date
    last_on: dt.date
    name: Name
    starts: dt.time | None = None
    ends: dt.time | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class CounterEntry:
    """A desk with a number; no services means every service of the branch."""

    number: int
    services: tuple[str, ...] = ()
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class BranchEntry:
    """A place where people are served."""

    code: str
    name: Name
    timezone: str
    address: Name | None = None
    latitude: float | None = None  # degrees north and east; both or neither
    longitude: float | None = None
    notice: Name | None = None
    is_active: bool = True
    hours: tuple[HoursEntry, ...] = ()
    holidays: tuple[HolidayEntry, ...] = ()
    counters: tuple[CounterEntry, ...] = ()
    seasons: tuple[SeasonEntry, ...] = ()
    exceptions: tuple[ExceptionEntry, ...] = ()
    demands_devices: bool | None = None  # not said: as it is; on in a branch that is new
    printer: str | None = None
    phone: str | None = None  # this and what follows: not said is as it is
    access: Name | None = None
    near_ahead: int | None = None
    push_back_places: int | None = None
    rejoin_minutes: int | None = None
    allows_remote: bool | None = None
    remote_share: int | None = None
    calls_before_noshow: int | None = None


@dataclass(frozen=True, slots=True)
class RepeatEntry:
    """When a return is a failure: window and recording lag in days, cycle of a recurring need."""

    window_days: int = 30
    lag_days: int = 2
    cycle_days: int | None = None
    allowed_reasons: tuple[str, ...] = PLAN_REASONS


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """What people come for; lengths in minutes and days as named."""

    code: str
    department: str
    name: Name
    family: str
    prefix: str
    minutes: int
    description: Name | None = None
    interpreter_minutes: int = 10
    wait_target_minutes: int = 15
    resolve_days: int | None = None
    object_kind: str | None = None
    is_active: bool = True
    repeat: RepeatEntry = RepeatEntry()
    common: CommonCode | None = None  # not said: as it is; NO_CODE takes it away


@dataclass(frozen=True, slots=True)
class ScheduleEntry:
    """A rule that makes slots, week after week; its exceptions are its own alone."""

    weekdays: tuple[int, ...]
    starts: dt.time
    ends: dt.time
    slot_minutes: int
    capacity: int
    lead_minutes: int
    horizon_days: int
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    name: Name | None = None
    every_weeks: int = 1
    anchor: dt.date | None = None
    nth_weeks: tuple[int, ...] = ()
    kept_walkins: int = 0
    kept_staff: int = 0
    may_overbook: bool = False
    exceptions: tuple[ExceptionEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class OfferEntry:
    """A service that a branch offers, and when it can be booked there (never, without a schedule)."""

    branch: str
    service: str
    schedules: tuple[ScheduleEntry, ...] = ()
    exceptions: tuple[ExceptionEntry, ...] = ()
    kinds: tuple[str, ...] = ("on_site",)
    daily_walkins: int | None = None
    longest_wait_minutes: int | None = None
    kept_for_hall: int = 0


@dataclass(frozen=True, slots=True)
class CauseEntry:
    """Why a visit failed."""

    code: str
    name: Name
    is_failure: bool = True
    is_active: bool = True
    is_knowledge: bool = False


@dataclass(frozen=True, slots=True)
class PriorityGroupEntry:
    """Whom the law puts first."""

    code: str
    name: Name
    is_stated: bool = True
    is_active: bool = True
    meant: Name | None = None


@dataclass(frozen=True, slots=True)
class CatalogDocument:
    """The whole catalog; holidays and seasons are those of every branch.

    Causes and priority groups stand in the order shown; without a group, those that there are stay.
    """

    agency: AgencyEntry
    departments: tuple[DepartmentEntry, ...] = ()
    branches: tuple[BranchEntry, ...] = ()
    services: tuple[ServiceEntry, ...] = ()
    offers: tuple[OfferEntry, ...] = ()
    holidays: tuple[HolidayEntry, ...] = ()
    causes: tuple[CauseEntry, ...] = ()
    guides: tuple["GuideEntry", ...] = ()
    seasons: tuple[SeasonEntry, ...] = ()
    priority_groups: tuple[PriorityGroupEntry, ...] = ()
