"""The figures of a period as they are now, for whoever reflects on it: each beside what it was before."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from govdesk.db import reading
from govdesk.faces.head import words
from govdesk.i18n import num, t
from govdesk.kpi import service
from govdesk.kpi.figures import Figure, Row, hide_small, leading_line
from govdesk.kpi.judging import judge
from govdesk.kpi.periods import measuring, published, rules
from govdesk.kpi.periods.measuring import STRATEGIC, Measured
from govdesk.kpi.periods.models import ReportPeriod
from govdesk.kpi.registry import BY_KEY, Measure
from govdesk.kpi.targets import service as targets

FEWEST = 5  # people; heads see no smaller group
MONTHS = 24  # of the course by which a signal is told


@dataclass(frozen=True, slots=True)
class Draft:
    """One figure of a period that is not published yet, in words."""

    measure: Measure
    name: str
    value: str
    interval: str
    n: str
    target: str
    before: str
    year_ago: str
    signal: str  # worse | better | ordinary | few
    quality: str
    is_young: bool


def drafts(period: ReportPeriod, measured: Measured) -> list[tuple[str, list[Draft]]]:
    """Give the figures by topic, without those that have nothing to say anywhere."""
    span = published.span_of(period)
    before, year_ago = _totals(period, span.before), _totals(period, span.year_before)
    signals = _signals(period, span)
    aims = targets.current(reading(), targets.Place(department_id=period.department_id))
    found = []
    for topic, keys in rules.TOPICS.items():
        shown = []
        for key in (key for key in keys if key in STRATEGIC):
            aim = aims[key].value if key in aims else BY_KEY[key].target
            row = _total(measured.figures[key, ""])
            shown.append(_draft(BY_KEY[key], row, before[key], year_ago[key], aim, signals[key]))
        if shown:
            found.append((topic, shown))
    return found


def ripe_on(period: ReportPeriod) -> dt.date:
    """The day from which all of a period can be judged: the longest window and lag of the services."""
    places = measuring.ask(reading(), published.span_of(period), period.department).places
    needed = max((one.window_days + one.lag_days for one in places.services.values()), default=32)
    return period.last_on + dt.timedelta(days=needed)


def young(measured: Measured) -> list[str]:
    """The measures that would be published without a number."""
    return [
        key
        for (key, by), figure in measured.figures.items()
        if not by and BY_KEY[key].has_maturity and figure.total.pending
    ]


def _draft(
    measure: Measure, row: Row, before: Row, year_ago: Row, target: float | None, signal: str
) -> Draft:  # fmt: skip
    is_young = bool(measure.has_maturity and row.pending)
    return Draft(
        measure,
        t(measure.words("name")),
        t("periods.not_judged") if is_young else _value(row),
        "" if is_young else words.interval_of(row.interval, row.unit),
        "" if row.is_hidden else num(row.n),
        words.target_of(measure, target),
        _value(before),
        _value(year_ago),
        signal,
        _quality(row),
        is_young,
    )


def _value(row: Row) -> str:
    return t("head.hidden") if row.is_hidden else words.value_of(row) or t("design.no_data")


def _quality(row: Row) -> str:
    aside = row.detail.get("set_aside") or row.data_quality.get("set_aside")
    said = [t("periods.quality_set_aside", n=num(aside))] if isinstance(aside, int) and aside else []
    if row.unlinked:
        said.append(t("periods.quality_unlinked", n=num(row.unlinked)))
    return " · ".join(said) or t("periods.quality_none")


def _total(figure: Figure) -> Row:
    return hide_small(figure, FEWEST).total


def _totals(period: ReportPeriod, span: rules.Span) -> Mapping[str, Row]:
    question = measuring.ask(reading(), span, period.department)
    found = service.figures(reading(), question, [(key, ()) for key in STRATEGIC])
    return {figure.key: _total(figure) for figure in found}


def _signals(period: ReportPeriod, span: rules.Span) -> dict[str, str]:
    """What the last month of the period says beside the months before it."""
    first = span.last.replace(day=1)
    for _ in range(MONTHS - 1):
        first = (first - dt.timedelta(days=1)).replace(day=1)
    scope = measuring.scope_of(period.department)
    question = service.ask(reading(), from_day=first, to_day=span.last, scope=scope)
    found = service.figures(reading(), question, [(key, ("month",)) for key in STRATEGIC])
    after = span.last + dt.timedelta(days=1)
    return {
        figure.key: judge(hide_small(leading_line(figure), FEWEST), "month", after, target=None).variation
        for figure in found
    }
