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
from govdesk.booking.visit import service as visits
from govdesk.booking.visit import together
from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.scenarios import scenarios_in_use
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces import priorities, qr_code
from govdesk.faces.citizen import choosing, views, wishes
from govdesk.faces.citizen.forms import Asked, VisitForm, asked_of
from govdesk.faces.reception import room
from govdesk.faces.reception.views import ROLES, bp, branch_here
from govdesk.once import once
from govdesk.people import service as people
from govdesk.people.identity import Identity
from govdesk.people.models import Person
from govdesk.web import actor, page, staff_only


class BookingForm(VisitForm):
    """Who comes and when: as online, but with a time on the same page, and with any priority."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.priority.choices = priorities.choices()

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
    wish = wishes.read(reading(), chosen, request.values)
    form = BookingForm(members={part.member for part in wish.parts} - {0}, asked=_asked(chosen, wish))
    others: list[dict[str, Any]] = []
    own: Appointment | None = None
    if form.validate_on_submit():
        try:
            return once(lambda session: _book(session, here, chosen, form, wish))
        except SlotTakenError as taken:
            form.refuse(taken)
            places = views.instead(wish, taken.slot_id)
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
        services=services,
        reasons=_reasons(reading(), chosen, wish),
        choice=choosing.choose(reading(), chosen, here.code, day, wish, for_staff=True),
        wish=wish,
        chosen_for=wishes.lines(wish),
        visit_words=wishes.visit_words(reading(), wish),
        most=together.LARGEST_VISIT,
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
                others=together.of_visit(reading(), found),
                day=clock.local_day(found.starts_at, here.timezone),
            )
        )  # fmt: skip
    return page("reception/appointment.html", branch=here, appointment=found, paper=paper)


def _reasons(session: Session, chosen: PublicService, wish: wishes.Wish) -> list[tuple[str, str, bool]]:
    """Why one comes for a service: code, name, whether chosen; none where nothing is foreseen."""
    foreseen = [
        (one.code, i18n.named(one), wish.scenario is not None and one.id == wish.scenario.id)
        for one in scenarios_in_use(session, [chosen.id])
    ]
    return [("", i18n.t("reception.scenario_none"), wish.scenario is None), *foreseen] if foreseen else []


def _book(
    session: Session, here: Branch, chosen: PublicService, form: BookingForm, wish: wishes.Wish
) -> ResponseReturnValue:
    """Book one appointment, or all of a visit."""
    wanted: dict[str, Any] = {
        "actor": actor(),
        "slot_id": form.slot_id or 0,
        "branch_id": here.id,
        "language": form.language.data,
        "channel": "reception",
        "scenario_id": wish.scenario.id if wish.scenario else None,
        "interpreter": wish.interpreter or None,
        "contact": form.contact_read,
        "priority": form.priority.data,
    }
    if wish.is_visit:
        whose = _everybody(session, form)
        booked = visits.book(session, parts=wish.parts, objects=form.objects, **whose, **wanted)[0]
    else:
        booked = booking.book(
            session, service_id=chosen.id, person=_person(session, form), kind=wish.kind,
            home_address=form.home_address.data, object_ref=form.objects.get(0), **wanted,
        )  # fmt: skip
    wishes.keep_way(session, chosen, wish, booked)
    return redirect(url_for("reception.appointment", branch=here.code, reference=booked.reference))


def _asked(chosen: PublicService, wish: wishes.Wish) -> list[Asked]:
    """What is asked of each part: which vehicle, which property."""
    if not wish.is_visit:
        return asked_of([(chosen, 0)])
    parts = [(reading().get_one(PublicService, part.service_id), part.member) for part in wish.parts]
    return asked_of(parts)


def _everybody(session: Session, form: BookingForm) -> dict[str, Any]:
    """Who comes to a visit, and beside which field a refusal stands that concerns each."""
    people_, fields = {0: _person(session, form)}, {0: form.known_by}
    for member, (name, identity) in form.members_read.items():
        people_[member] = _person(session, form, name, identity)
        fields[member] = f"{'identity' if identity else 'name'}_{member}"
    return {"people": people_, "fields": fields}


def _person(
    session: Session, form: BookingForm, name: str | None = None, identity: Identity | None = None
) -> Person:
    """Whose matter it is; staff see the document or hear the voice, so what they note replaces the old.

    With a name, another of the family, who is reached as the one who books.
    """
    if name is None:
        name, identity = form.name_read, form.identity_read
    given = {"phone": form.phone_read, "email": form.email_read, "name": name}
    if identity:
        person = people.identify(session, actor=actor(), identity=identity, language=form.language.data)
    else:
        person = people.identify_contact(session, actor=actor(), language=form.language.data, **given)
    hint = identity.hint if identity else None
    people.note_contact(session, actor=actor(), person=person, identity_hint=hint, **given)
    return person
