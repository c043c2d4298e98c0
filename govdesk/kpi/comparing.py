"""Units side by side: which differ by more than chance and than units differ anyway (KPI.md §1.8, §4).

Nothing here is in an order of merit. What cannot be compared stands apart, and says why.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from govdesk.kpi import service
from govdesk.kpi.figures import Figure, Row, hide_small
from govdesk.kpi.funnels import Funnel, funnel
from govdesk.kpi.groups import DIMENSIONS
from govdesk.kpi.question import Question
from govdesk.kpi.registry import BY_KEY, Measure
from govdesk.kpi.standardising import Counts, Standardised, standardise

UNITS = ("branch", "department")
FEWEST = 5  # people; heads see no smaller group
FEWEST_UNITS = 5  # from which on it can be told how far units differ anyway
STRATUM = "service"
CURVES = frozenset({"speed"})  # families whose shares are read off a curve
By = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: its row, and why it is not compared or where it lies.

    `apart` is why not: hidden, young, unlinked, definition (of another agency), empty. `place` is where it
    lies in the funnel: inside, high, low, far_high, far_low; after the adjustment where there is one, which
    `before` leaves out. Empty without a funnel. `covered` is the share of its people whose services others
    have too, where it is known by services; `crude` why it stands among adjusted ones as it is: uncoded,
    uncovered.
    """

    code: str
    row: Row
    apart: str = ""
    adjusted: Standardised | None = None
    place: str = ""
    before: str = ""
    covered: float | None = None
    crude: str = ""

    @property
    def is_outside(self) -> bool:
        """Whether it lies beyond the limits of 95 %."""
        return self.place not in {"", "inside"}


@dataclass(frozen=True, slots=True)
class Mixes:
    """What units are adjusted by: the counts of each in its services, failures of people.

    `least` is the share of a unit's people that must lie in services of others too: one below it stands
    beside the adjusted ones as it is. Without such a bound a unit that shares no service is not compared.
    """

    counts: Mapping[str, Counts]
    least: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The units of one measure. Without a funnel (no share, or one unit only) their intervals stand alone."""

    measure: Measure
    by: str
    figure: Figure  # as it may be shown
    units: tuple[Unit, ...]  # by code
    funnel: Funnel | None
    has_spread: bool  # whether the limits allow for how far units differ anyway
    is_adjusted: bool

    @property
    def compared(self) -> list[Unit]:
        """The units that are compared."""
        return [unit for unit in self.units if not unit.apart]

    @property
    def outside(self) -> list[Unit]:
        """Those that lie outside the limits."""
        return [unit for unit in self.units if unit.is_outside]


def comparable(measure: Measure) -> tuple[str, ...]:
    """By which units a measure can be compared."""
    return tuple(word for word in UNITS if word in DIMENSIONS[measure.family])


def is_proportion(measure: Measure) -> bool:
    """Whether it counts people of people; shares of time have no funnel."""
    return measure.unit == "share" and measure.counts_people


def compare(session: Session, question: Question, wanted: Sequence[tuple[str, str]]) -> list[Comparison]:
    """Compare units for several measures at once, each a key with the kind of unit.

    The scope is that of the question but for its one branch: who looks at one sees it among the others.
    """
    whole = replace(question, scope=question.scope.narrowed(service_id=question.scope.service_id))
    asked: list[tuple[str, By]] = []
    for key, by in wanted:
        asked.append((key, (by,)))
        if _is_adjustable(BY_KEY[key], by, question):
            asked.append((key, (by, STRATUM)))
    found = dict(zip(asked, service.figures(session, whole, asked), strict=True))
    return [
        judge(BY_KEY[key], found[key, (by,)], _mixes(BY_KEY[key], found.get((key, (by, STRATUM)))))
        for key, by in wanted
    ]


def judge(measure: Measure, figure: Figure, mixes: Mixes) -> Comparison:
    """Compare the units of a figure, adjusted by their mixes as far as these go."""
    by = figure.by[0]
    hidden = hide_small(figure, FEWEST)
    shown = replace(hidden, rows=tuple(row for row in hidden.rows if row.group[by] is not None))
    units = [Unit(str(row.group[by]), row, _apart(row)) for row in shown.rows]
    ready = [unit for unit in units if not unit.apart]
    if not is_proportion(measure):
        return Comparison(measure, by, shown, tuple(units), None, has_spread=False, is_adjusted=False)
    known = {unit.code: mixes.counts[unit.code] for unit in ready if unit.code in mixes.counts}
    shared = standardise(known)
    covers = {unit.code: _covered(unit, shared.get(unit.code)) for unit in ready if unit.code in known}
    adjusted = {code: one for code, one in shared.items() if covers[code] >= (mixes.least or 0)}
    is_adjusted = len(adjusted) > (1 if mixes.least is None else 0)
    crude = {unit.code: failures(measure, *_counts(unit.row)) for unit in ready}
    fair: dict[str, tuple[float, float]] = dict(crude) if mixes.least is not None or not is_adjusted else {}
    if is_adjusted:
        fair |= {code: (one.value * one.usual, one.usual) for code, one in adjusted.items()}
    fair = {code: counts for code, counts in fair.items() if counts[1]}
    limits, before = limits_of(list(fair.values())), limits_of(list(crude.values()))
    placed = tuple(
        replace(
            unit,
            adjusted=adjusted.get(unit.code) if is_adjusted else None,
            place=_place(measure, limits, fair.get(unit.code)),
            before=_place(measure, before, crude.get(unit.code)),
            covered=covers.get(unit.code),
            crude=_why_crude(unit, known, adjusted) if mixes.least is not None else "",
        )
        for unit in units
    )
    upright = limits if limits is None or measure.is_lower_better else _turned(limits)
    return Comparison(measure, by, shown, placed, upright, len(fair) >= FEWEST_UNITS, is_adjusted)


def limits_of(units: Sequence[tuple[float, float]]) -> Funnel | None:
    """Give the funnel of units; of few the limits are those of chance alone: their spread is not known."""
    made = funnel(units)
    if made is None or len(units) >= FEWEST_UNITS:
        return made
    return replace(made, between=0.0)


def _is_adjustable(measure: Measure, by: str, question: Question) -> bool:
    """Departments share no service, one service needs no adjustment, and a curve has no counts to adjust."""
    is_mixed = by == "branch" and question.scope.service_id is None and measure.family not in CURVES
    return is_mixed and is_proportion(measure) and STRATUM in DIMENSIONS[measure.family]


def _apart(row: Row) -> str:
    if row.is_hidden:
        return "hidden"
    if "other_definition" in row.detail:  # of another agency
        return "definition"
    if row.value is None:
        return "young" if row.pending else "empty"
    return "unlinked" if row.data_quality.get("comparable") is False else ""


def _counts(row: Row) -> tuple[int, int]:
    return row.numerator or 0, row.denominator or 0


def failures(measure: Measure, count: int, n: int) -> tuple[int, int]:
    """What is expected and found is always what should not be: it is the rarer part, and above 1 is worse."""
    return (count if measure.is_lower_better else n - count), n


def _covered(unit: Unit, shared: Standardised | None) -> float:
    people = unit.row.denominator or 0
    return min(1.0, shared.n / people) if shared and people else 0.0


def _why_crude(unit: Unit, known: Mapping[str, Counts], adjusted: Mapping[str, Standardised]) -> str:
    if unit.apart or unit.code in adjusted:
        return ""
    return "uncovered" if unit.code in known else "uncoded"


def _mixes(measure: Measure, strata: Figure | None) -> Mixes:
    """What the units of a figure in units and services are adjusted by; nothing without one."""
    found: dict[str, dict[str | None, tuple[int, int]]] = defaultdict(dict)
    for row in strata.rows if strata else ():
        unit = row.group[strata.by[0]] if strata else None
        if unit is not None and row.denominator:
            found[unit][row.group[STRATUM]] = failures(measure, *_counts(row))
    return Mixes(found)


def _place(measure: Measure, limits: Funnel | None, counts: tuple[float, float] | None) -> str:
    """Where a unit lies, said of the measure itself: high where it counts more."""
    if limits is None or counts is None or not counts[1]:
        return ""
    place = limits.place(*counts)
    if measure.is_lower_better or place == "inside":
        return place
    return place.replace("high", "low") if "high" in place else place.replace("low", "high")


def _turned(limits: Funnel) -> Funnel:
    """The same funnel of the other part: the arcsine scale is even on both sides."""
    return replace(limits, share=1 - limits.share)
