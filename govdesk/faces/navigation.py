"""Who works where: the areas of work of the signed-in, for the head of each staff page and the way in."""

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from govdesk.actor import Actor
from govdesk.catalog.models import Agency, Branch
from govdesk.catalog.service import agency_of, open_branches
from govdesk.db import reading
from govdesk.i18n import named
from govdesk.queue import alarms
from govdesk.web import actor


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the work: its blueprint, its word, the roles that work there, its first page.

    One that is `aside` is looked into between other work; nobody is taken there on signing in. `holds` names
    the blueprints whose pages are reached from it.
    """

    blueprint: str
    label: str
    roles: tuple[str, ...]
    endpoint: str
    by_branch: bool = False
    is_aside: bool = False
    holds: tuple[str, ...] = ()


AREAS = (
    Area("counter", "staff.area_counter", ("officer",), "counter.bench"),
    Area("reception", "staff.area_reception", ("reception", "supervisor"), "reception.desk", by_branch=True),
    Area("calls", "staff.area_calls", ("reception", "supervisor"), "admin.calls", is_aside=True),
    Area(
        "waiting_lists",
        "waiting.lists",
        ("reception", "supervisor"),
        "reception.waiting",
        by_branch=True,
        is_aside=True,
    ),
    Area("floor", "staff.area_floor", ("supervisor", "head", "admin"), "floor.show", by_branch=True),
    Area(
        "work",
        "staff.area_work",
        ("officer", "reception", "supervisor", "head"),
        "work.hub",
        is_aside=True,
        holds=(
            "acting",
            "cases",
            "commitments",
            "complaints",
            "linking",
            "obstacles",
            "recall",
            "recovery",
            "returns",
            "silent",
            "training",
        ),
    ),
    Area("head", "staff.area_figures", ("head", "supervisor", "auditor", "admin"), "head.overview"),
    Area(
        "voices",
        "voices.area",
        ("head", "supervisor", "auditor", "admin"),
        "voices.index",
        is_aside=True,
    ),
    Area(
        "questionnaires",
        "questionnaires.area",
        ("head", "admin"),
        "questionnaires.index",
        is_aside=True,
        holds=("programmes",),
    ),
    Area("admin", "staff.area_admin", ("admin",), "admin.overview"),
    Area("notices", "staff.area_notices", ("supervisor",), "admin.notices"),
    Area("audit", "staff.area_audit", ("auditor",), "admin.audit_trail"),
)
INSIDE_ADMIN = frozenset({"notices", "audit", "calls", "waiting_lists"})
FIRST_PAGES = frozenset(area.endpoint for area in AREAS)
STAFF_BLUEPRINTS = frozenset(name for area in AREAS for name in (area.blueprint, *area.holds)) | {"staff"}


def configure(app: Flask) -> None:
    """Give every page the agency, and staff pages their areas and place."""
    app.context_processor(_around)


def areas_of(who: Actor) -> list[Area]:
    """Return the areas in which someone works, the most used first; the administration holds the last two."""
    own = [area for area in AREAS if who.has(*area.roles) and area.endpoint in current_app.view_functions]
    return [area for area in own if not (who.has("admin") and area.blueprint in INSIDE_ADMIN)]


def branches_of(who: Actor, *roles: str) -> list[Branch]:
    """Return the branches in use at which someone holds one of these roles."""
    return [branch for branch in open_branches(reading()) if who.may(*roles, branch_id=branch.id)]


def entrances(who: Actor, area: Area) -> list[tuple[str, Branch | None]]:
    """Return the ways into an area: one, or one for each branch."""
    if not area.by_branch:
        return [(url_for(area.endpoint), None)]
    return [(url_for(area.endpoint, branch=branch.code), branch) for branch in branches_of(who, *area.roles)]


def _around() -> dict[str, object]:
    try:
        found: dict[str, object] = {"agency": agency_of(reading())}
        if request.blueprint in STAFF_BLUEPRINTS and current_user and current_user.is_authenticated:
            who = actor()
            found |= {"navigation": _navigation(who), "home_url": url_for("staff.home")}
            if who.branch_ids is not None and len(who.branch_ids) == 1:
                only = reading().scalars(select(Branch).where(Branch.id.in_(who.branch_ids))).one_or_none()
                found["place"] = named(only) if only else ""
            found["alarm_at"] = _alarm_at(who)
    except SQLAlchemyError:  # the page that says so must still be shown
        return {"agency": Agency(name_ar="", name_en="")}
    return found


def _alarm_at(who: Actor) -> Branch | None:
    """The branch whose floor hears the alarm of this page: the page's own, else the only one of who works."""
    code = (request.view_args or {}).get("branch")
    if code is not None:
        here = reading().scalars(select(Branch).where(Branch.code == str(code))).one_or_none()
    else:
        only = who.branch_ids if who.branch_ids is not None and len(who.branch_ids) == 1 else ()
        here = next((reading().get(Branch, branch_id) for branch_id in only), None)
    return here if here is not None and who.may(*alarms.RAISERS, branch_id=here.id) else None


def _navigation(who: Actor) -> list[tuple[str, str, bool]]:
    shown = []
    for area in areas_of(who):
        ways = entrances(who, area)
        url = ways[0][0] if len(ways) == 1 else url_for("staff.home")
        is_inside = request.blueprint in (area.blueprint, *area.holds) and request.endpoint not in FIRST_PAGES
        is_here = request.endpoint == area.endpoint or is_inside
        shown.append((url, area.label, is_here))
    return shown
