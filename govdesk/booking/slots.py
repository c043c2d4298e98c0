"""Places in slots: who wins one, which are free, which are nearest."""

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy import Row, Select, select, update
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking import places
from govdesk.booking.errors import Place, SlotTakenError, SlotUnknownError
from govdesk.booking.models import Slot
from govdesk.catalog.models import Branch

ALTERNATIVES = 4
LARGEST_ID = 2**31 - 1
_PLACE = (Slot.id, Slot.branch_id, Slot.starts_at, Slot.ends_at, Slot.capacity, Slot.booked)


def take(session: Session, slot_id: int, *, service_id: int, branch_id: int | None = None) -> Place:
    """Take one place in a slot and return the slot as it is now, however many ask for the last place at once.

    1. One UPDATE adds 1 to `booked` where a place is free, the slot is open and its lead has not run out.
    2. SQLite has one writer; PostgreSQL locks the row, and whoever waited reads it again and finds it full.
       So of n who ask for the last place, one statement returns a row and n - 1 return none.
    3. No row: read why, and refuse. The caller's transaction is undone; what else is free is read after it.
    4. The table's own check, booked <= capacity, stands behind all this.
    Retrying is safe: a place taken in a transaction that does not commit was never taken.

    Raises SlotUnknownError for no slot, or one of another service or branch; else SlotTakenError.
    """
    if not 0 < slot_id <= LARGEST_ID:
        raise SlotUnknownError(field="slot")
    claim = (
        update(Slot)
        .where(Slot.id == slot_id, Slot.service_id == service_id, Slot.booked < Slot.capacity)
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


def exchange(session: Session, *, old: int | None, new: int, service_id: int) -> Place:
    """Take a place in `new`, free that in `old`; in the order of ids, so that two who swap never deadlock."""
    if old is not None and old < new:
        give_back(session, old)
    place = take(session, new, service_id=service_id)
    if old is not None and old >= new:
        give_back(session, old)
    return place


def day_places(
    session: Session, *, service_id: int, branch: Branch, from_day: dt.date, to_day: dt.date
) -> list[Place]:
    """The slots of these local days (both inside) open for booking, full ones too; one indexed query."""
    first, _next = clock.day_bounds(from_day, branch.timezone)
    _first, last = clock.day_bounds(to_day, branch.timezone)
    found = _open(service_id, [branch.id]).where(Slot.starts_at >= first, Slot.starts_at < last)
    return [_place(row) for row in session.execute(found.order_by(Slot.starts_at))]


def free_slots(
    session: Session, *, service_id: int, branch_id: int, from_day: dt.date, to_day: dt.date
) -> list[Place]:
    """The slots of these local days (both inside) with a place that is free for booking now, in order."""
    branch = session.get_one(Branch, branch_id)
    offered = day_places(session, service_id=service_id, branch=branch, from_day=from_day, to_day=to_day)
    return [place for place in offered if place.free > 0]


def next_free(session: Session, *, service_id: int, branch_ids: Iterable[int]) -> dict[int, Place]:
    """The first free place of each of these branches; a branch without one is left out."""
    found = {}
    for branch_id in branch_ids:
        first = (
            _open(service_id, [branch_id])
            .where(Slot.booked < Slot.capacity)
            .order_by(Slot.starts_at)
            .limit(1)
        )
        row = session.execute(first).one_or_none()
        if row is not None:
            found[branch_id] = _place(row)
    return found


def nearest_free(
    session: Session,
    *,
    service_id: int,
    branch_ids: Sequence[int],
    wanted: dt.datetime,
    n: int = ALTERNATIVES,
) -> list[Place]:
    """The n free places nearest to the wanted start at these branches, in order of time."""
    free = _open(service_id, branch_ids).where(Slot.booked < Slot.capacity)
    later = free.where(Slot.starts_at >= wanted).order_by(Slot.starts_at).limit(n)
    earlier = free.where(Slot.starts_at < wanted).order_by(Slot.starts_at.desc()).limit(n)
    around = [_place(row) for statement in (later, earlier) for row in session.execute(statement)]
    return sorted(places.nearest(around, wanted, n), key=lambda place: place.starts_at)


def alternatives_to(session: Session, slot_id: int) -> list[Place]:
    """The free places nearest to a slot: at its branch, or where that has none, at the other branches."""
    slot = session.get(Slot, slot_id)
    if slot is None:
        return []
    here = nearest_free(
        session, service_id=slot.service_id, branch_ids=[slot.branch_id], wanted=slot.starts_at
    )
    if here:
        return here
    branches = session.scalars(
        select(Slot.branch_id).where(Slot.service_id == slot.service_id).distinct()
    ).all()
    return nearest_free(session, service_id=slot.service_id, branch_ids=branches, wanted=slot.starts_at)


def _open(service_id: int, branch_ids: Sequence[int]) -> Select[int, int, dt.datetime, dt.datetime, int, int]:
    return select(*_PLACE).where(
        Slot.branch_id.in_(branch_ids),
        Slot.service_id == service_id,
        Slot.starts_at > clock.now(),
        Slot.book_until > clock.now(),
        Slot.is_closed.is_(False),
    )


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
