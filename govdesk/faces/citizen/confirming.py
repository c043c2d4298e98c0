"""Who comes: the details, the code that proves a contact, and the five minutes in which to give them."""

import datetime as dt
from typing import Any

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking import managing
from govdesk.booking import service as booking
from govdesk.booking.errors import AlreadyBookedError, Place, SlotTakenError
from govdesk.booking.slots import alternatives_to
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.citizen import choosing, fairness, proving, wishes
from govdesk.faces.citizen.forms import DetailsForm
from govdesk.faces.citizen.views import bp
from govdesk.once import once
from govdesk.people import service as people
from govdesk.people.models import Person, PersonContact
from govdesk.web import DeskForm, actor, page, private_link

OWN = "own"  # private links that this browser has opened by booking
OWN_KEPT = 5
ALMOST = 60  # seconds before the end at which it is said aloud


@bp.route("/book/held/<token>", methods=["GET", "POST"])
@private_link
def details(token: str) -> ResponseReturnValue:
    """Who comes, and how to reach them; confirming books the held time."""
    held, form = booking.by_token(reading(), token), DetailsForm()
    if held.booked_at is not None and request.method == "GET":
        return redirect(url_for("citizen.booked", token=token))
    alternatives: list[Place] = []
    own_link = ""
    if form.validate_on_submit():
        try:
            fairness.spend("citizen.confirm")
            answer = once(lambda session: _confirm(session, token, form), lambda: proving.prove(form))
        except proving.CodeSentError:
            form.is_proving = True
        except SlotTakenError as taken:
            alternatives = alternatives_to(reading(), taken.slot_id, held.minutes or 0)
            form.refuse(taken)
        except AlreadyBookedError as refusal:
            own_link = refusal.link_token if refusal.link_token in session.get(OWN, []) else ""
            form.refuse(refusal)
        except DeskError as refusal:
            form.refuse(refusal)
        else:
            session[OWN] = [*session.get(OWN, []), token][-OWN_KEPT:]
            return answer
    held = booking.by_token(reading(), token)
    return page(
        "citizen/details.html",
        form=form,
        held=held,
        seconds=_seconds_left(held.held_until),
        almost=ALMOST,
        own_link=own_link,
        interpreter=wishes.interpreter_words(held.interpreter) if held.interpreter else "",
        alternatives=choosing.alternative_items(reading(), alternatives),
    )


@bp.post("/book/held/<token>/longer")
@private_link
def longer(token: str) -> ResponseReturnValue:
    """Hold the time five minutes longer, once."""

    def act(session: Session) -> ResponseReturnValue:
        managing.extend(session, actor=actor(), appointment=booking.by_token(session, token))
        return redirect(url_for("citizen.details", token=token))

    return once(act) if DeskForm().validate_on_submit() else redirect(url_for("citizen.details", token=token))


@bp.post("/book/held/<token>/release")
@private_link
def release(token: str) -> ResponseReturnValue:
    """Give a held time back, and choose another."""
    held = booking.by_token(reading(), token)
    if held.booked_at is not None:
        return redirect(url_for("citizen.booked", token=token))
    again: dict[str, Any] = {"branch": held.branch.code, **wishes.along_of(held)}
    address = url_for("citizen.time", code=held.service.code, **again)

    def act(session: Session) -> ResponseReturnValue:
        booking.cancel(session, actor=actor(), appointment=booking.by_token(session, token))
        return redirect(address)

    return once(act) if DeskForm().validate_on_submit() else redirect(url_for("citizen.details", token=token))


def note_person(session: Session, form: DetailsForm) -> Person:
    """Whose matter it is. Nobody on the web may overwrite what is known of a person: only gaps are filled."""
    if form.identity_read:
        person = people.identify(
            session, actor=actor(), identity=form.identity_read, language=form.language.data
        )
    else:
        person = people.identify_contact(
            session,
            actor=actor(),
            phone=form.phone_read,
            email=form.email_read,
            name=form.name_read,
            language=form.language.data,
        )
    known = session.get(PersonContact, person.id)
    given = {"name": form.name_read, "phone": form.phone_read, "email": form.email_read}
    if form.identity_read:
        given["identity_hint"] = form.identity_read.hint
    gaps = {part: value for part, value in given.items() if known is None or not getattr(known, part)}
    people.note_contact(session, actor=actor(), person=person, **gaps)
    return person


def _confirm(session: Session, token: str, form: DetailsForm) -> ResponseReturnValue:
    appointment = booking.by_token(session, token)
    booked = booking.confirm(
        session,
        actor=actor(),
        appointment=appointment,
        person=note_person(session, form),
        slot_id=form.slot_id,
        language=form.language.data,
        contact=form.contact_read,
        priority=form.priority.data,
        home_address=form.home_address.data,
        field="identity" if form.identity_read else "phone" if form.phone_read else "email",
    )
    if proving.is_proven(form.contact_read):
        booked.verified_at = clock.now()
    return redirect(url_for("citizen.booked", token=token))


def _seconds_left(until: dt.datetime | None) -> int:
    return max(0, int((until - clock.now()).total_seconds())) if until else 0
