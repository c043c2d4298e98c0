"""The guide: in one's own words, question by question, and what to do. The answers are the address."""

import datetime as dt
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import limits
from govdesk.booking.slots import next_free
from govdesk.catalog import scenarios, ways
from govdesk.catalog import service as catalog
from govdesk.catalog.models import PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.db import reading
from govdesk.errors import NotFoundError, TooManyError
from govdesk.faces.guide import finding
from govdesk.faces.guide.walking import Walked, Way, walked
from govdesk.i18n import language
from govdesk.once import once
from govdesk.web import POLICY, DeskForm, client_address, page, public

bp = Blueprint("guide", __name__, url_prefix="/guide")
LONGEST_QUESTION = 200
COUNTED, WINDOW = 20, dt.timedelta(minutes=10)  # presses that count, from one address


@bp.app_context_processor
def _words() -> dict[str, object]:
    """What other faces' templates ask of the guide too."""
    return {"said": said, "has_guide": has_guide}


@bp.get("")
@public
def start() -> Response:
    """In one's own words, or by service."""
    question = request.args.get("q", "").strip()[:LONGEST_QUESTION]
    services = finding.guided_services(reading())
    departments: dict[int, list[PublicService]] = {}
    for service in services:
        departments.setdefault(service.department_id, []).append(service)
    found = finding.search(reading(), services, question) if question else []
    return page("guide/start.html", question=question, found=found, departments=list(departments.values()))


@bp.get("/<service>")
@public
def ask(service: str) -> ResponseReturnValue:
    """The next question on the way that the answers in the address have gone; at its end, what to do."""
    chosen = _service(service)
    walk = _walked(chosen)
    if walk.scenario is not None:
        return redirect(_with(walk.way, "guide.result", service=service, scenario=walk.scenario))
    return page(
        "guide/ask.html",
        service=chosen,
        steps=walk.steps,
        question=walk.question,
        offered=walk.offered,
        scenarios=scenarios.scenarios_in_use(reading(), [chosen.id]),
    )


@bp.get("/<service>/<scenario>")
@public
def result(service: str, scenario: str) -> ResponseReturnValue:
    """What to do, what to bring, and the next step."""
    chosen = _service(service)
    found = scenarios.scenario_in_use(reading(), chosen.id, scenario)
    if found is None:
        return redirect(url_for("guide.ask", service=service))
    branches = catalog.branches_offering(reading(), chosen)
    free = next_free(reading(), service_id=chosen.id, branch_ids=[branch.id for branch in branches])
    walk = _walked(chosen)
    answer = page(
        "guide/result.html",
        service=chosen,
        scenario=found,
        steps=walk.steps if walk.scenario == scenario else [],
        way_taken=ways.written(walk.way) if walk.scenario == scenario else "",
        is_bookable=bool(free),
        branches=branches,
        minutes_at_desk=chosen.minutes + found.extra_minutes,
        is_noted="noted" in request.args,
        address=url_for("guide.result", service=service, scenario=scenario, _external=True),
    )
    if found.link:
        answer.headers["Content-Security-Policy"] = _leading_to(found.link)
    return answer


@bp.post("/<service>/<scenario>/avoid")
@public
def avoid(service: str, scenario: str) -> ResponseReturnValue:
    """Count a visit that need not be, and go on to where the matter is done online."""
    chosen = _service(service)
    found = scenarios.scenario_in_use(reading(), chosen.id, scenario)
    here = url_for("guide.result", service=service, scenario=scenario)
    if found is None or not DeskForm().validate_on_submit():
        return redirect(here)
    onward = found.link if found.action == "online" else f"{here}?noted=1"

    def act(session: Session) -> ResponseReturnValue:
        scenarios.avoid_visit(session, scenario=session.get_one(Scenario, found.id))
        return redirect(onward, code=303)

    try:
        limits.spend("guide.avoid", client_address(), allowed=COUNTED, window=WINDOW)
    except TooManyError:  # nobody is kept from going on; it is only not counted
        return redirect(onward, code=303)
    return once(act)


def said(thing: object, field: str) -> str:
    """A field that is written in both languages, in the language spoken now, or in the other."""
    if isinstance(thing, dict):
        arabic, english = thing.get(f"{field}_ar"), thing.get(f"{field}_en")
    else:
        arabic, english = getattr(thing, f"{field}_ar"), getattr(thing, f"{field}_en")
    return str((arabic or english) if language() == "ar" else (english or arabic))


def has_guide(service: PublicService) -> bool:
    """Whether the guide knows a service."""
    return bool(scenarios.scenarios_in_use(reading(), [service.id]))


def _service(code: str) -> PublicService:
    found = catalog.service_of(reading(), code)
    if not found.is_active or found.is_imported:
        raise NotFoundError("citizen.service_unknown")
    return found


def _with(steps: Way, endpoint: str, **values: str) -> str:
    """An address with the answers in it, by question."""
    address = url_for(endpoint, **values)  # type: ignore[arg-type]
    return f"{address}?{urlencode(steps)}" if steps else address


def _walked(service: PublicService) -> Walked:
    return walked(
        reading(),
        service,
        request.args.to_dict(),
        lambda way: _with(way, "guide.ask", service=service.code),
    )


def _leading_to(link: str) -> str:
    """The page's policy, in which its form may lead to where the matter is done."""
    target = urlsplit(link)
    return POLICY.replace("form-action 'self'", f"form-action 'self' {target.scheme}://{target.netloc}")
