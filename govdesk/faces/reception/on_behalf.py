"""Reception books for someone on the phone or at the desk, and prints the slip."""

from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.booking import service as booking
from govdesk.booking.errors import AlreadyBookedError, AppointmentNotFoundError, SlotTakenError
from govdesk.booking.models import Appointment
from govdesk.booking.slots import alternatives_to
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces import qr_code
from govdesk.faces.citizen import choosing, wishes
from govdesk.faces.citizen.forms import DetailsForm
from govdesk.faces.reception import room
from govdesk.faces.reception.views import ROLES, bp, branch_here
from govdesk.once import once
from govdesk.people import service as people
from govdesk.people.models import Person
from govdesk.web import actor, page, staff_only


class BookingForm(DetailsForm):
    """Who comes and when: as online, but a time is chosen on the same page."""

    def _read_slot(self) -> None:
        if not self.slot.data:
            raise DeskError("citizen.time_missing", field="slot", status=422)
        super()._read_slot()


@bp.route("/reception/<branch>/book", methods=["GET", "POST"])
@staff_only(*ROLES)
def book(branch: str) -> ResponseReturnValue:
    """Choose service, day and time, say who comes: it is booked at once."""
    here = branch_here(branch)
    services = room.choices(reading(), here)
    chosen = next((one for one in services if one.code == request.values.get("service")), None)
    if chosen is None:
        return page("reception/book_what.html", branch=here, services=services)
    form, wish = BookingForm(), wishes.read(reading(), chosen, request.values)
    others: list[dict[str, Any]] = []
    own: Appointment | None = None
    if form.validate_on_submit():
        try:
            return once(lambda session: _book(session, here, chosen, form, wish))
        except SlotTakenError as taken:
            form.refuse(taken)
            places = alternatives_to(reading(), taken.slot_id, wish.minutes)
            others = choosing.alternative_items(reading(), [p for p in places if p.branch_id == here.id])
        except AlreadyBookedError as refusal:
            form.refuse(refusal)
            own = booking.find(reading(), refusal.reference)
        except DeskError as refusal:
            form.refuse(refusal)
    day = request.values.get("day", "")
    return page(
        "reception/book.html",
        branch=here,
        service=chosen,
        choice=choosing.choose(reading(), chosen, here.code, day, wish, for_staff=True),
        wish=wish,
        form=form,
        alternatives=others,
        own=own,
    )


@bp.get("/reception/<branch>/appointments/<reference>")
@staff_only(*ROLES)
def appointment(branch: str, reference: str) -> Response:
    """The slip of an appointment of this branch, to print in the language of the person."""
    here = branch_here(branch)
    found = booking.find(reading(), reference)
    if found.branch_id != here.id:
        raise AppointmentNotFoundError
    address = url_for("citizen.booked", token=found.link_token, _external=True)
    with i18n.speaking(found.language):
        paper = Markup(  # noqa: S704 - our own template, escaped by itself
            render_template(
                "reception/appointment_paper.html", appointment=found, branch=here, address=address,
                qr=qr_code.image(address), about=room.about(found), address_of=choosing.address,
                day=clock.local_day(found.starts_at, here.timezone),
            )
        )  # fmt: skip
    return page("reception/appointment.html", branch=here, appointment=found, paper=paper)


def _book(
    session: Session, here: Branch, chosen: PublicService, form: BookingForm, wish: wishes.Wish
) -> ResponseReturnValue:
    booked = booking.book(
        session,
        actor=actor(),
        slot_id=form.slot_id or 0,
        service_id=chosen.id,
        branch_id=here.id,
        person=_person(session, form),
        language=form.language.data,
        channel="reception",
        scenario_id=wish.scenario.id if wish.scenario else None,
        interpreter=wish.interpreter or None,
        kind=wish.kind,
        contact=form.contact_read,
        priority=form.priority.data,
        home_address=form.home_address.data,
    )
    return redirect(url_for("reception.appointment", branch=here.code, reference=booked.reference))


def _person(session: Session, form: BookingForm) -> Person:
    """Whose matter it is; staff see the document or hear the voice, so what they note replaces the old."""
    given = {"phone": form.phone_read, "email": form.email_read, "name": form.name_read}
    if form.identity_read:
        person = people.identify(
            session, actor=actor(), identity=form.identity_read, language=form.language.data
        )
        hint: str | None = form.identity_read.hint
    else:
        person = people.identify_contact(session, actor=actor(), language=form.language.data, **given)
        hint = None
    people.note_contact(session, actor=actor(), person=person, identity_hint=hint, **given)
    return person
