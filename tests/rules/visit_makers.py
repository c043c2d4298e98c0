"""Makers of tickets for the tests of the repeat-visit definition: Riyadh, 15 minutes, one licence matter."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from govdesk.cases.classes import Classified, Plan, RepeatRule, VisitRecord
from govdesk.cases.counts import RepeatCounts, repeat_counts
from govdesk.cases.rules import classify

RIYADH = ZoneInfo("Asia/Riyadh")
LATER = date(2025, 6, 30)


def at(text: str, zone: ZoneInfo = RIYADH) -> datetime:
    """Read a wall-clock moment of 2025 such as `01-05 09:00`."""
    return datetime.fromisoformat(f"2025-{text}").replace(tzinfo=zone)


def plan(made_at: str, due: str, reason: str = "collect_document") -> Plan:
    return Plan(made_at=at(made_at), due=date.fromisoformat(f"2025-{due}"), reason=reason)


def ticket(name: str, start: str, end: str | None = None, **given: Any) -> VisitRecord:
    zone = given.pop("zone", RIYADH)
    began = at(start, zone)
    facts: dict[str, Any] = {"beneficiary": "B1", "service": "licence", "unit": f"unit of {name}", **given}
    return VisitRecord(
        id=name,
        started_at=began,
        ended_at=at(end, zone) if end else began + timedelta(minutes=15),
        zone=zone,
        **facts,
    )


def judged(*tickets: VisitRecord, any_service: bool = False, **rule: Any) -> dict[str, Classified]:
    return classify(tickets, lambda _: RepeatRule(**rule), any_service=any_service)


def classes(*tickets: VisitRecord, **rule: Any) -> list[str]:
    """Give the classes in the order of the tickets given."""
    result = judged(*tickets, **rule)
    return [str(result[one.id].visit_class) for one in tickets]


def counts(*tickets: VisitRecord, as_of: date = LATER, **rule: Any) -> RepeatCounts:
    return repeat_counts(judged(*tickets, **rule).values(), as_of)
