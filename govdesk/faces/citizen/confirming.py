"""Who comes: the details, the code that proves a contact, and the five minutes in which to give them."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking import managing
from govdesk.booking import service as booking
from govdesk.booking.errors import AlreadyBookedError, Place, SlotTakenError
from govdesk.booking.models import Appointment
from govdesk.booking.slots import alternatives_to
from govdesk.booking.visit import courses
from govdesk.booking.visit import service as visits
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.citizen import choosing, fairness, proving, wishes
from govdesk.faces.citizen.forms import DetailsForm, VisitForm, asked_of
from govdesk.faces.citizen.views import bp
from govdesk.once import once
from govdesk.people import service as people
from govdesk.people.identity import Identity
from govdesk.people.models import Person, PersonContact
from govdesk.web import DeskForm, actor, page, private_link

OWN = "own"  # private links that this browser has opened by booking
OWN_KEPT = 5
ALMOST = 60  # seconds before the end at which it is said aloud


@bp.route("/book/held/<token>", methods=["GET", "POST"])
@private_link
def details(token: str) -> ResponseReturnValue:
    """Who comes, and how to reach them; confirming books the held time."""
    held = booking.by_token(reading(), token)
    if held.booked_at is not None and request.method == "GET":
        return redirect(url_for("citizen.booked", token=token))
    visit = visits.of_hold(reading(), held)
    form = _form_of(visit)
    alternatives: list[Place] = []
    own_link = ""
    if form.validate_on_submit():
        try:
            fairness.spend("citizen.confirm")
            answer = once(lambda session: _confirm(session, token, form), lambda: proving.prove(form))
        except proving.CodeSentError:
            form.is_proving = True
        except SlotTakenError as taken:
            alternatives = _instead(visit, taken.slot_id)
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
    visit = visits.of_hold(reading(), held)
    return page(
        "citizen/details.html",
        form=form,
        held=held,
        visit=visit if len(visit) > 1 else [],
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
        for one in visits.of_hold(session, booking.by_token(session, token)):
            managing.extend(session, actor=actor(), appointment=one)
        return redirect(url_for("citizen.details", token=token))

    return once(act) if DeskForm().validate_on_submit() else redirect(url_for("citizen.details", token=token))


@bp.post("/book/held/<token>/release")
@private_link
def release(token: str) -> ResponseReturnValue:
    """Give a held time back, and choose another."""
    held = booking.by_token(reading(), token)
    if held.booked_at is not None:
        return redirect(url_for("citizen.booked", token=token))
    visit = visits.of_hold(reading(), held)
    again: dict[str, Any] = {"branch": held.branch.code, **wishes.along_of(reading(), visit)}
    address = url_for("citizen.time", code=visit[0].service.code, **again)

    def act(session: Session) -> ResponseReturnValue:
        visits.release(session, actor=actor(), appointment=booking.by_token(session, token))
        return redirect(address)

    return once(act) if DeskForm().validate_on_submit() else redirect(url_for("citizen.details", token=token))


def note_person(
    session: Session, form: DetailsForm, name: str | None = None, identity: Identity | None = None
) -> Person:
    """Whose matter it is. Nobody on the web may overwrite what is known of a person: only gaps are filled.

    With a name, another of the family, who is reached as the one who fills the form in.
    """
    if name is None:
        name, identity = form.name_read, form.identity_read
    if identity:
        person = people.identify(session, actor=actor(), identity=identity, language=form.language.data)
    else:
        person = people.identify_contact(
            session,
            actor=actor(),
            phone=form.phone_read,
            email=form.email_read,
            name=name,
            language=form.language.data,
        )
    known = session.get(PersonContact, person.id)
    given = {"name": name, "phone": form.phone_read, "email": form.email_read}
    if identity:
        given["identity_hint"] = identity.hint
    gaps = {part: value for part, value in given.items() if known is None or not getattr(known, part)}
    people.note_contact(session, actor=actor(), person=person, **gaps)
    return person


def _form_of(visit: Sequence[Appointment]) -> DetailsForm:
    """The form for who comes: of a family, all of them; and what each part of a visit is about."""
    if len(visit) == 1:
        return DetailsForm()
    asked = asked_of((one.service, one.member) for one in visit)
    return VisitForm(members={one.member for one in visit} - {0}, asked=asked)


def _instead(visit: Sequence[Appointment], slot_id: int) -> list[Place]:
    """The times nearest to one that was taken: free places, or where the whole visit could begin."""
    if len(visit) == 1:
        return alternatives_to(reading(), slot_id, visit[0].minutes or 0)
    found = courses.near(reading(), parts=courses.parts_held(visit), slot_id=slot_id)
    return [course[0][0] for course in found]


def _confirm_visit(session: Session, token: str, form: DetailsForm) -> ResponseReturnValue:
    whose = {0: note_person(session, form)}
    fields = {0: form.known_by}
    if isinstance(form, VisitForm):
        for member, (name, identity) in form.members_read.items():
            whose[member] = note_person(session, form, name, identity)
            fields[member] = f"{'identity' if identity else 'name'}_{member}"
    booked = visits.confirm(
        session,
        actor=actor(),
        appointment=booking.by_token(session, token),
        people=whose,
        fields=fields,
        objects=form.objects if isinstance(form, VisitForm) else {},
        slot_id=form.slot_id,
        language=form.language.data,
        contact=form.contact_read,
        priority=form.priority.data,
    )
    for one in booked:
        one.verified_at = clock.now() if proving.is_proven(form.contact_read) else None
    return redirect(url_for("citizen.booked", token=token))


def _confirm(session: Session, token: str, form: DetailsForm) -> ResponseReturnValue:
    appointment = booking.by_token(session, token)
    if appointment.visit_reference is not None:
        return _confirm_visit(session, token, form)
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
        object_ref=form.object_ref.data if appointment.service.object_kind else None,
        field=form.known_by,
    )
    if proving.is_proven(form.contact_read):
        booked.verified_at = clock.now()
    return redirect(url_for("citizen.booked", token=token))


def _seconds_left(until: dt.datetime | None) -> int:
    return max(0, int((until - clock.now()).total_seconds())) if until else 0
