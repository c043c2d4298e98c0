"""Where somebody stands in a line: their place as a range, what is kept for them, and why not me."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.booking import turns
from govdesk.booking.answering import last_offer
from govdesk.booking.line import line_of, waiting_of
from govdesk.booking.models import Appointment
from govdesk.booking.waiting_models import PlaceOffer, WaitingEntry, WaitingSkip
from govdesk.catalog.models import Branch

ALMOST = 120  # seconds before the end at which it is said aloud
SHOWN = 6  # reasons


@dataclass(frozen=True, slots=True)
class Standing:
    """What the private page of an entry shows."""

    branch_names: str
    days: str
    first: int  # the place in the line, at best
    last: int  # and at worst
    offer: PlaceOffer | None  # while it is open
    seconds: int
    skips: Sequence[WaitingSkip]
    company: Sequence[Appointment]  # places of a group still without a name
    almost: int = ALMOST
    notices: int = turns.NOTICES


def of(session: Session, entry: WaitingEntry) -> Standing:
    """Read where an entry stands."""
    fewest, most = turns.ahead(waiting_of(entry), [one for one, _row in line_of(session, entry.service_id)])
    offer = last_offer(session, entry)
    is_open = offer is not None and offer.state == "open" and offer.expires_at > clock.now()
    skips = select(WaitingSkip).where(WaitingSkip.entry_id == entry.id)
    branches = select(Branch).where(Branch.id.in_(entry.branch_ids)).order_by(Branch.id)
    return Standing(
        branch_names=i18n.t("waiting.comma").join(i18n.named(one) for one in session.scalars(branches)),
        days=_days(entry),
        first=fewest + 1,
        last=most + 1,
        offer=offer if is_open else None,
        seconds=int((offer.expires_at - clock.now()).total_seconds()) if offer and is_open else 0,
        skips=session.scalars(
            skips.order_by(WaitingSkip.at.desc(), WaitingSkip.id.desc()).limit(SHOWN)
        ).all(),
        company=_company(session, entry),
    )


def _days(entry: WaitingEntry) -> str:
    """The days of a wish in words."""
    if entry.first_on == entry.last_on:
        return f"{i18n.weekday(entry.first_on)} {i18n.date_short(entry.first_on)}"
    first, last = i18n.date_short(entry.first_on), i18n.date_short(entry.last_on)
    return i18n.t("waiting.days_range", first=first, last=last)


def _company(session: Session, entry: WaitingEntry) -> Sequence[Appointment]:
    """The places held for those who come along with who accepted, while they are held."""
    made = entry.appointment
    if entry.state != "placed" or made is None or made.visit_reference is None:
        return []
    held = select(Appointment).where(
        Appointment.visit_reference == made.visit_reference,
        Appointment.state == "held",
        Appointment.held_until > clock.now(),
    )
    return session.scalars(held.order_by(Appointment.starts_at, Appointment.id)).all()
