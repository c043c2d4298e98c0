"""What of the guide fits a person's own words."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from govdesk.catalog.models import PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.catalog.spelling import likeness, stems

SHOWN = 12
NAME, KEYWORD = 4, 3  # the weight of a word there; elsewhere it is one


def guided_services(session: Session) -> list[PublicService]:
    """The services in use that have a guide, by department."""
    guided = select(Scenario.service_id).where(Scenario.is_active)
    query = select(PublicService).where(PublicService.is_active, PublicService.id.in_(guided))
    return list(
        session.scalars(query.order_by(PublicService.department_id, PublicService.prefix, PublicService.id))
    )


def search(session: Session, services: Sequence[PublicService], question: str) -> list[Scenario]:
    """The scenarios that have any of the words, those that have most of them first."""
    asked = stems(question)
    query = (
        select(Scenario)
        .where(Scenario.is_active, Scenario.service_id.in_([service.id for service in services]))
        .options(joinedload(Scenario.service))
        .order_by(Scenario.service_id, Scenario.position)
    )
    scored = [(_score(scenario, asked), scenario) for scenario in session.scalars(query)]
    found = sorted((pair for pair in scored if pair[0][0]), key=lambda pair: pair[0], reverse=True)
    return [scenario for _, scenario in found[:SHOWN]]


def _score(scenario: Scenario, asked: frozenset[str]) -> tuple[int, int]:
    """How many of the words are met, and how well."""
    service = scenario.service
    texts = (
        (NAME, f"{scenario.name_ar} {scenario.name_en}"),
        (KEYWORD, f"{scenario.keywords_ar} {scenario.keywords_en}"),
        (1, f"{scenario.advice_ar} {scenario.advice_en}"),
        (1, f"{service.name_ar} {service.name_en}"),
    )
    known = [(weight, stems(text)) for weight, text in texts]
    met = sum(any(likeness({word}, words) for _, words in known) for word in asked)
    return met, sum(weight * likeness(asked, words) for weight, words in known)
