"""Look, then save: a change is shown with all it does, and saved only as it was shown."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.booking import rebooking
from govdesk.booking.models import Appointment
from govdesk.booking.rules import PlannedSlot
from govdesk.booking.schedule.previews import Preview
from govdesk.catalog.entries import Name
from govdesk.catalog.models import Branch
from govdesk.catalog.rules import MissingHolidaysError
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.admin.acts import sent
from govdesk.faces.admin.schedule_forms import LookingForm
from govdesk.people.contact import masked_name
from govdesk.web import actor, page

SAVE = "save"
UNSEEN = {"seen", "once", "csrf_token", "people", "reason_ar", "reason_en"}  # they change nothing shown


class LookAgainError(DeskError):
    """What was shown is no longer what would happen."""

    key = "schedules.look_again"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Slots of one length and number of places, one after the other; clock times on the wall."""

    starts: dt.time
    ends: dt.time
    count: int
    minutes: int
    capacity: int
    kept_staff: int


def look_then_save(
    form: LookingForm,
    branch: Branch,
    *,
    look: Callable[[Session], Preview],
    save: Callable[[Session, Preview], str],
    template: str,
    **context: Any,
) -> ResponseReturnValue:
    """Show the form; sent, show what it would do; sent again unchanged, save it and move who is left outside.

    Nothing is kept between the two but what the form carries. Pressed twice, it is saved once.
    """
    shown, was_looked_at = None, False
    if request.form.get("step") == SAVE:

        def act(session: Session) -> str:
            nonlocal was_looked_at
            was_looked_at = True  # so that whatever is refused is shown with what it would do
            now = look(session)
            if _digest(form, now) != form.seen.data:
                raise LookAgainError
            _refuse_silence(form, now)
            return save(session, now)

        answer = sent(form, act)
        if answer is not None:
            return answer
    if form.is_submitted() and (was_looked_at or form.validate()):
        try:
            shown = look(reading())
            form.seen.data = _digest(form, shown)
        except MissingHolidaysError:
            form.form_errors.append("schedules.year_unknown")
        except DeskError as refusal:
            if not was_looked_at:
                form.refuse(refusal)
    return page(template, form=form, branch=branch, shown=shown, of=_Words(branch), **context)


def move_people(session: Session, form: LookingForm, shown: Preview, reason: Name) -> None:
    """Give those who are left outside other places, where the form says so."""
    if form.moves_people:
        rebooking.rebook(session, actor=actor(), appointments=shown.touched, reason=reason)


def _refuse_silence(form: LookingForm, shown: Preview) -> None:
    """Refuse to move people without telling them why."""
    reasons = [form[name].data for name in ("reason_ar", "reason_en") if name in form]
    if shown.touched and form.moves_people and not all(reasons):
        raise DeskError("schedules.reason_missing", field="reason_ar", status=422)


def stretches(slots: Iterable[PlannedSlot], zone: ZoneInfo) -> list[Stretch]:
    """Return slots in order as stretches, for people to read."""
    return list(_stretches(sorted(slots, key=lambda slot: slot.starts_at), zone))


def _stretches(slots: Sequence[PlannedSlot], zone: ZoneInfo) -> Iterator[Stretch]:
    first = 0
    for place, slot in enumerate(slots):
        following = slots[place + 1] if place + 1 < len(slots) else None
        if following and following.starts_at == slot.ends_at and _like(slot) == _like(following):
            continue
        length, capacity, kept_staff = _like(slot)
        start, end = slots[first].starts_at.astimezone(zone), slot.ends_at.astimezone(zone)
        minutes = length // dt.timedelta(minutes=1)
        yield Stretch(start.time(), end.time(), place - first + 1, minutes, capacity, kept_staff)
        first = place + 1


def _like(slot: PlannedSlot) -> tuple[dt.timedelta, int, int]:
    return slot.ends_at - slot.starts_at, slot.capacity, slot.kept_staff


def name_of(appointment: Appointment) -> str:
    """The masked name of who booked; nothing where none is kept."""
    contact = appointment.person.contact if appointment.person else None
    return masked_name(contact.name) if contact and contact.name else ""


class _Words:
    """What templates ask of a branch's slots and people."""

    def __init__(self, branch: Branch) -> None:
        self.zone = ZoneInfo(branch.timezone)
        self.services = {offer.service_id: offer.service for offer in branch.offers}

    def stretches(self, slots: Iterable[PlannedSlot]) -> list[Stretch]:
        """Slots as stretches."""
        return stretches(slots, self.zone)

    def name(self, appointment: Appointment) -> str:
        """The masked name of who booked; nothing where none is kept."""
        return name_of(appointment)


def _digest(form: LookingForm, shown: Preview) -> str:
    """What was typed and what it does, so that one cannot be swapped behind the other."""
    typed = sorted((field.name, repr(field.data)) for field in form if field.name not in UNSEEN)
    does = [
        (service_id, [(day.day, day.added, day.removed, day.changed) for day in days if day.is_touched])
        for service_id, days in shown.days.items()
    ]
    people = [(row.id, row.starts_at) for row in shown.touched]
    return hashlib.sha256(repr((typed, does, people)).encode()).hexdigest()[:32]
