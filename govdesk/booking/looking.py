"""One look at the line of a service: each free place is held for the first whom no reason passes by."""

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, chance, clock, outbox
from govdesk.actor import SYSTEM
from govdesk.booking import service as booking
from govdesk.booking import slots, turns
from govdesk.booking.errors import KindNotOfferedError, Place, SlotTakenError
from govdesk.booking.line import in_order, offer_until
from govdesk.booking.models import Appointment, Slot
from govdesk.booking.turns import Opening, Waiting
from govdesk.booking.waiting_models import PlaceOffer, WaitingEntry, WaitingSkip
from govdesk.catalog.models import Branch

LOOKED_AT = 48  # slots on from a place, for those who need several in a row
_DAY = dt.timedelta(days=1)


class Look:
    """One look at the line of a service and its free places."""

    def __init__(self, session: Session, service_id: int, waiting: Sequence[WaitingEntry]) -> None:
        self.session, self.service_id = session, service_id
        self.line = in_order(waiting)
        ids = sorted({branch_id for one, _entry in self.line for branch_id in one.branch_ids})
        self.branches = {one.id: one for one in session.scalars(select(Branch).where(Branch.id.in_(ids)))}
        self.told = {
            zone: offer_until(zone) for zone in {branch.timezone for branch in self.branches.values()}
        }
        self.minutes = {
            entry.id: booking.minutes_needed(
                session, service_id, scenario_id=entry.scenario_id, interpreter=entry.interpreter
            )
            for _one, entry in self.line
        }
        known = select(WaitingSkip.entry_id, WaitingSkip.reason, WaitingSkip.place_on).where(
            WaitingSkip.entry_id.in_(self.minutes)
        )
        self.known = {tuple(row) for row in session.execute(known)}

    def run(self, *, has_news: bool = False) -> int:
        """Offer what is free until nobody is left who may be told; how many were offered.

        Where nobody may be told, only something new is looked at, so that each can read why it passed by.
        """
        if not has_news and not any(self._may_be_told(one) for one, _entry in self.line):
            return 0
        self.places = self._free()
        ordered = sorted(
            (place.starts_at, branch_id, index)
            for branch_id, there in self.places.items()
            for index, place in enumerate(there)
        )
        offered = 0
        for _starts_at, branch_id, index in ordered:
            while self.line and self._offer(branch_id, index):
                offered += 1
        return offered

    def _free(self) -> dict[int, list[Place]]:
        """The free places of the days that anybody wishes for, by branch, in order."""
        first = min(one.first_on for one, _entry in self.line)
        latest = max(one.last_on for one, _entry in self.line)
        free = slots.free_places(
            self.session,
            service_id=self.service_id,
            branch_ids=sorted(self.branches),
            since=dt.datetime.combine(first - _DAY, dt.time.min, dt.UTC),
            until=dt.datetime.combine(latest + 2 * _DAY, dt.time.min, dt.UTC),
        )
        return {
            branch_id: [place for place in free if place.branch_id == branch_id]
            for branch_id in self.branches
        }

    def _may_be_told(self, one: Waiting) -> bool:
        today = {zone: clock.local_day(clock.now(), zone) for zone in self.told}
        told = one.noticed_at
        return one.notices < turns.NOTICES and (
            told is None or any(clock.local_day(told, zone) < day for zone, day in today.items())
        )

    def _offer(self, branch_id: int, index: int) -> bool:
        """Offer a place to the first in the line whom no reason passes by; whether somebody got it."""
        there, branch = self.places[branch_id], self.branches[branch_id]
        place = there[index]
        told_at, until = self.told[branch.timezone]
        opening = Opening(branch.id, place.starts_at, until, branch.timezone)
        run = [seat for seat in there[index : index + LOOKED_AT] if seat.free]
        if not place.free:
            return False
        passed: list[tuple[WaitingEntry, str]] = []
        for one, entry in self.line:
            reason = turns.why_not(one, opening, now=clock.now())
            row = [] if reason else turns.seats(run, one.people, self.minutes[entry.id])
            if row:
                is_held = self._hold(entry, row, told_at, until)
                if is_held:
                    self.line.remove((one, entry))
                    self._note(passed, opening)
                self._look_again(branch_id)
                return is_held
            passed.append((entry, reason or "too_few"))
        self._note([(entry, reason) for entry, reason in passed if reason != "outside"], opening)
        return False

    def _look_again(self, branch_id: int) -> None:
        """Read how full the places of a branch are now."""
        there = self.places[branch_id]
        rows = self.session.execute(
            select(Slot.id, Slot.booked, Slot.capacity).where(Slot.id.in_([one.slot_id for one in there]))
        )
        now = {row.id: (row.booked, row.capacity) for row in rows}
        self.places[branch_id] = [
            place._replace(booked=now[place.slot_id][0], capacity=now[place.slot_id][1]) for place in there
        ]

    def _hold(
        self, entry: WaitingEntry, row: Sequence[Place], told_at: dt.datetime, until: dt.datetime
    ) -> bool:
        token = chance.token()
        try:
            with self.session.begin_nested():
                held = [self._hold_one(entry, place, token, until) for place in row]
        except (SlotTakenError, KindNotOfferedError):
            return False
        offer = PlaceOffer(
            entry_id=entry.id, token=token, branch_id=held[0].branch_id, starts_at=held[0].starts_at,
            ends_at=held[-1].ends_at, offered_at=clock.now(), expires_at=until, state="open",
        )  # fmt: skip
        self.session.add(offer)
        entry.state, entry.notices, entry.noticed_at = "offered", entry.notices + 1, told_at
        self.session.flush()
        subject = f"waiting:{entry.id}"
        audit.record(
            self.session, actor=SYSTEM, action="waiting.offered", subject=subject, starts_at=offer.starts_at
        )
        outbox.emit(self.session, "waiting.offered", offer_id=offer.id)
        return True

    def _hold_one(self, entry: WaitingEntry, place: Place, token: str, until: dt.datetime) -> Appointment:
        held = booking.hold(
            self.session, actor=SYSTEM, slot_id=place.slot_id, service_id=self.service_id,
            branch_id=place.branch_id, language=entry.language, scenario_id=entry.scenario_id,
            interpreter=entry.interpreter, kind=entry.kind,
        )  # fmt: skip
        held.held_until, held.is_extended, held.visit_reference = until, True, token
        self.session.flush()
        return held

    def _note(self, passed: Iterable[tuple[WaitingEntry, str]], opening: Opening) -> None:
        day = opening.local.date()
        for entry, reason in passed:
            if (entry.id, reason, day) in self.known:
                continue
            self.known.add((entry.id, reason, day))
            self.session.add(
                WaitingSkip(
                    entry_id=entry.id,
                    reason=reason,
                    place_on=day,
                    branch_id=opening.branch_id,
                    starts_at=opening.starts_at,
                    at=clock.now(),
                )
            )
        self.session.flush()
