"""Places in slots: who wins one, which are free, which are nearest."""

import datetime as dt
import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Select, select, type_coerce, update
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from govdesk import clock
from govdesk.booking import chains, places
from govdesk.booking.errors import Place, SlotTakenError, SlotUnknownError
from govdesk.booking.models import Slot
from govdesk.catalog.models import Branch

ALTERNATIVES = 4
MANY = 400  # slots looked through for a row of them
LARGEST_ID = 2**31 - 1
_PLACE = (Slot.id, Slot.branch_id, Slot.starts_at, Slot.ends_at, Slot.capacity, Slot.booked)
_ALL_PLACES = (Slot.capacity + Slot.kept_staff).label("capacity")
_PLACE_OF_STAFF = (Slot.id, Slot.branch_id, Slot.starts_at, Slot.ends_at, _ALL_PLACES, Slot.booked)


def take(
    session: Session, slot_id: int, *, service_id: int, branch_id: int | None = None, for_staff: bool = False
) -> Place:
    """Take one place in a slot and return the slot as it is now, however many ask for the last place at once.

    1. One UPDATE adds 1 to `booked` where a place is free, the slot is open and its lead has not run out.
    2. SQLite has one writer; PostgreSQL locks the row, and whoever waited reads it again and finds it full.
       So of n who ask for the last place, one statement returns a row and n - 1 return none.
    3. No row: read why, and refuse. The caller's transaction is undone; what else is free is read after it.
    4. The table's own check, booked <= capacity + kept_staff, stands behind all this.
    The places kept for staff are given only to them (`for_staff`).
    Retrying is safe: a place taken in a transaction that does not commit was never taken.

    Raises SlotUnknownError for no slot, or one of another service or branch; else SlotTakenError.
    """
    if not 0 < slot_id <= LARGEST_ID:
        raise SlotUnknownError(field="slot")
    places_there = _ALL_PLACES.element if for_staff else Slot.capacity
    claim = (
        update(Slot)
        .where(Slot.id == slot_id, Slot.service_id == service_id, Slot.booked < places_there)
        .where(Slot.is_closed.is_(False), Slot.book_until > clock.now())
        .values(booked=Slot.booked + 1)
        .returning(*_PLACE)
        .execution_options(synchronize_session=False)
    )
    if branch_id is not None:
        claim = claim.where(Slot.branch_id == branch_id)
    won = session.execute(claim).one_or_none()
    if won is None:
        raise _why_not(session, slot_id, service_id, branch_id)
    return _place(won)


def give_back(session: Session, slot_id: int, places_taken: int = 1) -> None:
    """Free places that were taken."""
    session.execute(
        update(Slot)
        .where(Slot.id == slot_id)
        .values(booked=Slot.booked - places_taken)
        .execution_options(synchronize_session=False)
    )


def give_back_all(session: Session, taken: Mapping[int, int]) -> None:
    """Free places by slot and number, in the order of ids, in which everyone waits for slots."""
    for slot_id in sorted(taken):
        give_back(session, slot_id, taken[slot_id])


def exchange(
    session: Session,
    *,
    old: Collection[int] = (),
    new: int,
    service_id: int,
    branch_id: int | None = None,
    minutes: int | None = None,
    for_staff: bool = False,
) -> list[Place]:
    """Take a place in each of the fewest slots in a row from `new` on that last `minutes`; give back `old`.

    Without `minutes` one slot is enough. All or none:
    1. The row is read without a lock; where it breaks off nobody has waited for it.
    2. A place in both rows stays. The others are given back and taken in the order of ids: those who ask for
       rows that meet, or swap theirs, wait for each other in one direction only, never in a ring.
    3. Each place is taken as in `take`, with a checked row count. A later one that has filled up meanwhile
       refuses the whole: the caller's transaction is undone, and with it what was taken and given back.

    Raises SlotTakenError, with the key booking.row_broken where so many minutes never were in a row, and
    SlotUnknownError.
    """
    row = [new] if minutes is None else _row(session, new, minutes)
    stays = set(old) & set(row)
    won: dict[int, Place] = {}
    for slot_id in sorted({*old, *row} - stays):
        if slot_id in old:
            give_back(session, slot_id)
        else:
            won[slot_id] = take(
                session, slot_id, service_id=service_id, branch_id=branch_id, for_staff=for_staff
            )
    kept = session.execute(select(*_PLACE).where(Slot.id.in_(stays))) if stays else ()
    won.update({place.id: _place(place) for place in kept})
    return [won[slot_id] for slot_id in row]


def day_places(
    session: Session,
    *,
    service_id: int,
    branch: Branch,
    from_day: dt.date,
    to_day: dt.date,
    for_staff: bool = False,
) -> list[Place]:
    """The slots of these local days (both inside) open for booking, full ones too; one indexed query.

    For staff, the places kept for them are among the others.
    """
    first, _next = clock.day_bounds(from_day, branch.timezone)
    _first, last = clock.day_bounds(to_day, branch.timezone)
    opened = _open(service_id, [branch.id], for_staff=for_staff)
    found = opened.where(Slot.starts_at >= first, Slot.starts_at < last)
    return _places(session, found.order_by(Slot.starts_at))


def free_slots(
    session: Session, *, service_id: int, branch_id: int, from_day: dt.date, to_day: dt.date
) -> list[Place]:
    """The slots of these local days (both inside) with a place that is free for booking now, in order."""
    branch = session.get_one(Branch, branch_id)
    offered = day_places(session, service_id=service_id, branch=branch, from_day=from_day, to_day=to_day)
    return [place for place in offered if place.free > 0]


def free_places(
    session: Session,
    *,
    service_id: int,
    branch_ids: Sequence[int],
    since: dt.datetime,
    until: dt.datetime,
    limit: int | None = None,
) -> list[Place]:
    """The slots of a service at many branches that start in [since, until) with a free place.

    By branch and time, the first `limit` of them. One query, in the order of its index: each branch is one
    stretch of it. There may be thousands, but of few different moments, so that each moment is read once.
    """
    start, end = type_coerce(Slot.starts_at, NullType()), type_coerce(Slot.ends_at, NullType())
    found = (
        _open(service_id, branch_ids)
        .where(Slot.starts_at >= since, Slot.starts_at < until, Slot.booked < Slot.capacity)
        .with_only_columns(Slot.id, Slot.branch_id, start, end, Slot.capacity, Slot.booked)
        .order_by(Slot.branch_id, Slot.starts_at)
    )
    rows = session.connection().execute(found.limit(limit)).all()
    moments = {stored: _moment_of(stored) for stored in {row[2] for row in rows} | {row[3] for row in rows}}
    return [
        Place(slot_id, branch, moments[starts], moments[ends], capacity, booked)
        for slot_id, branch, starts, ends, capacity, booked in rows
    ]


def next_free(
    session: Session, *, service_id: int, branch_ids: Iterable[int], minutes: int = 0
) -> dict[int, Place]:
    """The first place from which on so many minutes are free, of each branch; one without is left out."""
    found = {}
    for branch_id in branch_ids:
        open_here = _open(service_id, [branch_id]).order_by(Slot.starts_at)
        free = _places(session, open_here.where(Slot.booked < Slot.capacity).limit(1))
        if free and _is_short(free[0], minutes):
            free = chains.with_room(_places(session, open_here.limit(MANY)), minutes)
        if free:
            found[branch_id] = free[0]
    return found


def nearest_free(
    session: Session,
    *,
    service_id: int,
    branch_ids: Sequence[int],
    wanted: dt.datetime,
    n: int = ALTERNATIVES,
    minutes: int = 0,
    for_staff: bool = False,
) -> list[Place]:
    """The n places nearest to the wanted start from which so many minutes are free, in order of time.

    With `for_staff` also those kept for them.
    """
    near = _open(service_id, branch_ids, for_staff=for_staff)
    later = near.where(Slot.starts_at >= wanted).order_by(Slot.starts_at)
    earlier = near.where(Slot.starts_at < wanted).order_by(Slot.starts_at.desc())
    free = Slot.booked < (_ALL_PLACES.element if for_staff else Slot.capacity)
    around = [place for side in (later, earlier) for place in _places(session, side.where(free).limit(n))]
    if any(_is_short(place, minutes) for place in around):
        rows = [place for side in (later, earlier) for place in _places(session, side.limit(MANY))]
        around = [
            place
            for branch_id in branch_ids
            for place in chains.with_room((row for row in rows if row.branch_id == branch_id), minutes)
        ]
    return sorted(places.nearest(around, wanted, n), key=lambda place: place.starts_at)


def alternatives_to(session: Session, slot_id: int, minutes: int = 0) -> list[Place]:
    """The free places nearest to a slot: at its branch, or where that has none, at the other branches."""
    slot = session.get(Slot, slot_id)
    if slot is None:
        return []
    near = functools.partial(
        nearest_free, session, service_id=slot.service_id, wanted=slot.starts_at, minutes=minutes
    )
    here = near(branch_ids=[slot.branch_id])
    if here:
        return here
    branches = session.scalars(
        select(Slot.branch_id).where(Slot.service_id == slot.service_id).distinct()
    ).all()
    return near(branch_ids=branches)


def _open(
    service_id: int, branch_ids: Sequence[int], *, for_staff: bool = False
) -> Select[int, int, dt.datetime, dt.datetime, int, int]:
    return select(*(_PLACE_OF_STAFF if for_staff else _PLACE)).where(
        Slot.branch_id.in_(branch_ids),
        Slot.service_id == service_id,
        Slot.starts_at > clock.now(),
        Slot.book_until > clock.now(),
        Slot.is_closed.is_(False),
    )


def _moment_of(stored: object) -> dt.datetime:
    """A moment as the database keeps it, a text without offset (SQLite) or aware, in UTC."""
    if isinstance(stored, dt.datetime):
        return stored.astimezone(dt.UTC)
    return dt.datetime.fromisoformat(str(stored)).replace(tzinfo=dt.UTC)


def _row(session: Session, first_id: int, minutes: int) -> list[int]:
    """The ids of the fewest slots in a row from this one on that last so long, free or not."""
    first = session.execute(select(*_PLACE, Slot.service_id).where(Slot.id == first_id)).one_or_none()
    if first is None or not _is_short(first, minutes):
        return [first_id]
    following = (
        select(*_PLACE)
        .where(Slot.branch_id == first.branch_id, Slot.service_id == first.service_id)
        .where(Slot.starts_at >= first.starts_at, Slot.is_closed.is_(False) | (Slot.id == first_id))
        .where(Slot.starts_at < first.starts_at + dt.timedelta(minutes=minutes))
        .order_by(Slot.starts_at)
    )
    row = chains.row(_places(session, following), minutes)
    if not row:
        raise SlotTakenError("booking.row_broken", slot_id=first_id)
    return [place.slot_id for place in row]


def _is_short(place: Any, minutes: int) -> bool:
    length: dt.timedelta = place.ends_at - place.starts_at
    return length < dt.timedelta(minutes=minutes)


def _places(session: Session, found: Select[int, int, dt.datetime, dt.datetime, int, int]) -> list[Place]:
    return [_place(row) for row in session.execute(found)]


def _place(row: Row[int, int, dt.datetime, dt.datetime, int, int]) -> Place:
    return Place(*row)


def _why_not(
    session: Session, slot_id: int, service_id: int, branch_id: int | None
) -> SlotTakenError | SlotUnknownError:
    slot = session.get(Slot, slot_id, populate_existing=True)
    if slot is None or slot.service_id != service_id:
        return SlotUnknownError(field="slot")
    if branch_id not in (None, slot.branch_id):
        return SlotUnknownError("booking.slot_elsewhere", field="slot")
    key = "booking.slot_late" if slot.book_until <= clock.now() and not slot.is_closed else None
    return SlotTakenError(key, slot_id=slot_id)
