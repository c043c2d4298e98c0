"""What is offered, where, how to prepare for it, and when a place is free."""

import datetime as dt
from typing import Any

from flask import Response, jsonify
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking import chains, slots
from govdesk.booking.errors import Place
from govdesk.booking.service import minutes_needed
from govdesk.catalog import guides
from govdesk.catalog import service as catalog
from govdesk.catalog.guide_entries import AnswerEntry, PaperEntry, QuestionEntry, ScenarioEntry
from govdesk.catalog.models import Branch, BranchService, PublicService
from govdesk.catalog.scenarios import scenario_in_use
from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces.api import paging, shapes
from govdesk.faces.api.fields import Field, InvalidError, query
from govdesk.faces.api.shapes import Json
from govdesk.web import actor

USUAL_DAYS, MOST_DAYS = 30, 366
BRANCH = Field(name="branch", kind="text", example="north")
SERVICE = Field(name="service", kind="text", required=True, example="renewal")
OF_BRANCHES = paging.PAGED
OF_SERVICES = (BRANCH, *paging.PAGED)
OF_SLOTS = (
    SERVICE,
    BRANCH,
    Field(name="from", kind="day", example="2026-10-05"),
    Field(name="to", kind="day", example="2026-12-03"),
    Field(name="scenario", kind="text", example="lost"),
    *paging.PAGED,
)
_DAY = dt.timedelta(days=1)
LARGEST_STEP = 8 * _DAY


def branches() -> Response:
    """The branches in use that the token may see."""
    asked = query(OF_BRANCHES)
    offered = _offers(reading())
    return paging.pages(
        _branches(reading()),
        asked,
        lambda branch: (branch.code,),
        lambda branch: {
            "id": branch.code,
            **shapes.names(branch),
            "address": {"ar": branch.address_ar, "en": branch.address_en},
            "timezone": branch.timezone,
            "latitude": branch.latitude,
            "longitude": branch.longitude,
            "services": sorted(service for here, service in offered if here == branch.code),
        },
    )


def services() -> Response:
    """The services that some branch offers, or the given one."""
    asked = query(OF_SERVICES)
    here = {branch.code for branch in _branches(reading())}
    if asked["branch"] is not None:
        here &= {branch_of(reading(), asked["branch"], field="branch").code}
    offered = [(branch, service) for branch, service in _offers(reading()) if branch in here]
    own = PublicService.code.in_({service for _branch, service in offered})
    return paging.pages(
        reading().scalars(select(PublicService).where(own)).all(),
        asked,
        lambda service: (service.code,),
        lambda service: {
            "id": service.code,
            **shapes.names(service),
            "description": {"ar": service.description_ar, "en": service.description_en},
            "department": service.department.code,
            "minutes": service.minutes,
            "branches": sorted(branch for branch, code in offered if code == service.code),
        },
    )


def guide(service: str) -> Response:
    """What one may come for, what is best done then, and the questions that lead there."""
    entry = guides.guide_of(reading(), service_of(reading(), service))
    scenarios = [_scenario(scenario) for scenario in entry.scenarios if scenario.is_active]
    questions = [_question(question) for question in entry.questions]
    return jsonify({"service": service, "questions": questions, "scenarios": scenarios})


def free_slots() -> Response:
    """The free places of a service in the order of time, at one branch or at all."""
    asked = query(OF_SLOTS)
    session = reading()
    service = service_of(session, asked["service"], field="service")
    if asked["branch"] is None:
        here = [b for b in catalog.branches_offering(session, service) if actor().sees_branch(b.id)]
    else:
        here = [branch_of(session, asked["branch"], field="branch")]
    by_id = {branch.id: branch for branch in here}
    scenario = scenario_in_use(session, service.id, asked["scenario"] or "")
    if asked["scenario"] is not None and scenario is None:
        raise InvalidError.of("scenario", "catalog.scenario_unknown", code=asked["scenario"])
    minutes = minutes_needed(session, service.id, scenario_id=scenario.id if scenario else None)
    found = _free(session, service.id, by_id, asked, minutes)
    return paging.answer(found, asked, _slot_key, lambda place: shapes.place(place, by_id[place.branch_id]))


def branch_of(session: Session, code: str, *, field: str = "") -> Branch:
    """A branch in use that the token may see; what was named in a field is refused there."""
    found = next((branch for branch in _branches(session) if branch.code == code), None)
    if found is None and field:
        raise InvalidError.of(field, "catalog.branch_unknown", code=code)
    if found is None:
        raise NotFoundError("catalog.branch_unknown", code=code)
    return found


def service_of(session: Session, code: str, *, field: str = "") -> PublicService:
    """A service in use; what was named in a field is refused there."""
    own = PublicService.is_active, PublicService.is_imported.is_(False), PublicService.code == code
    found = session.scalars(select(PublicService).where(*own)).one_or_none()
    if found is None and field:
        raise InvalidError.of(field, "catalog.service_unknown", code=code)
    if found is None:
        raise NotFoundError("catalog.service_unknown", code=code)
    return found


def _branches(session: Session) -> list[Branch]:
    return [branch for branch in catalog.open_branches(session) if actor().sees_branch(branch.id)]


def _offers(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(
        select(Branch.code, PublicService.code)
        .join(BranchService, BranchService.branch_id == Branch.id)
        .join(PublicService, PublicService.id == BranchService.service_id)
        .where(PublicService.is_active, PublicService.is_imported.is_(False))
    )
    return [(branch, service) for branch, service in rows]


def _free(
    session: Session, service_id: int, here: dict[int, Branch], asked: dict[str, Any], minutes: int
) -> list[Place]:
    """The free places of the page that is asked for, and one more if there is a next one.

    Days are looked through from the first on until the page is full, more at once where few are free: a page
    need not read two months. Each step looks on for as long as the service lasts, so that a row of slots over
    its end is seen whole.
    """
    since, until = _period(here, asked)
    after = _after(asked)
    since = max(since, after[0]) if after else since
    found: list[Place] = []
    step = _DAY
    while since < until and len(found) <= paging.limit(asked):
        end = min(since + step, until)
        seen = slots.free_places(
            session,
            service_id=service_id,
            branch_ids=list(here),
            since=since,
            until=end + dt.timedelta(minutes=minutes),
        )
        fit = [place for place in _long_enough(seen, minutes) if place.starts_at < end]
        found += [place for place in fit if after is None or _order(place) > after]
        since, step = end, min(2 * step, LARGEST_STEP)
    return found


def _after(asked: dict[str, Any]) -> tuple[dt.datetime, int] | None:
    """The place after which the page begins. Raises InvalidError."""
    key = paging.position(asked, ("", 0))
    if key is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(str(key[0]))
    except ValueError as problem:
        raise InvalidError.of("cursor", "api.bad_cursor") from problem
    if moment.tzinfo is None:
        raise InvalidError.of("cursor", "api.bad_cursor")
    return moment, int(key[1])


def _period(here: dict[int, Branch], asked: dict[str, Any]) -> tuple[dt.datetime, dt.datetime]:
    """The local days asked for, as moments; of branches in several zones, the widest."""
    zones = sorted({branch.timezone for branch in here.values()}) or ["UTC"]
    today = min(clock.local_day(clock.now(), zone) for zone in zones)
    first: dt.date = asked["from"] or today
    last: dt.date = asked["to"] or first + (USUAL_DAYS - 1) * _DAY
    if first < today:
        raise InvalidError.of("from", "errors.date_past")
    if last < first:
        raise InvalidError.of("to", "api.before_from")
    if last - first >= MOST_DAYS * _DAY:
        raise InvalidError.of("to", "api.too_many_days", most=MOST_DAYS)
    since = min(clock.day_bounds(first, zone)[0] for zone in zones)
    return max(since, clock.now()), max(clock.day_bounds(last, zone)[1] for zone in zones)


def _long_enough(seen: list[Place], minutes: int) -> list[Place]:
    by_branch: dict[int, list[Place]] = {}
    for place in seen:
        by_branch.setdefault(place.branch_id, []).append(place)
    fit = [place for places in by_branch.values() for place in chains.with_room(places, minutes)]
    return sorted(fit, key=_order)


def _order(place: Place) -> tuple[dt.datetime, int]:
    return place.starts_at, place.branch_id


def _slot_key(place: Place) -> paging.Key:
    return place.starts_at.isoformat(), place.branch_id


def _question(question: QuestionEntry) -> Json:
    return {
        "id": question.code,
        "text": shapes.said(question.name),
        "hint": shapes.said(question.hint),
        "answers": [_answer(answer) for answer in question.answers],
    }


def _answer(answer: AnswerEntry) -> Json:
    text = shapes.said(answer.name)
    return {"id": answer.code, "text": text, "question": answer.question, "scenario": answer.scenario}


def _scenario(scenario: ScenarioEntry) -> Json:
    return {
        "id": scenario.code,
        "name": shapes.said(scenario.name),
        "action": scenario.action,
        "advice": shapes.said(scenario.advice),
        "link": scenario.link or None,
        "extra_minutes": scenario.extra_minutes,
        "papers": [_paper(paper) for paper in scenario.papers],
    }


def _paper(paper: PaperEntry) -> Json:
    return {
        "id": paper.code,
        "name": shapes.said(paper.name),
        "how": shapes.said(paper.how),
        "link": paper.link or None,
        "form": paper.form,
        "is_required": paper.is_required,
    }
