"""Which figures a period is told by, and in what groups; they are counted, and nothing is kept."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from govdesk.catalog.models import Department
from govdesk.kpi import service
from govdesk.kpi.figures import Figure
from govdesk.kpi.groups import DIMENSIONS
from govdesk.kpi.periods.models import ReportPeriod
from govdesk.kpi.periods.rules import TOPICS, Span
from govdesk.kpi.question import Question, Scope
from govdesk.kpi.registry import BY_KEY

TABLES = ("branch", "department", "service")
STRATEGIC = tuple(key for measures in TOPICS.values() for key in measures)


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of a period as counted at one moment: by measure and breakdown ("" for the total)."""

    code: str
    as_of: dt.datetime
    figures: Mapping[tuple[str, str], Figure]

    @property
    def told(self) -> frozenset[str]:
        """The measures that have anything to say: a value, or people who are not judged yet."""
        rows = {key: figure.total for (key, by), figure in self.figures.items() if not by}
        return frozenset(key for key, row in rows.items() if row.n or row.pending or row.value is not None)


def scope_of(department: Department | None) -> Scope:
    """Whose facts a period counts: all of a department's, or all."""
    return Scope() if department is None else Scope(frozenset({(None, department.id)}))


def ask(
    session: Session, span: Span, department: Department | None, as_of: dt.datetime | None = None
) -> Question:
    """Ask for a period of the agency or of a department."""
    scope = scope_of(department)
    return service.ask(session, from_day=span.first, to_day=span.last, as_of=as_of, scope=scope)


def tables_of(key: str, department: Department | None) -> tuple[str, ...]:
    """In what groups a measure is published: a department's report has its services only.

    Its branches would be a part of the branches of the agency, from which the other parts could be computed.
    """
    wanted = TABLES if department is None else ("service",)
    return tuple(word for word in wanted if word in DIMENSIONS[BY_KEY[key].family])


def measure(session: Session, period: ReportPeriod, span: Span, as_of: dt.datetime | None = None) -> Measured:
    """Count the strategic set of a period, whole and in its groups."""
    question = ask(session, span, period.department, as_of)
    wanted: list[tuple[str, Sequence[str]]] = []
    for key in STRATEGIC:
        wanted.append((key, ()))
        wanted += [(key, (word,)) for word in tables_of(key, period.department)]
    found = service.figures(session, question, wanted)
    named = {(key, by[0] if by else ""): figure for (key, by), figure in zip(wanted, found, strict=True)}
    return Measured(period.code, question.as_of, named)
