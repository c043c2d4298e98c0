"""The words of the repeat-visit definition: what goes into the classifier and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date, datetime, tzinfo

DEFINITION_VERSION = "v1"
FAILURE_REASONS = frozenset(
    {
        "chase",
        "missing_document",
        "wrong_information",
        "office_error",
        "system_down",
        "not_ready",
        "unclear_letter",
        "citizen_side",
    },
)
RECALL_REASON = "recall"
OUTBOUND = "outbound"
PLAN_REASONS = frozenset({"biometrics", "collect_document", "instalment", "legal_second_step"})
ATTENDED_STATUSES = frozenset({"served", "turned_away"})
UNATTENDED_STATUSES = frozenset({"no_show", "cancelled", "abandoned", "closed_unserved"})


class VisitClass(StrEnum):
    """The one class that each ticket gets (KPI.md §1.3)."""

    INDEX_NEW = "index_new"
    PLANNED = "planned"
    REPEAT = "repeat"
    RECALL = "recall"
    MERGED = "merged"
    OUTBOUND = "outbound"
    UNLINKED = "unlinked"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"
    CLOSED_UNSERVED = "closed_unserved"


class Verdict(StrEnum):
    """What is known about an index visit on a given day (KPI.md §1.4)."""

    FAILED = "failed"
    SUCCEEDED = "succeeded"
    PENDING = "pending"
    EXCLUDED = "excluded"


INDEX_CLASSES = frozenset({VisitClass.INDEX_NEW, VisitClass.PLANNED})
ATTENDED_CLASSES = INDEX_CLASSES | {VisitClass.REPEAT, VisitClass.RECALL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The planned next step a visit came for: when it was written, when it is due, and why."""

    made_at: datetime
    due: date
    reason: str


class VisitRecord(NamedTuple):
    """One ticket as the classifier sees it; moments are aware, an empty text means not known.

    `started_at` is the start of service, or the arrival where service never started. `zone` is the branch's:
    the days of this ticket are cut in it. `cause` and `outcome` are what the officer wrote at its end,
    `return_cause` is what the person was asked and said why they had to come back; a failure reason is one
    also where nobody was asked.
    """

    id: str
    beneficiary: str | None
    service: str
    started_at: datetime
    ended_at: datetime
    zone: tzinfo
    status: str = "served"
    family: str | None = None
    object: str | None = None
    case_no: str | None = None
    visitor: str | None = None
    branch: str | None = None
    unit: str | None = None
    channel: str | None = None
    direction: str | None = "inbound"
    reason: str | None = None
    return_cause: str | None = None
    outcome: str | None = None
    cause: str | None = None
    transfer_of: str | None = None
    plan: Plan | None = None
    withdrawn_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatRule:
    """The parameters of a service: window, recording lag, planned steps allowed, cycle if it recurs."""

    window_days: int = 30
    lag_days: int = 2
    allowed_reasons: frozenset[str] = PLAN_REASONS
    cycle_days: int | None = None
    version: str = DEFINITION_VERSION

    def is_next_cycle(self, gap_days: int) -> bool:
        """Tell whether a return after `gap_days` is the next turn of a recurring service (0.8 cycle)."""
        return bool(self.cycle_days) and 5 * gap_days >= 4 * (self.cycle_days or 0)


class Classified(NamedTuple):
    """What the classifier says of one ticket; `head` is the ticket that stands for its whole visit.

    `closing` is the ticket that ended last of that visit: `outcome` is its own, and so is the unit charged.

    `started_on` and `ended_on` are the local days of the merged visit, `matter` the visit the matter began
    with, `previous` the attended visit of the matter before this one, `gap_days` the days since its end.
    `next_visit` is the next attended visit of the matter (for an abandoned one: the return), `next_gap_days`
    the days until then. Charged fields and cause are filled for repeats only.
    """

    visit_class: VisitClass
    head: str
    closing: str
    started_on: date
    ended_on: date
    rule: RepeatRule
    beneficiary: str | None = None
    matter: str | None = None
    previous: str | None = None
    gap_days: int | None = None
    index_visit: str | None = None
    charged_visit: str | None = None
    charged_unit: str | None = None
    charged_channel: str | None = None
    charged_service: str | None = None
    cause: str | None = None
    outcome: str | None = None
    withdrawn_on: date | None = None
    next_visit: str | None = None
    next_gap_days: int | None = None
    next_class: VisitClass | None = None

    @property
    def is_index(self) -> bool:
        """Tell whether this visit can fail: a new need or a planned step."""
        return self.visit_class in INDEX_CLASSES

    @property
    def is_attended(self) -> bool:
        """Tell whether this is an attended visit of a known beneficiary, once however many tickets."""
        return self.visit_class in ATTENDED_CLASSES

    @property
    def has_return(self) -> bool:
        """Tell whether the person came back for the matter inside the window, for whatever reason."""
        return self.next_gap_days is not None and self.next_gap_days <= self.rule.window_days

    @property
    def is_failed(self) -> bool:
        """Tell whether this index visit failed: the next attended visit of its matter is a repeat.

        It must fall inside this visit's own window: with objects missing the repeat can be that of a younger
        visit, and a verdict once mature must stand.
        """
        return self.is_index and self.has_return and self.next_class is VisitClass.REPEAT

    @property
    def is_withdrawn(self) -> bool:
        """Tell whether the matter was withdrawn, or the person died, inside the window without return."""
        if self.withdrawn_on is None or self.has_return:
            return False
        return 0 <= (self.withdrawn_on - self.ended_on).days <= self.rule.window_days

    def is_mature(self, as_of: date) -> bool:
        """Tell whether window and recording lag have passed on the local day `as_of`."""
        return (as_of - self.ended_on).days >= self.rule.window_days + self.rule.lag_days

    def verdict(self, as_of: date) -> Verdict | None:
        """Give what is known of this index visit on the day `as_of`; None for every other class."""
        if not self.is_index:
            return None
        if not self.is_mature(as_of):
            return Verdict.PENDING
        if self.is_withdrawn:
            return Verdict.EXCLUDED
        return Verdict.FAILED if self.is_failed else Verdict.SUCCEEDED
