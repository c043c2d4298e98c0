"""When a place is free: the slots of a service, or where a whole visit could begin."""

import datetime as dt
import functools
from collections.abc import Callable, Iterable
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking import chains, slots
from govdesk.booking.errors import Place
from govdesk.catalog import service as catalog
from govdesk.catalog.models import Branch
from govdesk.db import reading
from govdesk.faces.api import paging, shapes, visiting
from govdesk.faces.api.fields import Field, InvalidError, query
from govdesk.faces.api.offers import BRANCH, branch_of
from govdesk.web import actor

USUAL_DAYS, MOST_DAYS = 30, 366
OF_SLOTS = (
    Field(name="service", kind="text", required=True, example="renewal"),
    BRANCH,
    Field(name="from", kind="day", example="2026-10-05"),
    Field(name="to", kind="day", example="2026-12-03"),
    visiting.SCENARIO,
    visiting.INTERPRETER,
    Field(name="also", kind="text", example="passport"),
    Field(name="others", kind="text", example="renewal,passport"),
    *paging.PAGED,
)
_DAY = dt.timedelta(days=1)
LARGEST_STEP = 8 * _DAY


def free_slots() -> Response:
    """The free places of a service in the order of time, at one branch or at all.

    Of a whole visit, the places from which on all of it can be had.
    """
    asked = query(OF_SLOTS)
    session = reading()
    asked_for = asked | {"also": visiting.codes(asked["also"])}
    wish = visiting.read(session, asked_for, others=visiting.codes(asked["others"]))
    if asked["branch"] is None:
        here = [b for b in catalog.branches_offering(session, wish.service) if actor().sees_branch(b.id)]
    else:
        here = [branch_of(session, asked["branch"], field="branch")]
    by_id = {branch.id: branch for branch in here}
    found = _free(by_id, asked, functools.partial(_look, session, wish, by_id))
    return paging.answer(found, asked, _slot_key, lambda place: shapes.place(place, by_id[place.branch_id]))


def _free(
    here: dict[int, Branch],
    asked: dict[str, Any],
    look: Callable[[dt.datetime, dt.datetime], Iterable[Place]],
) -> list[Place]:
    """The free places of the page that is asked for, and one more if there is a next one.

    Days are looked through from the first on until the page is full, more at once where few are free: a page
    need not read two months.
    """
    since, until = _period(here, asked)
    after = _after(asked)
    since = max(since, after[0]) if after else since
    found: list[Place] = []
    step = _DAY
    while since < until and len(found) <= paging.limit(asked):
        end = min(since + step, until)
        fit = sorted(look(since, end), key=_order)
        found += [place for place in fit if after is None or _order(place) > after]
        since, step = end, min(2 * step, LARGEST_STEP)
    return found


def _look(
    session: Session, wish: visiting.Wish, here: dict[int, Branch], since: dt.datetime, end: dt.datetime
) -> Iterable[Place]:
    """The places that begin in [since, end) and fit what is wanted.

    One looks on for as long as the service lasts, so that a row of slots over the end is seen whole.
    """
    if wish.is_visit:
        return visiting.starts(session, wish.parts, here, since, end)
    seen = slots.free_places(
        session,
        service_id=wish.service.id,
        branch_ids=list(here),
        since=since,
        until=end + dt.timedelta(minutes=wish.minutes),
    )
    return [place for place in _long_enough(seen, wish.minutes) if place.starts_at < end]


def _after(asked: dict[str, Any]) -> tuple[dt.datetime, int] | None:
    """The place after which the page begins. Raises InvalidError."""
    key = paging.position(asked, ("", 0))
    if key is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(str(key[0]))
    except ValueError as problem:
        raise InvalidError.of("cursor", "api.bad_cursor") from problem
    if moment.tzinfo is None:
        raise InvalidError.of("cursor", "api.bad_cursor")
    return moment, int(key[1])


def _period(here: dict[int, Branch], asked: dict[str, Any]) -> tuple[dt.datetime, dt.datetime]:
    """The local days asked for, as moments; of branches in several zones, the widest."""
    zones = sorted({branch.timezone for branch in here.values()}) or ["UTC"]
    today = min(clock.local_day(clock.now(), zone) for zone in zones)
    first: dt.date = asked["from"] or today
    last: dt.date = asked["to"] or first + (USUAL_DAYS - 1) * _DAY
    if first < today:
        raise InvalidError.of("from", "errors.date_past")
    if last < first:
        raise InvalidError.of("to", "api.before_from")
    if last - first >= MOST_DAYS * _DAY:
        raise InvalidError.of("to", "api.too_many_days", most=MOST_DAYS)
    since = min(clock.day_bounds(first, zone)[0] for zone in zones)
    return max(since, clock.now()), max(clock.day_bounds(last, zone)[1] for zone in zones)


def _long_enough(seen: list[Place], minutes: int) -> list[Place]:
    by_branch: dict[int, list[Place]] = {}
    for place in seen:
        by_branch.setdefault(place.branch_id, []).append(place)
    return [place for places in by_branch.values() for place in chains.with_room(places, minutes)]


def _order(place: Place) -> tuple[dt.datetime, int]:
    return place.starts_at, place.branch_id


def _slot_key(place: Place) -> paging.Key:
    return place.starts_at.isoformat(), place.branch_id
