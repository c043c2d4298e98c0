"""The way to an appointment: what for, where and when, who."""

import functools
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking import service as booking
from govdesk.booking.errors import Place, SlotTakenError
from govdesk.booking.models import Appointment
from govdesk.booking.needs import refuse_full
from govdesk.booking.slots import alternatives_to, next_free
from govdesk.booking.visit import courses
from govdesk.booking.visit import service as visits
from govdesk.catalog import service as catalog
from govdesk.catalog.models import BranchService, PublicService
from govdesk.db import reading
from govdesk.errors import DeskError, NotFoundError
from govdesk.faces import opening
from govdesk.faces.citizen import choosing, fairness, nearness, too_late, wishes
from govdesk.faces.citizen.forms import TimeForm
from govdesk.faces.citizen.searching import LONGEST_QUESTION, search
from govdesk.i18n import language
from govdesk.once import once
from govdesk.queue import live
from govdesk.web import HEADERS, DeskForm, actor, page, public

bp = Blueprint("citizen", __name__)


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
            (branch, opening.today(reading(), branch), live.spread(reading(), branch))
            for branch in catalog.open_branches(reading())
        ],
    )


@bp.get("/book/<code>")
@public
def service(code: str) -> Response:
    """One service: what it is, where it is offered, and when the next place is free."""
    chosen = service_of(code)
    branches = catalog.branches_offering(reading(), chosen)
    wish = wishes.read(reading(), chosen, request.args)
    ids = [branch.id for branch in branches if wish.is_met_at(branch.id)]
    free = next_free(reading(), service_id=chosen.id, branch_ids=ids, minutes=wish.minutes)
    near = nearness.read(branches, request.args.get("near", ""))
    places = [
        (branch, free.get(branch.id), opening.today(reading(), branch))
        for branch in sorted(branches, key=lambda one: (*_order(free.get(one.id)), near.order(one)))
    ]
    answer = page(
        "citizen/service.html",
        service=chosen,
        near=near,
        placed=nearness.placed(branches),
        places=places,
        is_bookable=bool(free),
        scenario=wish.scenario,
        way=wish.along().get("way"),
    )
    # the page may ask the browser where it is, when a button is pressed; the answer stays in the browser
    answer.headers["Permissions-Policy"] = HEADERS["Permissions-Policy"].replace(
        "geolocation=()", "geolocation=(self)"
    )
    return answer


@bp.route("/book/<code>/time", methods=["GET", "POST"])
@public
def time(code: str) -> ResponseReturnValue:
    """Choose branch, day and time; sending a time holds it for five minutes."""
    form = TimeForm()
    if form.validate_on_submit():
        try:
            fairness.spend("citizen.hold")
            return once(
                lambda session: _hold(session, *_wanted(code), form.slot_id),
                ready=lambda: refuse_full(reading(), form.slot_id),
            )
        except SlotTakenError as refusal:
            form.refuse(refusal)
            return too_late.shown(functools.partial(_taken_page, code, form, refusal))
        except DeskError as refusal:
            form.refuse(refusal)
    return _asked_page(code, form)


def _wanted(code: str) -> tuple[PublicService, wishes.Wish]:
    chosen = service_of(code)
    return chosen, wishes.read(reading(), chosen, request.values)


def _asked_page(code: str, form: TimeForm) -> Response:
    chosen, wish = _wanted(code)
    along = wish.along()
    where = url_for("citizen.time", code=code)
    back = url_for("citizen.service", code=code, scenario=along.get("scenario"), way=along.get("way"))
    return time_page(chosen, form, wish, where=where, back=back)


def _taken_page(code: str, form: TimeForm, refusal: SlotTakenError) -> Response:
    """Someone was faster: the nearest free times and no more; where there are none, all that is asked for."""
    chosen, wish = _wanted(code)
    others = instead(wish, refusal.slot_id)
    if not others:
        return _asked_page(code, form)
    along, asked, where = wish.along(), request.values, url_for("citizen.time", code=code)
    here = {name: asked[name] for name in ("branch", "day") if asked.get(name)}
    return page(
        "citizen/taken.html", form=form, service=chosen, along=along,
        where=where,
        all_times=f"{where}?{urlencode(along | here)}",
        alternatives=choosing.alternative_items(reading(), others),
    )  # fmt: skip


def time_page(
    chosen: PublicService,
    form: DeskForm,
    wish: wishes.Wish,
    *,
    where: str,
    back: str,
    taken: SlotTakenError | None = None,
    moving: Appointment | None = None,
    action: str | None = None,
) -> Response:
    """The page of branch, day and time, also for moving an appointment; `action` is where the time goes.

    What was wished for before goes along in addresses and forms, such as the scenario.
    """
    asked = request.values
    near = asked.get("near", "") if moving is None else ""
    choice = choosing.choose(
        reading(), chosen, asked.get("branch", ""), asked.get("day", ""), wish, near_code=near
    )
    alternatives = choosing.alternative_items(reading(), instead(wish, taken.slot_id) if taken else [])
    status = 422 if choice and choice.wrong and not form.errors else 200
    along = {} if moving else wish.along() | (choice.near.along() if choice else {})
    return page(
        "citizen/time.html", status, form=form, service=chosen, choice=choice, where=where, back=back,
        action=action, moving=moving, alternatives=alternatives, along=along,
        wish=wish, visit_words=wishes.visit_words(reading(), wish),
    )  # fmt: skip


def service_of(code: str) -> PublicService:
    """A service that can be asked for. Raises NotFoundError."""
    found = catalog.service_of(reading(), code)
    if not found.is_active or found.is_imported:
        raise NotFoundError("citizen.service_unknown")
    return found


def _hold(session: Session, chosen: PublicService, wish: wishes.Wish, slot_id: int) -> ResponseReturnValue:
    fairness.refuse_many_holds(session)
    branch_code = request.form.get("branch", "")
    wanted: dict[str, Any] = {
        "actor": actor(),
        "slot_id": slot_id,
        "branch_id": catalog.branch_of(session, branch_code).id if branch_code else None,
        "language": language(),
        "scenario_id": wish.scenario.id if wish.scenario else None,
        "interpreter": wish.interpreter or None,
    }
    if wish.is_visit:
        held = visits.hold(session, parts=wish.parts, **wanted)
    else:
        held = [booking.hold(session, service_id=chosen.id, kind=wish.kind, **wanted)]
    wishes.keep_way(session, chosen, wish, held[0])
    for one in held:
        fairness.remember_hold(one.link_token)
    return redirect(url_for("citizen.details", token=held[0].link_token))


def instead(wish: wishes.Wish, slot_id: int) -> list[Place]:
    """What is free near a time that was taken: places, or for a whole visit where it could begin."""
    if wish.is_visit:
        found = courses.near(reading(), parts=wish.parts, slot_id=slot_id, own=wish.own)
        return [course[0][0] for course in found]
    return alternatives_to(reading(), slot_id, wish.minutes)


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
