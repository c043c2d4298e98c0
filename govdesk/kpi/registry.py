"""Every measure as plain data; commands, pages, captions and the definitions page are made from it."""

from dataclasses import dataclass

DEFINITION_VERSION = "v1"
PARTS = ("name", "question", "formula", "numerator", "denominator", "window", "quality", "source")
FAMILY_PARTS = frozenset({"quality", "source"})  # the same words for all measures over the same facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure. Its words are messages in both languages, `kpi.<key>_<part>`, by `words(part)`.

    `family` names the facts it counts: repeats, abandons, matters, cases, parts, costs, waits, attendance,
    commitments, guide, digital, reasons, papers, complaints, recoveries, recalls, obstacles, counters,
    unheard, asked, invitations, answers or drivers. Of repeat visits also: plans, shadow, speed and burden.
    `unit` is share (between 0 and 1), days, hours, minutes, hours_spent, visits, people or obstacles.
    One that counts no people hides no small group.
    """

    key: str
    family: str
    unit: str
    is_lower_better: bool
    has_maturity: bool = False  # its young cohorts are not judged yet
    counts_people: bool = True
    target: float | None = None  # only where KPI.md names one
    definition_version: str = DEFINITION_VERSION

    def words(self, part: str) -> str:
        """Give the message key of one part of the definition, one of PARTS."""
        return f"kpi.{part}_{self.family}" if part in FAMILY_PARTS else f"kpi.{self.key}_{part}"


MEASURES = (
    Measure(key="repeat_visit_rate", family="repeats", unit="share", is_lower_better=True, has_maturity=True),
    Measure(
        key="first_contact_resolution",
        family="repeats",
        unit="share",
        is_lower_better=False,
        has_maturity=True,
    ),
    Measure(key="avoidable_visit_share", family="repeats", unit="share", is_lower_better=True),
    Measure(key="planned_share", family="plans", unit="share", is_lower_better=True),
    Measure(key="shadow_repeat_rate", family="shadow", unit="share", is_lower_better=True, has_maturity=True),
    Measure(key="returned_in_90_days", family="speed", unit="share", is_lower_better=True, has_maturity=True),
    Measure(key="repeat_staff_hours", family="burden", unit="hours_spent", is_lower_better=True),
    Measure(key="repeat_hall_hours", family="burden", unit="hours_spent", is_lower_better=True),
    Measure(
        key="visits_per_matter", family="matters", unit="visits", is_lower_better=True, has_maturity=True
    ),
    Measure(key="abandon_returns", family="abandons", unit="share", is_lower_better=True, has_maturity=True),
    Measure(key="time_to_resolution", family="cases", unit="days", is_lower_better=True),
    Measure(key="net_time_to_resolution", family="cases", unit="hours", is_lower_better=True),
    Measure(key="business_time_to_resolution", family="cases", unit="hours", is_lower_better=True),
    Measure(key="elapsed_parts", family="parts", unit="days", is_lower_better=True),
    Measure(key="sla_attainment", family="cases", unit="share", is_lower_better=False),
    Measure(key="staff_minutes_per_case", family="costs", unit="minutes", is_lower_better=True),
    Measure(key="waiting_time", family="waits", unit="minutes", is_lower_better=True),
    Measure(key="waiting_p90", family="waits", unit="minutes", is_lower_better=True),
    Measure(key="service_time", family="waits", unit="minutes", is_lower_better=True),
    Measure(key="service_level", family="waits", unit="share", is_lower_better=False, target=0.8),
    Measure(key="noshow_rate", family="attendance", unit="share", is_lower_better=True),
    Measure(key="abandonment_rate", family="attendance", unit="share", is_lower_better=True),
    Measure(key="turned_away_rate", family="attendance", unit="share", is_lower_better=True),
    Measure(key="promise_kept", family="waits", unit="share", is_lower_better=False),
    Measure(key="commitments_kept", family="commitments", unit="share", is_lower_better=False),
    Measure(key="visits_avoided", family="guide", unit="share", is_lower_better=False),
    Measure(key="digital_share", family="digital", unit="share", is_lower_better=False),
    Measure(key="scenario_share", family="reasons", unit="share", is_lower_better=False),
    Measure(key="papers_missing", family="papers", unit="share", is_lower_better=True),
    Measure(key="complaints_per_thousand", family="complaints", unit="per_thousand", is_lower_better=True),
    Measure(key="complaints_in_time", family="complaints", unit="share", is_lower_better=False),
    Measure(key="recovered_in_time", family="recoveries", unit="share", is_lower_better=False),
    Measure(key="recall_coverage", family="recalls", unit="share", is_lower_better=False),
    Measure(key="unheard_estimate", family="unheard", unit="people", is_lower_better=True),
    Measure(key="silent_need_help", family="asked", unit="share", is_lower_better=True),
    Measure(key="obstacle_age", family="obstacles", unit="days", is_lower_better=True, counts_people=False),
    Measure(
        key="obstacles_open", family="obstacles", unit="obstacles", is_lower_better=True, counts_people=False
    ),
    Measure(key="wrap_up_time", family="counters", unit="minutes", is_lower_better=True, counts_people=False),
    Measure(
        key="counter_occupancy", family="counters", unit="share", is_lower_better=False, counts_people=False
    ),
    Measure(
        key="idle_with_queue", family="counters", unit="share", is_lower_better=True, counts_people=False
    ),
    Measure(key="response_rate", family="invitations", unit="share", is_lower_better=False),
    Measure(key="csat", family="answers", unit="share", is_lower_better=False),
    Measure(key="trust", family="answers", unit="share", is_lower_better=False),
    Measure(key="need_addressed", family="answers", unit="share", is_lower_better=False),
    Measure(key="easy", family="answers", unit="share", is_lower_better=False),
    Measure(key="reasonable_time", family="answers", unit="share", is_lower_better=False),
    Measure(key="fair", family="answers", unit="share", is_lower_better=False),
    Measure(key="helpful", family="answers", unit="share", is_lower_better=False),
    Measure(key="good_faces", family="answers", unit="share", is_lower_better=False),
    Measure(key="driver_named", family="drivers", unit="share", is_lower_better=True),
)

BY_KEY = {measure.key: measure for measure in MEASURES}
