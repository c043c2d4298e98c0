"""What is offered, where, and how to prepare for it."""

from flask import Response, jsonify
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.catalog import guides
from govdesk.catalog import service as catalog
from govdesk.catalog.common_codes import CommonCode
from govdesk.catalog.guide_entries import AnswerEntry, PaperEntry, QuestionEntry, ScenarioEntry
from govdesk.catalog.models import Branch, BranchService, PublicService
from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces.api import paging, shapes
from govdesk.faces.api.fields import Field, InvalidError, query
from govdesk.faces.api.shapes import Json
from govdesk.web import actor

BRANCH = Field(name="branch", kind="text", example="north")
OF_BRANCHES = paging.PAGED
OF_SERVICES = (BRANCH, *paging.PAGED)


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
            "common": _common(service.common),
            "branches": sorted(branch for branch, code in offered if code == service.code),
        },
    )


def guide(service: str) -> Response:
    """What one may come for, what is best done then, and the questions that lead there."""
    entry = guides.guide_of(reading(), service_of(reading(), service))
    scenarios = [_scenario(scenario) for scenario in entry.scenarios if scenario.is_active]
    questions = [_question(question) for question in entry.questions]
    return jsonify({"service": service, "questions": questions, "scenarios": scenarios})


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


def _common(common: CommonCode) -> Json | None:
    return {"vocabulary": common.vocabulary, "code": common.code} if common.code else None


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
