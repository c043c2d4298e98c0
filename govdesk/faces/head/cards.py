"""The overview: one card for each figure, what got worse first."""

from collections.abc import Sequence
from dataclasses import dataclass

from govdesk.db import reading
from govdesk.faces.head import words
from govdesk.faces.head.asking import Asked
from govdesk.i18n import date_short, nt, num, t
from govdesk.kpi import service
from govdesk.kpi.figures import Figure, Row, hide_small
from govdesk.kpi.registry import BY_KEY, Measure

SHOWN = (
    "repeat_visit_rate", "first_contact_resolution", "avoidable_visit_share",
    "unheard_estimate", "silent_need_help", "obstacles_open", "obstacle_age", "time_to_resolution",
    "waiting_time", "service_level", "promise_kept", "commitments_kept", "abandonment_rate", "noshow_rate",
    "sla_attainment", "visits_avoided", "papers_missing", "complaints_per_thousand", "complaints_in_time",
    "recovered_in_time",
)  # fmt: skip
FEWEST = 5  # people; heads see no smaller group
ORDER = {"worse": 0, "ordinary": 1, "better": 2, "unjudged": 1, "none": 3}
KINDS = {"worse": "bad", "better": "good"}
EDGE = 6.0  # of the small lines


@dataclass(frozen=True, slots=True)
class Card:
    """A figure as it is shown on the overview."""

    measure: Measure
    row: Row
    before: Row | None
    change: str
    series: Figure
    more: str

    @property
    def kind(self) -> str:
        """The colour of its edge, which never stands alone."""
        target = self.measure.target
        high = self.row.interval[1] if self.row.interval else None
        is_missed = target is not None and high is not None and high < target
        return KINDS.get(self.change, "warn" if is_missed else "")

    def lines(self, width: int, height: int) -> "Lines":
        """Its course as a small line in a drawing of this size."""
        return _lines(self.series, width, height)


@dataclass(frozen=True, slots=True)
class Lines:
    """The small line of a card: pieces of what is settled, the young rest, the last point, the size."""

    width: int
    height: int
    settled: tuple[str, ...]
    young: str
    last: tuple[float, float] | None


def cards(asked: Asked) -> list[Card]:
    """Give the cards, what got worse first, then in the order of importance, what has no data last."""
    wanted: list[tuple[str, tuple[str, ...]]] = [(key, by) for key in SHOWN for by in ((), (asked.time,))]
    found = service.figures(reading(), asked.question, wanted)
    earlier: Sequence[Figure] = ()
    if asked.before is not None:
        earlier = service.figures(reading(), asked.before, [(key, ()) for key in SHOWN])
    made = []
    for place, key in enumerate(SHOWN):
        row = hide_small(found[2 * place], FEWEST).total
        before = hide_small(earlier[place], FEWEST).total if earlier else None
        measure = BY_KEY[key]
        change = words.change(row, before, measure) if row.value is not None else "none"
        series = hide_small(found[2 * place + 1], FEWEST)
        made.append(Card(measure, row, before, change, series, _more(row, measure)))
    return sorted(made, key=lambda card: ORDER[card.change])


def _more(row: Row, measure: Measure) -> str:
    """The one thing that must be known beside a value."""
    if row.is_hidden:
        return ""
    aside = row.detail.get("set_aside")
    said = _beside(row, measure)
    return " · ".join(filter(None, [said, nt("head.aside_short", aside) if aside else ""]))


def _beside(row: Row, measure: Measure) -> str:
    p90 = row.detail.get("p90")
    within = t("head.ninety_within", length=words.amount(p90, row.unit)) if p90 is not None else ""
    if measure.key == "time_to_resolution":
        opened = t("head.still_open", n=num(row.open or 0))
        return f"{opened} · {within}" if within else opened
    if "complained" in row.detail:
        said = {name: num(row.detail[name]) for name in ("complained", "dissatisfied", "both")}
        return t("head.inputs", **said)
    if measure.has_maturity and row.pending:
        return t("head.pending", n=num(row.pending))
    if measure.key == "waiting_time" and row.open:
        return f"{within} · {t('head.still_waiting', n=num(row.open))}"
    return within


def _lines(series: Figure, width: int, height: int) -> Lines:
    points = [_point(row) for row in series.rows]
    known = [value for value, _ in points if value is not None]
    if len(known) < 2:  # noqa: PLR2004 - one point is no line
        return Lines(width, height, (), "", None)
    low, high = min(known), max(known)
    step = (width - 2 * EDGE) / (len(points) - 1)
    placed = [
        (round(EDGE + place * step, 1), _height(value, low, high, height), is_young)
        for place, (value, is_young) in enumerate(points)
        if value is not None
    ]
    settled = [(x, y) for x, y, is_young in placed if not is_young]
    young = [(x, y) for x, y, is_young in placed if is_young]
    if young and settled:
        young = [settled[-1], *young]
    pieces = _pieces(settled, step)
    return Lines(width, height, tuple(map(_path, pieces)), _path(young), settled[-1] if settled else None)


def _pieces(points: list[tuple[float, float]], step: float) -> list[list[tuple[float, float]]]:
    """Cut a line where a period has no value: no data is no point, and no line goes over it."""
    pieces: list[list[tuple[float, float]]] = []
    for point in points:
        if pieces and point[0] - pieces[-1][-1][0] < 1.5 * step:
            pieces[-1].append(point)
        else:
            pieces.append([point])
    return pieces


def _point(row: Row) -> tuple[float | None, bool]:
    estimate = row.detail.get("provisional")
    if row.pending and not row.is_hidden:
        return (estimate["value"] if estimate else None), True
    return row.value, False


def _height(value: float, low: float, high: float, height: int) -> float:
    share = (value - low) / (high - low) if high > low else 0.5
    return round(height - EDGE - share * (height - 2 * EDGE), 1)


def _path(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def headline(made: list[Card]) -> str:
    """What changed, in one sentence."""
    worse = sum(card.change == "worse" for card in made)
    better = sum(card.change == "better" for card in made)
    judged = sum(card.change not in {"none", "unjudged"} for card in made)
    if not judged:
        return t("head.nothing_to_compare")
    if not worse and not better:
        return t("head.no_change")
    said = [nt("head.got_worse", worse)] if worse else []
    said += [nt("head.got_better", better)] if better else []
    return t("head.changed", changes=t("head.and").join(said))


def until(asked: Asked) -> str:
    """The days of the period in words."""
    first, last = asked.question.from_day, asked.question.to_day
    if first is None or last is None:
        return t("head.all_time")
    return t("head.from_to", first=date_short(first), last=date_short(last))
