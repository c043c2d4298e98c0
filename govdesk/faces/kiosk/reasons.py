"""Why people come, at the kiosk: question by question, to what is best done; and the ticket all the same."""

from typing import Any

from flask import Response, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.catalog import scenarios
from govdesk.catalog.guide import AT_HOME
from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.db import reading
from govdesk.faces import qr_code
from govdesk.faces.devices import device
from govdesk.faces.guide.walking import Walked, Way, walked
from govdesk.faces.kiosk.views import ANSWER, answers, bp, carried, large, offered_here, page, while_open
from govdesk.once import once
from govdesk.web import DeskForm


@bp.get("/kiosk/<branch>/why/<service>")
@device("kiosk")
@while_open
def why(branch: Branch, service: str) -> ResponseReturnValue:
    """The next question of the guide, or the reasons where it has none; without a guide straight on."""
    chosen = offered_here(branch, service)
    foreseen = scenarios.scenarios_in_use(reading(), [chosen.id])
    if not foreseen:
        return redirect(_after(branch, "take", (), service=service))
    walk = _walked(branch, chosen)
    if walk.scenario is not None:
        return redirect(_after(branch, "way", walk.way, service=service, scenario=walk.scenario))
    return page("kiosk/why.html", branch, service=chosen, scenarios=foreseen, walk=walk)


@bp.get("/kiosk/<branch>/why/<service>/<scenario>")
@device("kiosk")
@while_open
def way(branch: Branch, service: str, scenario: str) -> ResponseReturnValue:
    """What to bring for a reason, or that it is done at home; and the ticket all the same."""
    chosen = offered_here(branch, service)
    found = scenarios.scenario_in_use(reading(), chosen.id, scenario)
    if found is None:
        return redirect(_after(branch, "why", (), service=service))
    walk = _walked(branch, chosen)
    return _told(branch, chosen, found, walk if walk.scenario == scenario else None)


@bp.post("/kiosk/<branch>/why/<service>/<scenario>/home")
@device("kiosk")
@while_open
def home(branch: Branch, service: str, scenario: str) -> ResponseReturnValue:
    """Count a visit that need not be, of somebody who goes home after the advice."""
    chosen = offered_here(branch, service)
    found = scenarios.scenario_in_use(reading(), chosen.id, scenario)
    if found is None or found.action not in AT_HOME or not DeskForm().validate_on_submit():
        return redirect(_after(branch, "why", (), service=service))

    def act(session: Session) -> ResponseReturnValue:
        scenarios.avoid_visit(session, scenario=session.get_one(Scenario, found.id))
        return redirect(url_for("kiosk.done", branch=branch.code, what="home", large=large()))

    return once(act)


def _told(branch: Branch, service: PublicService, found: Scenario, walk: Walked | None) -> Response:
    address = url_for("guide.result", service=service.code, scenario=found.code, _external=True)
    return page(
        "kiosk/way.html", branch, service=service, scenario=found, steps=walk.steps if walk else [],
        told={ANSWER + question: answer for question, answer in walk.way} if walk else {},
        qr=qr_code.image(address), is_at_home=found.action in AT_HOME,
    )  # fmt: skip


def _walked(branch: Branch, service: PublicService) -> Walked:
    given = {name.removeprefix(ANSWER): value for name, value in answers().items()}
    return walked(reading(), service, given, lambda way: _after(branch, "why", way, service=service.code))


def _after(branch: Branch, endpoint: str, way: Way, **values: str) -> str:
    """The address of a page of the kiosk with what was answered so far, and what is carried along."""
    told = {ANSWER + question: answer for question, answer in way}
    parts: dict[str, Any] = values | carried() | told
    return url_for(f"kiosk.{endpoint}", branch=branch.code, **parts)
