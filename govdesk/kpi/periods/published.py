"""What has been published: its versions, its documents, and what everybody can read in them."""

import functools
import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from govdesk.errors import NotFoundError
from govdesk.kpi.periods import rules
from govdesk.kpi.periods.document import rows_of
from govdesk.kpi.periods.hiding import TOTAL, Cell
from govdesk.kpi.periods.models import PeriodVersion, ReportPeriod
from govdesk.kpi.periods.settling import Rows, is_hidden

Json = dict[str, Any]
KEPT_READ = 64  # documents


def period_of(session: Session, code: str) -> ReportPeriod:
    """Return a period by its code, or raise NotFoundError."""
    found = session.scalars(select(ReportPeriod).where(ReportPeriod.code == code)).one_or_none()
    if found is None:
        raise NotFoundError
    return found


def span_of(period: ReportPeriod) -> rules.Span:
    """The days of a period, by its code."""
    of = rules.month_of if period.kind == rules.MONTH else rules.quarter_of
    return of(period.first_on)


def newest(session: Session) -> Sequence[PeriodVersion]:
    """Return the newest version of every period that was published, the latest period first."""
    other = aliased(PeriodVersion)
    last = select(func.max(other.number)).where(other.period_id == PeriodVersion.period_id).scalar_subquery()
    query = select(PeriodVersion).join(ReportPeriod).where(PeriodVersion.number == last)
    return session.scalars(query.order_by(ReportPeriod.last_on.desc(), ReportPeriod.code)).all()


def versions(session: Session, code: str) -> Sequence[PeriodVersion]:
    """Return what was published of a period, the first version first; none of what is a draft or unknown."""
    query = select(PeriodVersion).join(ReportPeriod).where(ReportPeriod.code == code)
    return session.scalars(query.order_by(PeriodVersion.number)).all()


def version(session: Session, code: str, number: int | None = None) -> PeriodVersion:
    """Return one version of a period, the newest without a number; NotFoundError where there is none."""
    found = [one for one in versions(session, code) if number in (None, one.number)]
    if not found:
        raise NotFoundError
    return found[-1]


def document_of(row: PeriodVersion) -> Json:
    """Return what a version says. It never changes, so it is read once; whoever asks does not change it."""
    return _read(row.frozen)


def cells_of(document: Json) -> dict[str, Rows]:
    """Return the rows of a document by measure and cell, as the whole agency names them."""
    own: Cell = ("department", document["department"])
    found: dict[str, Rows] = {}
    for (key, by, group), row in rows_of(document):
        whole = own if document["department"] else TOTAL
        found.setdefault(key, {})[(by[0], group[0]) if by else whole] = row
    return found


def known_of(documents: Iterable[Json]) -> dict[str, Rows]:
    """Return what everybody can read in several documents of one period; the later ones count.

    What one shows is known, whatever the others hide.
    """
    known: dict[str, Rows] = {}
    for document in documents:
        for key, rows in cells_of(document).items():
            at = known.setdefault(key, {})
            for cell, row in rows.items():
                if cell not in at or not is_hidden(row) or is_hidden(at[cell]):
                    at[cell] = row
    return known


@functools.lru_cache(maxsize=KEPT_READ)
def _read(frozen: str) -> Json:
    document: Json = json.loads(frozen)
    return document
