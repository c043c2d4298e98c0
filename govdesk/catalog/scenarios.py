"""Verbs of scenarios and their papers. A change of either makes a new version of the scenario."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.catalog import guide
from govdesk.catalog.editing import CatalogEditError, describe, refuse_known
from govdesk.catalog.models import PublicService
from govdesk.catalog.scenario_models import AvoidedVisit, GuideAnswer, Scenario, ScenarioPaper
from govdesk.config import settings
from govdesk.errors import NotFoundError

LINK = "https://"


def scenario_in_use(session: Session, service_id: int, code: str) -> Scenario | None:
    """Return the scenario of a service by its code; None where there is none in use."""
    query = select(Scenario).where(
        Scenario.service_id == service_id, Scenario.code == code, Scenario.is_active
    )
    return session.scalars(query).one_or_none() if code else None


def scenarios_in_use(session: Session, service_ids: Sequence[int]) -> list[Scenario]:
    """Return the scenarios of services in their order."""
    query = select(Scenario).where(Scenario.service_id.in_(service_ids), Scenario.is_active)
    return list(session.scalars(query.order_by(Scenario.service_id, Scenario.position, Scenario.id)))


def scenarios_of(session: Session, service_id: int) -> list[Scenario]:
    """Return all scenarios of a service in their order, also those out of use."""
    query = select(Scenario).where(Scenario.service_id == service_id)
    return list(session.scalars(query.order_by(Scenario.position, Scenario.id)))


def scenario_of(session: Session, service_id: int, code: str) -> Scenario:
    """Return a scenario, in use or not, or raise NotFoundError."""
    query = select(Scenario).where(Scenario.service_id == service_id, Scenario.code == code)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFoundError("catalog.scenario_unknown", code=code)
    return found


def describe_scenario(
    session: Session,
    *,
    actor: Actor,
    service: PublicService,
    code: str,
    is_new: bool = False,
    **values: Any,
) -> Scenario:
    """Add or change a scenario; a new one comes last.

    `values` are columns of Scenario. Raises CatalogEditError: code taken, no link where one is needed, no
    reason where the person is told that they may not, or an answer that would lead to it out of use.
    """
    row = session.scalars(
        select(Scenario).where(Scenario.service_id == service.id, Scenario.code == code)
    ).one_or_none()
    refuse_known(row, is_new=is_new, code=code)
    _refuse_unfit(values)
    if row is None:
        last = max((one.position for one in scenarios_of(session, service.id)), default=0)
        row = Scenario(service_id=service.id, code=code, version=1)
        values = {"position": last + 1, **values}
        describe(session, actor=actor, thing=row, subject=subject_of(service, row), **values)
        return row
    if row.is_active and not values.get("is_active", True):
        _refuse_led_to(session, row)
    if describe(session, actor=actor, thing=row, subject=subject_of(service, row), **values):
        row.version += 1
        session.flush()
    return row


def retire_scenario(session: Session, *, actor: Actor, scenario: Scenario) -> None:
    """Put a scenario out of use: nobody new is led to it. CatalogEditError while an answer leads to it."""
    if not scenario.is_active:
        return
    _refuse_led_to(session, scenario)
    subject = subject_of(scenario.service, scenario)
    describe(session, actor=actor, thing=scenario, subject=subject, is_active=False)
    scenario.version += 1
    session.flush()


def move_scenario(session: Session, *, actor: Actor, scenario: Scenario, is_up: bool) -> None:
    """Change places with the scenario before or after; the first stays first, the last last."""
    rows = scenarios_of(session, scenario.service_id)
    if swap(rows, scenario, is_up=is_up):
        subject = subject_of(scenario.service, scenario)
        audit.record(
            session, actor=actor, action="scenario.moved", subject=subject, position=scenario.position
        )
        session.flush()


def describe_paper(
    session: Session, *, actor: Actor, scenario: Scenario, code: str, is_new: bool = False, **values: Any
) -> ScenarioPaper:
    """Add or change a paper to bring; one that was given up comes back. `values` are columns of it."""
    row = next((paper for paper in scenario.all_papers if paper.code == code), None)
    refuse_known(row, is_new=is_new, code=code)
    _refuse_bad_link(values.get("link", ""))
    if row is None:
        last = max((paper.position for paper in scenario.all_papers), default=0)
        row = ScenarioPaper(scenario_id=scenario.id, code=code)
        values = {"position": last + 1, **values}
    values = {"is_active": True, **values}
    if describe(session, actor=actor, thing=row, subject=_paper_subject(scenario, code), **values):
        _renew(session, scenario)
    return row


def give_up_paper(session: Session, *, actor: Actor, paper: ScenarioPaper) -> None:
    """Ask for a paper no more; who lacked it before stays known."""
    subject = _paper_subject(paper.scenario, paper.code)
    if describe(session, actor=actor, thing=paper, subject=subject, is_active=False):
        _renew(session, paper.scenario)


def move_paper(session: Session, *, actor: Actor, paper: ScenarioPaper, is_up: bool) -> None:
    """Change places with the paper before or after."""
    if swap(paper.scenario.papers, paper, is_up=is_up):
        subject = _paper_subject(paper.scenario, paper.code)
        audit.record(session, actor=actor, action="paper.moved", subject=subject, position=paper.position)
        _renew(session, paper.scenario)


def avoid_visit(session: Session, *, scenario: Scenario) -> AvoidedVisit:
    """Note that someone who read this page need not come. Raises CatalogEditError where one must come.

    Nobody is named and nothing was decided by anyone: it is a count, so that no audit entry is written.
    """
    if scenario.action not in guide.AT_HOME:
        raise CatalogEditError("catalog.must_come", status=409)
    now = clock.now()
    noted = AvoidedVisit(
        noted_at=now,
        day=clock.local_day(now, settings().default_timezone),
        service_id=scenario.service_id,
        scenario_id=scenario.id,
        kind="online" if scenario.action == "online" else "need_not_come",
    )
    session.add(noted)
    session.flush()
    return noted


def swap(rows: Sequence[Any], row: Any, *, is_up: bool) -> bool:
    """Let a row change its position with its neighbour, and number all; whether anything moved."""
    order = list(rows)
    here = order.index(row)
    there = here - 1 if is_up else here + 1
    if not 0 <= there < len(order):
        return False
    order[here], order[there] = order[there], order[here]
    for position, one in enumerate(order, 1):
        one.position = position
    return True


def subject_of(service: PublicService, scenario: Scenario) -> str:
    """How records name a scenario."""
    return f"scenario:{service.code}/{scenario.code}"


def _paper_subject(scenario: Scenario, code: str) -> str:
    return f"paper:{scenario.service.code}/{scenario.code}/{code}"


def _renew(session: Session, scenario: Scenario) -> None:
    scenario.version += 1
    session.flush()
    session.expire(scenario, ["all_papers"])


def _refuse_unfit(values: dict[str, Any]) -> None:
    action = values.get("action", "book")
    if action not in guide.ACTIONS:
        raise CatalogEditError("catalog.action_unknown", field="action")
    if action == "online" and not values.get("link"):
        raise CatalogEditError("catalog.link_missing", field="link")
    for tongue in ("ar", "en"):
        if action == "not_eligible" and not values.get(f"advice_{tongue}"):
            raise CatalogEditError("catalog.because_missing", field=f"advice_{tongue}")
    _refuse_bad_link(values.get("link", ""))


def _refuse_bad_link(link: str) -> None:
    if link and not link.startswith(LINK):
        raise CatalogEditError("catalog.link_wrong", field="link")


def _refuse_led_to(session: Session, scenario: Scenario) -> None:
    if session.scalars(select(GuideAnswer.id).where(GuideAnswer.scenario_id == scenario.id)).first():
        raise CatalogEditError("catalog.scenario_led_to", field="is_active")
