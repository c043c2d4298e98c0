"""The overview: one card for each figure, what got worse first."""

from dataclasses import dataclass

from govdesk.db import reading
from govdesk.faces.head import aims, records, signals, sparks, words
from govdesk.faces.head.asking import Asked
from govdesk.faces.head.signals import Judged
from govdesk.faces.head.sparks import Spark
from govdesk.i18n import date_short, nt, num, t
from govdesk.kpi import judging, service
from govdesk.kpi.figures import Figure, Row, hide_small, leading_line
from govdesk.kpi.registry import BY_KEY, Measure

SHOWN = (  # the strategic set in its order, with what must stand beside it
    "repeat_visit_rate", "first_contact_resolution", "avoidable_visit_share",
    "time_to_resolution", "sla_attainment", "csat", "trust", "response_rate",
    "waiting_time", "waiting_p90", "service_level", "promise_kept", "commitments_kept",
    "abandonment_rate", "turned_away_rate", "noshow_rate", "visits_avoided", "digital_share",
    "papers_missing", "complaints_per_thousand", "complaints_in_time", "recovered_in_time",
    "unheard_estimate", "silent_need_help", "obstacles_open", "obstacle_age", "recall_coverage",
    "counter_occupancy", "idle_with_queue", "staff_minutes_per_case",
)  # fmt: skip
FEWEST = judging.FEWEST  # people; heads see no smaller group
ORDER = {"worse": 0, "ordinary": 3, "few": 4, "better": 5}
FAILING, MISSED = 1, 2  # after the worse: the target will be missed; it is missed in a course of few points
KINDS = {"worse": "bad", "better": "good"}


@dataclass(frozen=True, slots=True)
class Card:
    """A figure as it is shown on the overview."""

    measure: Measure
    row: Row
    series: Figure
    judged: Judged
    target: float | None
    aim: str  # the target in words
    more: str
    flawed: float | None  # of its records

    @property
    def rank(self) -> int:
        """What needs a decision first: what truly got worse, then what will miss its target."""
        if self.row.value is None:
            return max(ORDER.values()) + 1
        if self.judged.assurance == "fails" and self.judged.variation != "worse":
            return FAILING
        return MISSED if self.now == "missed" else ORDER[self.judged.variation]

    @property
    def kind(self) -> str:
        """The colour of its edge, which never stands alone."""
        is_late = self.judged.assurance == "fails" or self.now == "missed"
        return KINDS.get(self.judged.variation, "warn" if is_late else "")

    @property
    def now(self) -> str:
        """Of a course of few points, whether the period as a whole has met or missed its target.

        Neither where the interval holds the target.
        """
        low, high = self.row.interval or (None, None)
        if self.judged.assurance != "few" or self.target is None or self.row.value is None:
            return ""
        if low is not None and low > self.target:
            return "missed" if self.measure.is_lower_better else "met"
        if high is not None and high < self.target:
            return "met" if self.measure.is_lower_better else "missed"
        return ""

    @property
    def signs(self) -> list[tuple[str, str]]:
        """The signs of the course; of few points, what the period as a whole says of the target."""
        if self.row.value is None or not self.now:
            return self.judged.signs if self.row.value is not None else []
        mark = "hits" if self.now == "met" else "misses"
        return [self.judged.signs[0], (mark, t(f"targets.now_{self.now}"))]

    def spark(self, width: int, height: int) -> Spark:
        """Its course as a small drawing of this size."""
        return sparks.spark(self.series, self.judged, self.target, width, height)


def cards(asked: Asked) -> list[Card]:
    """Give the cards, what needs a decision first, then in the order of importance, no data last."""
    wanted: list[tuple[str, tuple[str, ...]]] = [(key, by) for key in SHOWN for by in ((), (asked.time,))]
    found = service.figures(reading(), asked.question, wanted)
    made = []
    turns = hide_small(found[2 * SHOWN.index("waiting_time")], FEWEST).total
    for place, key in enumerate(SHOWN):
        row, measure = hide_small(found[2 * place], FEWEST).total, BY_KEY[key]
        series = hide_small(leading_line(found[2 * place + 1]), FEWEST)
        target = asked.target(measure)
        judged = signals.judge(series, asked.time, asked.today, target=target, rebased=asked.rebased(key))
        flawed = records.share(row, measure, turns)
        aim = aims.target_of(asked, measure)
        made.append(Card(measure, row, series, judged, target, aim, _more(row, measure), flawed))
    return sorted(made, key=lambda card: card.rank)


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


def headline(made: list[Card]) -> str:
    """What changed, in one sentence."""
    told = [card for card in made if card.row.value is not None]
    worse = sum(card.judged.variation == "worse" for card in told)
    better = sum(card.judged.variation == "better" for card in told)
    if all(card.judged.variation == "few" for card in told):
        return t("head.too_few_points")
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
