"""Ask for the scenarios of a service."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.catalog.scenario_models import Scenario


def scenario_in_use(session: Session, service_id: int, code: str) -> Scenario | None:
    """Return the scenario of a service by its code; None where there is none in use."""
    query = select(Scenario).where(
        Scenario.service_id == service_id, Scenario.code == code, Scenario.is_active
    )
    return session.scalars(query).one_or_none() if code else None


def scenarios_in_use(session: Session, service_id: int) -> list[Scenario]:
    """Return the scenarios of a service in their order."""
    query = select(Scenario).where(Scenario.service_id == service_id, Scenario.is_active)
    return list(session.scalars(query.order_by(Scenario.position, Scenario.id)))
