"""Refusals of booking, with plain values that outlive the transaction which they undo."""

import datetime as dt
from typing import NamedTuple

from govdesk.errors import DeskError, NotFoundError


class Place(NamedTuple):
    """A slot as it stood when it was read: what a page lists and a refusal offers instead."""

    slot_id: int
    branch_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    capacity: int
    booked: int

    @property
    def free(self) -> int:
        """How many more people it takes."""
        return self.capacity - self.booked


class SlotTakenError(DeskError):
    """Someone else was faster, or the office closed the time.

    `slots.alternatives_to(session, error.slot_id)` are the nearest free ones, to be read once the transaction
    is undone: those who are refused must not keep the writer from the others.
    """

    key = "booking.slot_taken"

    def __init__(self, key: str | None = None, *, slot_id: int) -> None:
        super().__init__(key, field="slot")
        self.slot_id = slot_id
        self.others: list[Place] | None = None  # the alternatives, once a face has read them


class SlotUnknownError(DeskError):
    """There is no such slot, or not for this service at this branch."""

    key = "booking.slot_unknown"
    status = 422


class AlreadyBookedError(DeskError):
    """The person has a booking for this service.

    The sentence tells a stranger nothing but that there is one; a face shows its reference and link only to
    whoever had that link before.
    """

    key = "booking.already_booked"

    def __init__(self, *, field: str, reference: str, link_token: str) -> None:
        super().__init__(field=field)
        self.reference = reference
        self.link_token = link_token


class TooManyBookingsError(DeskError):
    """So many appointments ahead were booked with one phone number or address that no more may be."""

    key = "booking.contact_full"


class KindNotOfferedError(DeskError):
    """The branch does not offer the service in this way: by phone, by video, at home."""

    key = "booking.kind_not_offered"
    status = 422


class AppointmentNotFoundError(NotFoundError):
    """No appointment has this reference or link."""

    key = "booking.not_found"


class AppointmentStateError(DeskError):
    """The appointment is in a state from which this cannot follow; the key says which."""

    key = "booking.state_changed"

    @classmethod
    def of(cls, state: str) -> "AppointmentStateError":
        """The refusal that fits a state: booking.is_held, is_arrived, is_cancelled and so on."""
        return cls(f"booking.is_{state}", status=410 if state == "cancelled" else 409)
