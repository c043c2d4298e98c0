"""What people are told of the waiting list: that they stand in it, and that a place is kept for them."""

from typing import Any

from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.booking.telling import when
from govdesk.booking.turns import WARNING
from govdesk.booking.waiting_models import PlaceOffer, WaitingEntry
from govdesk.config import settings
from govdesk.i18n import named, t
from govdesk.notify import service as messages
from govdesk.notify.kinds import BY_KEY

PRIVATE = "/waiting/{}"  # the page of the citizen


def about(entry: WaitingEntry) -> str:
    """Return how messages name what they are about."""
    return f"waiting:{entry.id}"


def send_link(session: Session, *, entry: WaitingEntry) -> None:
    """Send the private link again, to the contact of who waits and to no other."""
    _queue(session, entry, "waiting_again")


def tell_joined(session: Session, payload: dict[str, Any]) -> None:
    """Give the reference and the private link of a place in the line."""
    _queue(session, session.get_one(WaitingEntry, payload["entry_id"]), "waiting_joined")


def tell_removed(session: Session, payload: dict[str, Any]) -> None:
    """Tell who was taken off the list by the office, and why; what else waits of it is dropped."""
    entry = session.get_one(WaitingEntry, payload["entry_id"])
    messages.drop_about(session, about(entry))
    _queue(session, entry, "waiting_removed")


def tell_offered(session: Session, payload: dict[str, Any]) -> None:
    """Tell that a place is kept, and until when; not once the offer is over."""
    offer = session.get_one(PlaceOffer, payload["offer_id"])
    entry, zone = offer.entry, offer.branch.timezone
    if offer.state != "open":
        return
    with i18n.speaking(entry.language):
        values = {
            "service": named(entry.service),
            "branch": named(offer.branch),
            "when": when(offer.starts_at, zone),
            "until": i18n.time_of(offer.expires_at, zone),
            "link": _link(entry),
        }
    messages.queue(
        session,
        key="place_offered" if entry.appointment_id else "place_free",
        about=about(entry),
        language=entry.language,
        values=values,
        person=entry.person,
        expires_at=offer.expires_at,
        zone=zone,
    )


def _queue(session: Session, entry: WaitingEntry, key: str) -> None:
    with i18n.speaking(entry.language):
        values = {
            "service": named(entry.service),
            "reference": entry.reference,
            "reason": t(f"waiting.over_{entry.end_reason}") if entry.end_reason else "",
            "link": _link(entry),
        }
    messages.queue(
        session,
        key=key,
        about=about(entry),
        language=entry.language,
        values={name: value for name, value in values.items() if name in BY_KEY[key].values},
        person=entry.person,
        expires_at=clock.now() + WARNING,
    )


def _link(entry: WaitingEntry) -> str:
    return settings().base_address + PRIVATE.format(entry.link_token)
