"""The way to an appointment: what for, where and when, who."""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

from flask import Blueprint, Response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock, limits
from govdesk.booking import service as booking
from govdesk.booking.errors import AlreadyBookedError, Place, SlotTakenError
from govdesk.booking.models import Appointment
from govdesk.booking.slots import alternatives_to, next_free
from govdesk.catalog import service as catalog
from govdesk.catalog.models import BranchService, PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.catalog.scenarios import scenario_in_use
from govdesk.db import reading
from govdesk.errors import DeskError, NotFoundError
from govdesk.faces.citizen import choosing, hours
from govdesk.faces.citizen.forms import DetailsForm, TimeForm
from govdesk.faces.citizen.searching import LONGEST_QUESTION, search
from govdesk.i18n import language
from govdesk.once import once
from govdesk.people import service as people
from govdesk.people.models import Person, PersonContact
from govdesk.queue import live
from govdesk.web import DeskForm, actor, client_address, page, private_link, public

bp = Blueprint("citizen", __name__)
WINDOW = dt.timedelta(minutes=10)
HOLDS = CONFIRMATIONS = 20  # in a window, from one address
OWN = "own"  # private links that this browser has opened by booking
OWN_KEPT = 5


@bp.context_processor
def _words() -> dict[str, object]:
    return {
        "about": choosing.about,
        "address_of": choosing.address,
        "day_and_time": choosing.day_and_time,
        "local_day": clock.local_day,
        "when": choosing.when,
    }


@bp.get("/")
@public
def home() -> Response:
    """What do you come for? Services by department or by one's own words; branches and their hours."""
    question = request.args.get("q", "").strip()[:LONGEST_QUESTION]
    services = _offered_services()
    found = search(services, question) if question else []
    departments: dict[int, list[PublicService]] = {}
    for service in services:
        departments.setdefault(service.department_id, []).append(service)
    return page(
        "citizen/home.html",
        question=question,
        found=found,
        departments=list(departments.values()),
        branches=[
            (branch, hours.today(reading(), branch), live.spread(reading(), branch))
            for branch in catalog.open_branches(reading())
        ],
    )


@bp.get("/book/<code>")
@public
def service(code: str) -> Response:
    """One service: what it is, where it is offered, and when the next place is free."""
    chosen = _service(code)
    branches = catalog.branches_offering(reading(), chosen)
    free = next_free(reading(), service_id=chosen.id, branch_ids=[branch.id for branch in branches])
    places = [
        (branch, free.get(branch.id), hours.today(reading(), branch))
        for branch in sorted(branches, key=lambda branch: _order(free.get(branch.id)))
    ]
    return page(
        "citizen/service.html",
        service=chosen,
        places=places,
        is_bookable=bool(free),
        scenario=_scenario(chosen),
    )


@bp.route("/book/<code>/time", methods=["GET", "POST"])
@public
def time(code: str) -> ResponseReturnValue:
    """Choose branch, day and time; sending a time holds it for five minutes."""
    chosen, form = _service(code), TimeForm()
    branch_code = request.form.get("branch", "")
    taken: SlotTakenError | None = None
    if form.validate_on_submit():
        try:
            limits.spend("citizen.hold", client_address(), allowed=HOLDS, window=WINDOW)
            return once(lambda session: _hold(session, chosen, form.slot_id, branch_code))
        except SlotTakenError as refusal:
            taken = refusal
            form.refuse(refusal)
        except DeskError as refusal:
            form.refuse(refusal)
    scenario = _scenario(chosen)
    along = {"scenario": scenario.code} if scenario else {}
    where, back = (
        url_for("citizen.time", code=code),
        url_for("citizen.service", code=code, scenario=along.get("scenario")),
    )
    return time_page(chosen, form, where=where, back=back, taken=taken, along=along)


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
            limits.spend("citizen.confirm", client_address(), allowed=CONFIRMATIONS, window=WINDOW)
            answer = once(lambda session: _confirm(session, token, form))
        except SlotTakenError as taken:
            alternatives = alternatives_to(reading(), taken.slot_id)
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
        own_link=own_link,
        alternatives=choosing.alternative_items(reading(), alternatives),
    )


@bp.post("/book/held/<token>/release")
@private_link
def release(token: str) -> ResponseReturnValue:
    """Give a held time back, and choose another."""
    held = booking.by_token(reading(), token)
    if held.booked_at is not None:
        return redirect(url_for("citizen.booked", token=token))
    address = url_for("citizen.time", code=held.service.code, branch=held.branch.code)

    def act(session: Session) -> ResponseReturnValue:
        booking.cancel(session, actor=actor(), appointment=booking.by_token(session, token))
        return redirect(address)

    return once(act) if DeskForm().validate_on_submit() else redirect(url_for("citizen.details", token=token))


def time_page(
    chosen: PublicService,
    form: DeskForm,
    *,
    where: str,
    back: str,
    taken: SlotTakenError | None = None,
    moving: Appointment | None = None,
    action: str | None = None,
    along: Mapping[str, str] = MappingProxyType({}),
) -> Response:
    """The page of branch, day and time, also for moving an appointment; `action` is where the time goes.

    `along` is what was chosen before and goes along in addresses and forms, such as the scenario.
    """
    asked = request.values
    choice = choosing.choose(reading(), chosen, asked.get("branch", ""), asked.get("day", ""))
    others = alternatives_to(reading(), taken.slot_id) if taken else []
    alternatives = choosing.alternative_items(reading(), others)
    status = 422 if choice and choice.wrong and not form.errors else 200
    return page(
        "citizen/time.html", status, form=form, service=chosen, choice=choice, where=where, back=back,
        action=action, moving=moving, alternatives=alternatives, along=along,
    )  # fmt: skip


def _hold(session: Session, chosen: PublicService, slot_id: int, branch_code: str) -> ResponseReturnValue:
    branch_id = catalog.branch_of(session, branch_code).id if branch_code else None
    scenario = _scenario(chosen)
    held = booking.hold(
        session,
        actor=actor(),
        slot_id=slot_id,
        service_id=chosen.id,
        branch_id=branch_id,
        language=language(),
        scenario_id=scenario.id if scenario else None,
    )
    return redirect(url_for("citizen.details", token=held.link_token))


def _confirm(session: Session, token: str, form: DetailsForm) -> ResponseReturnValue:
    appointment = booking.by_token(session, token)
    booking.confirm(
        session,
        actor=actor(),
        appointment=appointment,
        person=_person(session, form),
        slot_id=form.slot_id,
        language=form.language.data,
        field="identity" if form.identity_read else "phone" if form.phone_read else "email",
    )
    return redirect(url_for("citizen.booked", token=token))


def _person(session: Session, form: DetailsForm) -> Person:
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


def _service(code: str) -> PublicService:
    found = catalog.service_of(reading(), code)
    if not found.is_active or found.is_imported:
        raise NotFoundError("citizen.service_unknown")
    return found


def _scenario(chosen: PublicService) -> Scenario | None:
    """The scenario that the guide sent along, by its code; one that nobody knows is left behind."""
    return scenario_in_use(reading(), chosen.id, request.values.get("scenario", ""))


def _offered_services() -> list[PublicService]:
    """The services in use that some branch offers, by department."""
    somewhere = select(BranchService.service_id)
    return list(
        reading().scalars(
            select(PublicService)
            .where(
                PublicService.is_active, PublicService.is_imported.is_(False), PublicService.id.in_(somewhere)
            )
            .order_by(PublicService.department_id, PublicService.prefix, PublicService.id)
        )
    )


def _order(place: Place | None) -> tuple[bool, float]:
    return (place is None, place.starts_at.timestamp() if place else 0.0)


def _seconds_left(until: dt.datetime | None) -> int:
    return max(0, int((until - clock.now()).total_seconds())) if until else 0
