"""A whole month of one branch at a glance: a table that reads as well aloud as it looks."""

import datetime as dt
from calendar import SUNDAY, Calendar
from dataclasses import dataclass

from flask import Response, request
from sqlalchemy import select

from govdesk import clock, i18n
from govdesk.booking.models import Slot
from govdesk.db import reading
from govdesk.faces.citizen import choosing, wishes
from govdesk.faces.citizen.views import bp, service_of
from govdesk.web import page, public

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the table; those of other months are empty."""

    day: dt.date
    free: int
    words: str
    is_inside: bool
    is_today: bool
    is_past: bool


@bp.get("/book/<code>/month")
@public
def month(code: str) -> Response:
    """The free places of each day of a month; a day leads to its times."""
    chosen = service_of(code)
    wish = wishes.read(reading(), chosen, request.args)
    choice = choosing.choose(reading(), chosen, request.args.get("branch", ""), "", wish)
    if choice is None:
        return page("citizen/month.html", service=chosen, choice=None, along=wish.along())
    first = _first_day(request.args.get("month", ""), choice.day)
    last_offered = reading().scalar(
        select(Slot.starts_at)
        .where(Slot.service_id == chosen.id, Slot.branch_id == choice.branch.id, Slot.is_closed.is_(False))
        .order_by(Slot.starts_at.desc())
        .limit(1)
    )
    last = clock.local_day(last_offered, choice.branch.timezone) if last_offered else choice.today
    following = (first + 31 * _DAY).replace(day=1)
    return page(
        "citizen/month.html",
        service=chosen,
        choice=choice,
        along=wish.along(),
        first=first,
        month_name=i18n.month_of(first),
        weeks=[[_cell(choice, first, day) for day in week] for week in _weeks(first)],
        before=(first - _DAY).replace(day=1) if first > choice.today.replace(day=1) else None,
        after=following if following <= last else None,
    )


def _first_day(typed: str, otherwise: dt.date) -> dt.date:
    """The first day of the month as sent, 2026-10, or of another day; one that cannot be is left behind."""
    try:
        return dt.date.fromisoformat(f"{i18n.latin_digits(typed.strip())}-01")
    except ValueError:
        return otherwise.replace(day=1)


def _weeks(first: dt.date) -> list[list[dt.date]]:
    return Calendar(SUNDAY).monthdatescalendar(first.year, first.month)


def _cell(choice: choosing.Choice, first: dt.date, day: dt.date) -> Cell:
    places = choice.places.get(day, ())
    free = sum(place.free for place in places)
    none = "past" if day < choice.today else "full" if places else "shut"
    words = i18n.nt("citizen.free_places", free) if free else i18n.t(f"citizen.day_{none}")
    return Cell(
        day,
        free,
        words,
        is_inside=day.month == first.month,
        is_today=day == choice.today,
        is_past=day < choice.today,
    )
