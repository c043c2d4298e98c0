"""Everyone who had an end in a period: each once, by the last of their ends."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.episodes import LIVE
from govdesk.cases.file_models import CaseAct
from govdesk.cases.models import Case, Visit
from govdesk.catalog.models import PublicService
from govdesk.config import settings
from govdesk.feedback.asking import sampling
from govdesk.feedback.asking.periods import Period
from govdesk.people import same
from govdesk.people.models import Person

OCCASIONS = {  # by the status of a visit; one that was cancelled is no end of a visit
    "served": "served",
    "turned_away": "turned_away",
    "no_show": "noshow",
    "abandoned": "left",
    "closed_unserved": "unserved",
}


@dataclass(frozen=True, slots=True)
class Someone:
    """A person of the frame with the end that they would be asked about."""

    person_id: int
    ended_at: dt.datetime
    occasion: str
    service_id: int
    branch_id: int | None
    channel: str | None
    outcome: str | None
    priority: str | None
    stratum: str


def people(session: Session, period: Period, *, department_id: int | None) -> list[Someone]:
    """Everyone with an end in a period, by number: served or not, come or not, and who was helped elsewhere.

    Who left, did not come or went away unhelped is in it as all others are. `department_id` narrows the
    services.
    """
    services = {
        row.id: row.code
        for row in session.execute(
            select(PublicService.id, PublicService.code).where(
                *([] if department_id is None else [PublicService.department_id == department_id])
            )
        )
    }
    last: dict[int, Someone] = {}
    for one in _ends(session, period, services):
        known = last.get(one.person_id)
        if known is None or known.ended_at <= one.ended_at:
            last[one.person_id] = one
    _join(session, last)
    return [last[person_id] for person_id in sorted(last)]


def _ends(session: Session, period: Period, services: dict[int, str]) -> Iterable[Someone]:
    visits = (
        select(
            Visit.person_id, Visit.ended_at, Visit.status, Visit.service_id, Visit.branch_id, Visit.channel,
            Visit.outcome, Visit.priority,
        )
        .where(
            Visit.source == LIVE, Visit.person_id.is_not(None), Visit.direction == "inbound",
            Visit.ended_on.between(period.from_on, period.to_on),
        )
        .order_by(Visit.id)
    )  # fmt: skip
    for person_id, at, status, service_id, branch_id, channel, outcome, priority in session.execute(visits):
        if person_id is not None and status in OCCASIONS and service_id in services:
            stratum = sampling.name_of(services[service_id], channel)
            yield Someone(
                person_id, at, OCCASIONS[status], service_id, branch_id, channel, outcome, priority, stratum
            )
    for person_id, at, service_id, place_id, channel in session.execute(_resolved_away(period)):
        if person_id is not None and service_id in services:
            stratum = sampling.name_of(services[service_id], channel)
            yield Someone(
                person_id, at, "resolved_away", service_id, place_id, channel, "resolved", None, stratum
            )


def _resolved_away(period: Period) -> Select[int | None, dt.datetime, int, int | None, str | None]:
    """Needs that were met between visits, and still are."""
    zone = settings().default_timezone
    begins, _ = clock.day_bounds(period.from_on, zone)
    _, ends = clock.day_bounds(period.to_on, zone)
    return (
        select(Case.person_id, CaseAct.at, Case.service_id, Case.branch_id, Case.channel)
        .join(CaseAct, CaseAct.case_id == Case.id)
        .where(Case.source == LIVE, Case.person_id.is_not(None), Case.resolved_at.is_not(None))
        .where(CaseAct.kind == "resolved", CaseAct.at >= begins, CaseAct.at < ends)
        .order_by(CaseAct.id)
    )


def _join(session: Session, last: dict[int, Someone]) -> None:
    """Make one of who is known twice: the visits of some days may still hang on the other row."""
    pointing = set(session.scalars(select(Person.id).where(Person.same_as_id.is_not(None))))
    for person_id, head in same.wholes(session, pointing & last.keys()).items():
        one, known = last.pop(person_id), last.get(head)
        if known is None or known.ended_at < one.ended_at:
            last[head] = replace(one, person_id=head)
