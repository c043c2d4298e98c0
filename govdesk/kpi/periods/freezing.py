"""Put together what is published of a period: settled figures, targets, reflections, names, definitions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.catalog.models import Branch, Department, PublicService
from govdesk.catalog.service import agency_of, own_services
from govdesk.config import settings
from govdesk.i18n import LANGUAGES, Named, named, speaking, t
from govdesk.kpi.comparing import is_proportion
from govdesk.kpi.figures import Figure
from govdesk.kpi.periods import coding, document, published, rules
from govdesk.kpi.periods.document import Both, Heading, Json
from govdesk.kpi.periods.hiding import TOTAL, Cell, Sum
from govdesk.kpi.periods.measuring import STRATEGIC, TABLES, Measured, tables_of
from govdesk.kpi.periods.models import PeriodReflection, PeriodVersion, ReportPeriod
from govdesk.kpi.periods.settling import Known, Rows, bare, settle
from govdesk.kpi.registry import BY_KEY, PARTS
from govdesk.kpi.targets import service as targets

MODELS: Mapping[str, Any] = {
    "branch": Branch,
    "department": Department,
    "service": PublicService,
}


def freeze(
    session: Session, *, period: ReportPeriod, measured: Measured, number: int, reason: Both | None,
    reflections: Sequence[PeriodReflection],
) -> Json:  # fmt: skip
    """Write the document of a version; nothing is kept."""
    department = period.department
    code = department.code if department else None
    at = _Published(session, period)
    figures: list[Json] = []
    codes = {one.code: one.common.written for one in own_services(session) if one.common_code}
    for key in STRATEGIC:
        rows = {
            cell: row
            for by in ("", *tables_of(key, department))
            for cell, row in _rows(measured, key, by, code)
        }
        told = _figures(measured.figures[key, ""], at.settled(key, rows), code, tables_of(key, department))
        figures += [*told, *_coded(told, codes)]
    names = _names(session, figures)
    heading = Heading(
        period=period.code, kind=period.kind, from_day=period.first_on.isoformat(),
        to_day=period.last_on.isoformat(), department=code,
        department_name=both(department) if department else None, version=number, reason=reason,
        published_on=clock.local_day(clock.now(), settings().default_timezone).isoformat(),
        as_of=measured.as_of.isoformat(),
    )  # fmt: skip
    return document.write(
        heading,
        installation=installation(session),
        definitions={key: definition(key) for key in STRATEGIC},
        names=names,
        targets=_targets(session, period),
        reflections=[_said(one) for one in reflections],
        figures=figures,
        common_codes={service: codes[service] for service in names["service"] if service in codes},
    )


class _Published:
    """What everybody can read of a period already, and of the months of a quarter."""

    def __init__(self, session: Session, period: ReportPeriod) -> None:
        span = published.span_of(period)
        departments = {one.code: one for one in session.scalars(select(Department))}
        self.department = period.department.code if period.department else None
        whose = {one.code: one.department_id for one in session.scalars(select(PublicService))}
        self.owners = {
            code: next(name for name, one in departments.items() if one.id == own)
            for code, own in whose.items()
        }
        here = [rules.code_of(span, name) for name in (None, *departments)]
        self.rows = published.known_of(_documents(session, here))
        own = [published.document_of(one) for one in published.versions(session, period.code)]
        self.before = published.cells_of(own[-1]) if own else None
        self.months = []
        for month in span.months:
            codes = [rules.code_of(month, name) for name in (None, *departments)]
            own_code = rules.code_of(month, self.department)
            is_told = bool(published.versions(session, own_code))
            self.months.append(published.known_of(_documents(session, codes)) if is_told else None)

    def settled(self, key: str, rows: Rows) -> Rows:
        """Settle one measure."""
        whole: Cell = ("department", self.department) if self.department else TOTAL
        if not BY_KEY[key].counts_people:
            return {cell: bare(row) for cell, row in rows.items()}
        known = Known(
            rows=self.rows.get(key, {}),
            before=None if self.before is None else self.before.get(key, {}),
            months=[None if month is None else month.get(key, {}) for month in self.months],
        )
        sums = sums_of(rows, whole, self.owners)
        return settle(rows, sums, known, whole=whole, has_maturity=BY_KEY[key].has_maturity)


def sums_of(rows: Iterable[Cell], whole: Cell, owners: Mapping[str, str]) -> list[Sum]:
    """Give the equations between cells: each department is the sum of its services, the whole of each table.

    The narrow ones come first, so that a service hides behind another of its department.
    """
    cells = list(rows)
    found: list[Sum] = []
    for own in (cell for cell in cells if cell[0] == "department" and cell != whole):
        services = [cell for cell in cells if cell[0] == "service"]
        parts = tuple(cell for cell in services if (owners.get(cell[1]) if cell[1] else None) == own[1])
        if parts:
            found.append((own, parts))
    for word in TABLES:
        parts = tuple(cell for cell in cells if cell[0] == word and cell != whole)
        if parts:
            found.append((whole, parts))
    return found


def installation(session: Session) -> Json:
    """Name the installation as its feed does."""
    agency = agency_of(session)
    name = both(agency) if agency else dict.fromkeys(LANGUAGES, "govdesk")
    return {"name": name, "url": settings().base_address, "timezone": settings().default_timezone}


def definition(key: str) -> Json:
    """Give the definition of a measure in both languages."""
    kind = BY_KEY[key]
    words = {part: said(kind.words(part)) for part in PARTS}
    return {
        "version": kind.definition_version,
        "unit": kind.unit,
        "is_lower_better": kind.is_lower_better,
        "needs_time": kind.has_maturity,
        **words,
    }


def said(key: str) -> Both:
    """Give a message in both languages."""
    found = {}
    for code in LANGUAGES:
        with speaking(code):
            found[code] = t(key)
    return found


def both(thing: Named) -> Both:
    """Name a thing in both languages."""
    found = {}
    for code in LANGUAGES:
        with speaking(code):
            found[code] = named(thing)
    return found


def _documents(session: Session, codes: Iterable[str]) -> list[Json]:
    query = select(PeriodVersion).join(ReportPeriod).where(ReportPeriod.code.in_(list(codes)))
    ordered = query.order_by(PeriodVersion.published_at, PeriodVersion.id)
    return [published.document_of(one) for one in session.scalars(ordered)]


def _rows(measured: Measured, key: str, by: str, department: str | None) -> Iterable[tuple[Cell, Json]]:
    figure = measured.figures[key, by]
    whole: Cell = ("department", department) if department else TOTAL
    for row in figure.rows:
        yield (by, row.group[by]) if by else whole, row.as_json()


def _figures(figure: Figure, rows: Rows, department: str | None, tables: Sequence[str]) -> list[Json]:
    """Give settled rows back as figures: the total, then each table that has any."""
    asked: dict[str, Any] = {**figure.as_json(), "rows": []}
    whole: Cell = ("department", department) if department else TOTAL
    found = [{**asked, "by": [], "rows": [{**rows[whole], "group": {}}]}]
    for word in tables:
        own = [row for cell, row in rows.items() if cell[0] == word and cell != whole]
        if own:
            found.append({**asked, "by": [word], "rows": own})
    return found


def _coded(told: Sequence[Json], codes: Mapping[str, str]) -> list[Json]:
    """Give a share by common codes, from what is published of it by services."""
    services = next((one for one in told if one["by"] == ["service"]), None)
    if services is None or not is_proportion(BY_KEY[services["key"]]):
        return []
    rows = coding.by_code(services["rows"], codes)
    return [{**services, "by": [coding.WORD], "rows": rows}] if rows else []


def _names(session: Session, figures: Iterable[Json]) -> dict[str, dict[str, Both]]:
    found: dict[str, dict[str, Both]] = {}
    rows = [row["group"] for figure in figures for row in figure["rows"]]
    for word, model in MODELS.items():
        codes = {group[word] for group in rows if group.get(word)}
        known = session.scalars(select(model).where(model.code.in_(codes)).order_by(model.code))
        found[word] = {one.code: both(one) for one in known}
    return found


def _targets(session: Session, period: ReportPeriod) -> dict[str, Json]:
    place = targets.Place(department_id=period.department_id)
    own = targets.current(session, place)
    found: dict[str, Json] = {}
    for key in STRATEGIC:
        if key in own:
            due = own[key].due_on
            found[key] = {"value": own[key].value, "due_on": due.isoformat() if due else None}
        elif BY_KEY[key].target is not None:
            found[key] = {"value": BY_KEY[key].target, "due_on": None}
    return found


def _said(one: PeriodReflection) -> Json:
    return {
        "topic": one.topic,
        "measures": list(rules.TOPICS[one.topic]),
        "saw": {"ar": one.saw_ar, "en": one.saw_en},
        "will": {"ar": one.will_ar, "en": one.will_en},
        "due_on": one.due_on.isoformat(),
    }
