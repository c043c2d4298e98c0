"""When all of a wish can be had: the places of one branch, and the first time at each."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking import chains
from govdesk.booking.errors import Place
from govdesk.booking.slots import day_places, next_free
from govdesk.booking.visit import courses
from govdesk.catalog.models import Branch, PublicService
from govdesk.faces.citizen.wishes import Wish

VISITS_AHEAD = dt.timedelta(days=31)


def fitting(
    session: Session,
    service: PublicService,
    branch: Branch,
    days: tuple[dt.date, dt.date],
    wish: Wish,
    *,
    for_staff: bool,
) -> list[Place]:
    """The places of these days; only those have room from which on all of the wish can be had."""
    asked: dict[str, Any] = {
        "branch": branch, "from_day": days[0], "to_day": days[1], "for_staff": for_staff,
    }  # fmt: skip
    places = day_places(session, service_id=service.id, **asked)
    if not wish.is_visit:
        return _long_enough(places, wish.minutes)
    found = courses.possible(session, parts=wish.parts, own=wish.own, **asked)
    starts = {course[0][0].slot_id for course in found}
    return [place._replace(capacity=1, booked=0 if place.slot_id in starts else 1) for place in places]


def first_free(
    session: Session, service: PublicService, branches: Sequence[Branch], wish: Wish
) -> dict[int, Place]:
    """The first time at each branch; one without is left out."""
    if wish.is_visit:
        return _first_starts(session, branches, wish)
    ids = [branch.id for branch in branches]
    return next_free(session, service_id=service.id, branch_ids=ids, minutes=wish.minutes)


def _long_enough(places: Sequence[Place], minutes: int) -> list[Place]:
    """The same places; one from which on not so many minutes are free has no place left."""
    free = {place.slot_id for place in chains.with_room(places, minutes)}
    return [place if place.slot_id in free else place._replace(booked=place.capacity) for place in places]


def _first_starts(session: Session, branches: Sequence[Branch], wish: Wish) -> dict[int, Place]:
    """The first start of a whole visit at each branch within a month; one without is left out."""
    first = {}
    for branch in branches:
        today = clock.local_day(clock.now(), branch.timezone)
        found = courses.possible(
            session, parts=wish.parts, branch=branch, from_day=today, to_day=today + VISITS_AHEAD,
            own=wish.own,
        )  # fmt: skip
        if found:
            first[branch.id] = found[0][0][0]
    return first
