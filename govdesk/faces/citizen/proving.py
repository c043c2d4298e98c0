"""A code that was sent to a phone number or address proves that who books reads it.

`verify_contact` says when: `off`, `always`, or `new`: once for each contact and browser. Whether anybody has
booked with a contact before is told to nobody: the answer is the same for every address.
"""

from flask import request
from flask import session as browser
from sqlalchemy.orm import Session

from govdesk import i18n
from govdesk.booking.models import Appointment
from govdesk.config import settings
from govdesk.db import transaction
from govdesk.faces.citizen.forms import DetailsForm
from govdesk.notify import codes
from govdesk.people.models import PersonContact
from govdesk.people.service import contact_digest
from govdesk.web import actor

PURPOSE = "contact"
PROVEN, KEPT = "proven", 5


class CodeSentError(Exception):
    """A code is on its way: nothing is booked before it comes back."""


def prove(form: DetailsForm, contact: str | None = None) -> None:
    """Let pass a contact that needs no proof or has one; else judge the code, or send one.

    It is the one that was typed, unless another is given: that of whose appointment it is.

    The try is counted, and the code sent, in a transaction of its own. Raises CodeSentError, CodeError,
    TooManyError.
    """
    contact = contact or form.contact_read
    if contact is None or settings().verify_contact == "off":
        return
    if is_proven(contact) and settings().verify_contact == "new":
        return
    form.is_proving = "code" in request.form
    if not form.code.data or "again" in request.form:
        with transaction() as session:
            codes.send_code(
                session, actor=actor(), purpose=PURPOSE, address=contact, language=i18n.language()
            )
        raise CodeSentError
    with transaction() as session:
        verdict = codes.verify(session, actor=actor(), purpose=PURPOSE, address=contact, code=form.code.data)
    if verdict != "right":
        raise codes.CodeError.of(verdict)
    browser[PROVEN] = [*browser.get(PROVEN, []), contact_digest(contact)][-KEPT:]


def contact_of(session: Session, appointment: Appointment) -> str | None:
    """The phone number or address with which an appointment was booked, as it is known now.

    The one that was proven if it is still known, else the phone number or the address of whose it is.
    """
    known = session.get(PersonContact, appointment.person_id) if appointment.person_id else None
    reached = [one for one in (known.phone, known.email) if one] if known else []
    booked_with = [one for one in reached if contact_digest(one) == appointment.contact_digest]
    return next(iter([*booked_with, *reached]), None)


def is_proven(contact: str | None) -> bool:
    """Whether this browser has proven a contact."""
    return contact is not None and contact_digest(contact) in browser.get(PROVEN, [])
