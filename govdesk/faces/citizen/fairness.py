"""Places for all: how much one browser and one address may hold: nobody hoards, and no hall is shut out.

Many people share the address of a hall or a family, so the strict limit counts the browser (by a cookie that
its forms need anyway) and the one of the address is wide. What a person may book in all is limited by person
and by contact, in the service.
"""

import datetime as dt

from flask import session as browser
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import chance, clock, i18n, limits
from govdesk.booking.models import Appointment
from govdesk.errors import DeskError
from govdesk.web import client_address

WINDOW = dt.timedelta(minutes=10)
OF_BROWSER, OF_ADDRESS = 20, 400  # acts of one kind in a window
HELD_AT_ONCE = 3
NAME, HOLDS = "browser", "holds"


class TooManyHoldsError(DeskError):
    """This browser holds as many times as one person can mean."""

    key = "citizen.too_many_holds"
    status = 429


def spend(what: str, *, of_browser: int = OF_BROWSER) -> None:
    """Count an act of this browser and of this address. Raises TooManyError."""
    own = browser.setdefault(NAME, chance.token(12))
    limits.spend(what, f"{client_address()} {own}", allowed=of_browser, window=WINDOW)
    limits.spend(f"{what}_address", client_address(), allowed=OF_ADDRESS, window=WINDOW)


def refuse_many_holds(session: Session) -> None:
    """Refuse one more hold to a browser that has three. Raises TooManyHoldsError, with when one runs out."""
    held = session.execute(
        select(Appointment.held_until, Appointment.branch_id)
        .where(Appointment.link_token.in_(browser.get(HOLDS, [])), Appointment.state == "held")
        .where(Appointment.held_until > clock.now())
        .order_by(Appointment.held_until)
    ).all()
    if len(held) >= HELD_AT_ONCE:
        until = held[0].held_until
        minutes = max(1, round((until - clock.now()).total_seconds() / 60))
        raise TooManyHoldsError(field="slot", minutes=i18n.minutes(minutes))


def remember_hold(token: str) -> None:
    """Note in the browser that it holds this one."""
    browser[HOLDS] = [*browser.get(HOLDS, []), token][-2 * HELD_AT_ONCE :]
