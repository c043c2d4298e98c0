"""The counts behind the repeat-visit figures, over any group of classified visits (KPI.md §1.4 to §1.7)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from govdesk.cases.classes import Classified, Verdict, VisitClass

if TYPE_CHECKING:
    from collections.abc import Iterable

COMPARABLE_LINKAGE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatCounts:
    """Numerators and denominators of a group of visits on a day.

    `mature` counts failed and succeeded indexes; `silent` mature attended visits left unresolved to which
    nobody returned; `unlinked_mature` those unlinked whose window has passed, for the bounds.
    """

    failed: int
    mature: int
    pending: int
    excluded: int
    repeats: int
    attended: int
    planned: int
    recalls: int
    unlinked: int
    unlinked_mature: int
    abandoned: int
    abandon_returns: int
    silent: int

    @property
    def linkage(self) -> float | None:
        """The share of attended visits whose beneficiary is known; None without visits."""
        everybody = self.attended + self.unlinked
        return self.attended / everybody if everybody else None

    @property
    def is_comparable(self) -> bool:
        """Tell whether enough visitors are known to compare this group with another (90 %)."""
        return self.linkage is not None and self.linkage >= COMPARABLE_LINKAGE

    @property
    def bounds(self) -> tuple[float, float] | None:
        """M1 if every mature unlinked visit had succeeded, and if each had failed; None without visits."""
        everybody = self.mature + self.unlinked_mature
        if not everybody:
            return None
        return self.failed / everybody, (self.failed + self.unlinked_mature) / everybody


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterCounts:
    """M3: finished matters, the visits they took, and how many took exactly one."""

    finished: int
    visits: int
    with_one_visit: int


def repeat_counts(classified: Iterable[Classified], as_of: date) -> RepeatCounts:
    """Count a group of tickets as known on the local day `as_of`; later visits are left out.

    Verdicts look at the returns wherever they happened, so any grouping of the tickets is right: M1 is
    failed / mature of the group's index visits, M2 repeats / attended of the group's visits.
    """
    known = [ticket for ticket in classified if ticket.started_on <= as_of]
    classes = Counter(ticket.visit_class for ticket in known)
    verdicts = Counter(ticket.verdict(as_of) for ticket in known)
    return RepeatCounts(
        failed=verdicts[Verdict.FAILED],
        mature=verdicts[Verdict.FAILED] + verdicts[Verdict.SUCCEEDED],
        pending=verdicts[Verdict.PENDING],
        excluded=verdicts[Verdict.EXCLUDED],
        repeats=classes[VisitClass.REPEAT],
        attended=sum(ticket.is_attended for ticket in known),
        planned=classes[VisitClass.PLANNED],
        recalls=classes[VisitClass.RECALL],
        unlinked=classes[VisitClass.UNLINKED],
        unlinked_mature=sum(t.visit_class is VisitClass.UNLINKED and t.is_mature(as_of) for t in known),
        abandoned=classes[VisitClass.ABANDONED],
        abandon_returns=sum(_is_abandon_return(ticket, as_of) for ticket in known),
        silent=sum(_is_silent(ticket, as_of) for ticket in known),
    )


def matter_counts(classified: Iterable[Classified], as_of: date) -> MatterCounts:
    """Count the visits per finished matter (M3): one whose last visit is mature on `as_of`.

    A matter is an `index_new` visit with the planned steps, repeats and recalls that follow. Group by
    `Classified.matter`, not by ticket, so that a matter's visits stay together.
    """
    visits: Counter[str] = Counter()
    is_finished: dict[str, bool] = {}
    for ticket in classified:
        if ticket.matter is None or ticket.started_on > as_of:
            continue
        visits[ticket.matter] += 1
        is_finished[ticket.matter] = is_finished.get(ticket.matter, True) and ticket.is_mature(as_of)
    sizes = [visits[matter] for matter, finished in is_finished.items() if finished]
    return MatterCounts(finished=len(sizes), visits=sum(sizes), with_one_visit=sizes.count(1))


def time_to_repeat(classified: Iterable[Classified], as_of: date) -> list[tuple[int, bool]]:
    """Give the days from each index to its repeat, and whether it was seen, for Kaplan-Meier (KPI.md §1.7).

    Observation ends at `as_of` less the recording lag. An index settled by another next visit of its matter
    stays under observation without event, and withdrawn ones are left out: both as in M1, so that for a
    mature cohort 1 - S(window) is M1.
    """
    observed = []
    for ticket in classified:
        age = (as_of - timedelta(days=ticket.rule.lag_days) - ticket.ended_on).days
        if age < 0 or not ticket.is_index or ticket.is_withdrawn:
            continue
        gap = ticket.next_gap_days
        if ticket.is_failed and gap is not None and gap <= age:
            observed.append((max(gap, 0), True))
        else:
            observed.append((age, False))
    return observed


def _is_abandon_return(ticket: Classified, as_of: date) -> bool:
    if ticket.visit_class is not VisitClass.ABANDONED or not ticket.has_return:
        return False
    return ticket.ended_on + timedelta(days=ticket.next_gap_days or 0) <= as_of


def _is_silent(ticket: Classified, as_of: date) -> bool:
    if not ticket.is_attended or ticket.outcome != "unresolved":
        return False
    return ticket.is_mature(as_of) and not ticket.has_return
