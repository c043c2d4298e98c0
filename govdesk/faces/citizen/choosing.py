"""What the page of branch, day and time shows."""

import datetime as dt
import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.booking.errors import Place
from govdesk.booking.models import Appointment, Slot
from govdesk.catalog import service as catalog
from govdesk.catalog.models import Branch, PublicService
from govdesk.config import settings
from govdesk.faces.citizen import times
from govdesk.faces.citizen.nearness import Near, placed
from govdesk.faces.citizen.nearness import read as read_near
from govdesk.faces.citizen.wishes import Wish

STRIP = 14  # days on the page at once
_FARTHEST = 400
_DAY = dt.timedelta(days=1)
NOON, EVENING = 12, 17


@dataclass
class Choice:
    """A service with the branches that offer it, one of them chosen, and the places there."""

    service: PublicService
    branches: Sequence[Branch]
    branch: Branch
    first_free: dict[int, Place]
    today: dt.date
    day: dt.date
    places: dict[dt.date, list[Place]]
    near: Near = field(default_factory=Near)
    wrong: dict[str, str] = field(default_factory=dict)  # what was asked for and cannot be, by field

    @property
    def is_bookable(self) -> bool:
        """Whether any branch has a free time."""
        return bool(self.first_free)

    def branch_items(self) -> list[dict[str, Any]]:
        """The branch cards."""
        return [
            {
                "value": branch.code,
                "title": i18n.named(branch),
                "is_chosen": branch.id == self.branch.id,
                "lines": [
                    line for line in (address(branch), self.near.words(branch), self._soonest(branch)) if line
                ],
            }
            for branch in self.branches
        ]

    def near_items(self) -> list[tuple[str, str, bool]]:
        """The branches that one can be near to: code, name, whether chosen; none where there is no choice."""
        there = [(one.code, i18n.named(one), one.code == self.near.code) for one in placed(self.branches)]
        return [("", i18n.t("citizen.near_none"), not self.near.code), *there] if there else []

    def day_items(self) -> list[dict[str, Any]]:
        """The strip of days."""
        first = self._strip_start()
        return [self._day_item(first + ahead * _DAY) for ahead in range(STRIP)]

    def earlier(self) -> dt.date | None:
        """The last day with a free time before the strip."""
        before = [day for day in self._free_days() if day < self._strip_start()]
        return before[-1] if before else None

    def later(self) -> dt.date | None:
        """The first day with a free time after the strip."""
        end = self._strip_start() + STRIP * _DAY
        return next((day for day in self._free_days() if day >= end), None)

    def time_groups(self, chosen: int | None = None) -> list[tuple[str, list[dict[str, Any]]]]:
        """The times of the chosen day: a legend (morning, afternoon, evening) and its items."""
        zone, weekday = self.branch.timezone, i18n.weekday(self.day)

        def part(place: Place) -> str:
            hour = place.starts_at.astimezone(ZoneInfo(zone)).hour
            return "morning" if hour < NOON else "afternoon" if hour < EVENING else "evening"

        return [
            (
                i18n.t(f"citizen.{name}_of", weekday=weekday),
                [
                    {
                        "value": place.slot_id,
                        "text": i18n.time_of(place.starts_at, zone),
                        "is_free": place.free > 0,
                        "is_chosen": place.slot_id == chosen,
                    }
                    for place in members
                ],
            )
            for name, members in groupby(self.places.get(self.day, ()), key=part)
        ]

    def _soonest(self, branch: Branch) -> str:
        place = self.first_free.get(branch.id)
        if place is None:
            return i18n.t("citizen.none_free_here")
        return i18n.t("citizen.soonest", when=when(place.starts_at, branch.timezone))

    def _free_days(self) -> list[dt.date]:
        return [day for day, places in self.places.items() if any(place.free for place in places)]

    def _strip_start(self) -> dt.date:
        return self.today + (self.day - self.today) // _DAY // STRIP * STRIP * _DAY

    def _day_item(self, day: dt.date) -> dict[str, Any]:
        places = self.places.get(day, ())
        free = sum(place.free for place in places)
        none = "full" if places else "over" if day == self.today else "shut"
        return {
            "value": day.isoformat(),
            **_day_words(day, i18n.language(), settings().latin_digits),
            **({"weekday": i18n.t("citizen.today")} if day == self.today else {}),
            "free": i18n.nt("citizen.free_places", free) if free else i18n.t(f"citizen.day_{none}"),
            "is_open": free > 0,
            "is_chosen": day == self.day,
        }


def choose(
    session: Session,
    service: PublicService,
    branch_code: str,
    day_text: str,
    wish: Wish,
    *,
    for_staff: bool = False,
    near_code: str = "",
) -> Choice | None:
    """What to show for what was asked; what cannot be is said beside its field. None: offered nowhere.

    `near_code` names a branch that the person is near to: the nearest comes first, and wins between times
    that are equally early.

    A time from which on not enough minutes are free for the wish is shown as taken.
    """
    there = catalog.branches_offering(session, service)
    branches = [one for one in there if wish.is_met_at(one.id) or (for_staff and one.code == branch_code)]
    if not branches:
        return None
    near = read_near(branches, near_code)
    branches.sort(key=near.order)
    wrong = {}
    first_free = times.first_free(session, service, branches, wish)
    branch = next((branch for branch in branches if branch.code == branch_code), None)
    if branch is None:
        if branch_code:
            wrong["branch"] = i18n.t("citizen.branch_unknown")
        branch = _soonest_branch(branches, first_free)
    today = clock.local_day(clock.now(), branch.timezone)
    far = today + _FARTHEST * _DAY
    fit = times.fitting(session, service, branch, (today, far), wish, for_staff=for_staff)
    by_day = _by_day(fit, ZoneInfo(branch.timezone))
    day, problem = read_day(day_text, today)
    if problem:
        wrong["day"] = problem
    if day is None or day > far:
        day = next((day for day, on_it in by_day.items() if any(place.free for place in on_it)), today)
    return Choice(service, branches, branch, first_free, today, day, by_day, near, wrong)


def read_day(text: str, today: dt.date) -> tuple[dt.date | None, str]:
    """A day as sent (2026-10-14, any digits), or what is wrong with it in a sentence."""
    if not text.strip():
        return None, ""
    try:
        day = dt.date.fromisoformat(i18n.latin_digits(text.strip()))
    except ValueError:
        return None, i18n.t("errors.date")
    return (None, i18n.t("errors.date_past")) if day < today else (day, "")


def alternative_items(session: Session, places: Iterable[Place]) -> list[dict[str, Any]]:
    """Free places to offer instead: day and time, and where."""
    items = []
    for place in places:
        branch = session.get_one(Branch, place.branch_id)
        text = when(place.starts_at, branch.timezone)
        items.append(
            {"value": place.slot_id, "title": text, "lines": [i18n.named(branch)], "is_chosen": False}
        )
    return items


def when(moment: dt.datetime, zone: str) -> str:
    """A moment near today in words: today 11:20, tomorrow 08:00, Thursday 15 October 16:20."""
    day, today = clock.local_day(moment, zone), clock.local_day(clock.now(), zone)
    time = i18n.time_of(moment, zone)
    if day in (today, today + _DAY):
        return i18n.t("citizen.today_at" if day == today else "citizen.tomorrow_at", time=time)
    return i18n.t("citizen.day_at", weekday=i18n.weekday(day), date=i18n.date_short(day), time=time)


def address(branch: Branch) -> str:
    """The address in the language spoken now, or in the other."""
    here, there = branch.address_ar, branch.address_en
    return (here or there) if i18n.language() == "ar" else (there or here)


def about(service: PublicService) -> str:
    """What a service is, in the language spoken now, or in the other."""
    here, there = service.description_ar, service.description_en
    return (here or there) if i18n.language() == "ar" else (there or here)


def day_and_time(thing: Appointment | Slot, branch: Branch) -> str:
    """Weekday, date and clock time at the branch."""
    day = i18n.date_long(clock.local_day(thing.starts_at, branch.timezone))
    return i18n.t("citizen.day_and_time", day=day, time=i18n.time_of(thing.starts_at, branch.timezone))


@functools.lru_cache(maxsize=1000)
def _day_words(
    day: dt.date,
    language: str,  # noqa: ARG001 - the words depend on it
    latin_digits: bool,  # noqa: ARG001, FBT001 - and on this
) -> dict[str, str]:
    """A day in words; kept, because two calendars are slow to write and every page shows the same days."""
    return {
        "weekday": i18n.weekday(day),
        "num": i18n.num(day.day),
        "month": i18n.date_short(day).split(" ", 1)[-1],
        "hijri": i18n.hijri_short(day),
    }


def _soonest_branch(branches: Sequence[Branch], first_free: dict[int, Place]) -> Branch:
    """The branch with the earliest free time, else the first."""
    free = [branch for branch in branches if branch.id in first_free]
    return min(free, key=lambda branch: first_free[branch.id].starts_at, default=branches[0])


def _by_day(places: Iterable[Place], zone: ZoneInfo) -> dict[dt.date, list[Place]]:
    by_day = groupby(places, key=lambda place: place.starts_at.astimezone(zone).date())
    return {day: list(on_it) for day, on_it in by_day}
