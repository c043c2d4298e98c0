"""Which tickets are one attendance, and which attendances are one matter (KPI.md §1.1, §1.2)."""

from __future__ import annotations

from bisect import bisect_right, insort
from datetime import UTC, date, datetime, timedelta

from govdesk.cases.classes import (
    ATTENDED_STATUSES,
    FAILURE_REASONS,
    OUTBOUND,
    RECALL_REASON,
    Plan,
    RepeatRule,
    VisitClass,
    VisitRecord,
)

Fact = tuple[str, str | None]
ANY_MATTER: Fact = ("", None)
CASE = "\0"  # stands for the family in the fact that is a case number; no family can be called so


class Attendance:
    """The tickets of one visit: the head that began it, and those joined to it by transfer or overlap.

    Its start is the earliest, its end the latest; `closing` is the ticket that ended then. It is about the
    matters of all its tickets (`facts`: family and object, and case numbers), so that none of them can hide
    behind another; why the person had to come back (`return_cause`) is what was said first. The classifier
    fills in `visit_class` and the links.
    """

    __slots__ = (
        "beneficiary",
        "closing",
        "end",
        "ended_on",
        "facts",
        "gap",
        "head",
        "index",
        "is_attended",
        "matter",
        "next",
        "parts",
        "place",
        "plan",
        "previous",
        "reason",
        "return_cause",
        "rule",
        "start",
        "started_on",
        "visit_class",
        "withdrawn_on",
    )

    def __init__(self, head: VisitRecord, *, any_service: bool = False) -> None:
        self.head = self.closing = head
        self.parts: list[VisitRecord] = []
        self.start, self.end = span(head)
        self.started_on = local_day(self.start, head)
        self.ended_on = local_day(self.end, head)  # in the branch where it ended
        self.beneficiary = head.beneficiary or None
        self.is_attended = _is_attended(head)
        self.facts: tuple[Fact, ...] = (ANY_MATTER,) if any_service else _facts(head)
        self.reason = _telling(head)
        self.return_cause = _return_cause(head)
        self.plan: Plan | None = head.plan
        self.withdrawn_on = head.withdrawn_on
        self.rule = RepeatRule()
        self.visit_class: VisitClass | None = None
        self.place = 0
        self.gap: int | None = None
        self.previous: Attendance | None = None
        self.next: Attendance | None = None
        self.index: Attendance | None = None
        self.matter: Attendance | None = None

    @property
    def order(self) -> tuple[datetime, datetime, str]:
        """The place in time: by start, then end, then id, so that ties do not depend on the input."""
        return self.start, self.end, self.head.id

    def extend(self, ticket: VisitRecord) -> None:
        """Take in another ticket of the same attendance; the one with the latest end closes it."""
        start, end = span(ticket)
        if (end, start, ticket.id) > (self.end, span(self.closing)[0], self.closing.id):
            self.end, self.closing = end, ticket
            self.ended_on = local_day(end, ticket)
        self.parts.append(ticket)
        self.return_cause = self.return_cause or _return_cause(ticket)
        self.withdrawn_on = self.withdrawn_on or ticket.withdrawn_on

    def pass_on(self, ticket: VisitRecord) -> None:
        """Take in a ticket joined by transfer, with what the visit may not have known before it.

        That is for whom and about what it was, why the person came, the plan they came for, that somebody
        saw them at all; and an earlier start, where the data have the second ticket before the first.
        """
        self.extend(ticket)
        start = span(ticket)[0]
        if start < self.start:
            self.start, self.started_on = start, local_day(start, ticket)
        self.beneficiary = self.beneficiary or ticket.beneficiary or None
        self.is_attended = self.is_attended or _is_attended(ticket)
        self.reason = self.reason or _telling(ticket)
        self.plan = self.plan or ticket.plan
        self.be_about(_facts(ticket))

    def be_about(self, facts: tuple[Fact, ...]) -> bool:
        """Take in what a ticket of this visit was about; tells whether that was new."""
        new = () if ANY_MATTER in self.facts else tuple(fact for fact in facts if fact not in self.facts)
        self.facts += new
        return bool(new)

    def forget_links(self) -> None:
        """Let go of the other attendances once all is written: a million rings would tire the collector."""
        self.previous = self.next = self.index = self.matter = None

    def is_same_matter(self, other: Attendance) -> bool:
        """Tell whether two attendances of one beneficiary share a case, or a family and no other object."""
        return any(
            family == their_family and (thing == their_thing or thing is None or their_thing is None)
            for family, thing in self.facts
            for their_family, their_thing in other.facts
        )


class Matters:
    """The attendances of one beneficiary met so far, found by what they were about in constant time."""

    __slots__ = ("_added", "_families", "_things")

    def __init__(self) -> None:
        self._added = 0
        self._things: dict[Fact, Attendance] = {}
        self._families: dict[str, Attendance] = {}

    def add(self, visit: Attendance) -> None:
        """Remember an attendance."""
        self._added += 1
        visit.place = self._added
        for fact in visit.facts:
            self._things[fact] = self._families[fact[0]] = visit

    def last(self, visit: Attendance) -> Attendance | None:
        """Give the attendance of the same matter that was added last."""
        found = None
        for fact in visit.facts:
            family, thing = fact
            for one in (
                (self._families.get(family),)
                if thing is None
                else (self._things.get(fact), self._things.get((family, None)))
            ):
                if one is not None and (found is None or one.place > found.place):
                    found = one
        return found


class History(Matters):
    """The attended visits of one beneficiary in order of start, so far."""

    __slots__ = ("_longest", "_open_families", "_open_things", "_open_until", "_visits")

    def __init__(self) -> None:
        super().__init__()
        self._visits: list[Attendance] = []
        self._open_things: dict[Fact, list[Attendance]] = {}  # by place; whoever has ended is taken out late
        self._open_families: dict[str, list[Attendance]] = {}
        self._open_until: datetime | None = None
        self._longest = timedelta(0)

    def add(self, visit: Attendance) -> None:
        """Remember an attended visit that starts no earlier than those before."""
        super().add(visit)
        self._visits.append(visit)
        for fact in visit.facts:
            self._open_things.setdefault(fact, []).append(visit)
            self._open_families.setdefault(fact[0], []).append(visit)
        self._note_end(visit)

    def absorb(self, host: Attendance, visit: Attendance) -> None:
        """Make a visit part of the one it overlaps: from now on that one is about both."""
        for ticket in (visit.head, *visit.parts):
            host.extend(ticket)
        known = host.facts
        if host.be_about(visit.facts):
            for fact in host.facts[len(known) :]:
                self._note(host, fact)
        self._note_end(host)

    def _note(self, visit: Attendance, fact: Fact) -> None:
        """Let an earlier attendance be found by another fact, behind those that came after it."""
        family = fact[0]
        if (last := self._things.get(fact)) is None or last.place < visit.place:
            self._things[fact] = visit
        if (last := self._families.get(family)) is None or last.place < visit.place:
            self._families[family] = visit
        insort(self._open_things.setdefault(fact, []), visit, key=_place)
        if visit not in (line := self._open_families.setdefault(family, [])):
            insort(line, visit, key=_place)

    def _note_end(self, visit: Attendance) -> None:
        self._longest = max(self._longest, visit.end - visit.start)
        if self._open_until is None or visit.end > self._open_until:
            self._open_until = visit.end

    def running_at(self, visit: Attendance) -> Attendance | None:
        """Give the visit of the same matter that overlaps with one starting now, the last started if several.

        Overlap is half-open, but two tickets of one instant are one attendance.
        """
        start = visit.start
        if self._open_until is None or (start >= self._open_until and self._visits[-1].start != start):
            return None
        found = None
        for fact in visit.facts:
            family, thing = fact
            for line in (
                (self._open_families.get(family),)
                if thing is None
                else (self._open_things.get(fact), self._open_things.get((family, None)))
            ):
                while line and line[-1].end <= start and line[-1].start != start:
                    line.pop()  # it has ended for all that start from now on
                if line and (found is None or line[-1].place > found.place):
                    found = line[-1]
        return found

    def was_during_visit_of(self, matter_of: Attendance, moment: datetime) -> bool:
        """Tell whether a moment lies within an earlier visit of the same matter, both ends included."""
        at = bisect_right(self._visits, moment, key=_start)
        for visit in reversed(self._visits[:at]):
            if moment - visit.start > self._longest:
                return False
            if moment <= visit.end and visit.is_same_matter(matter_of):
                return True
        return False


def span(ticket: VisitRecord) -> tuple[datetime, datetime]:
    """Give start and end of a ticket in UTC; an end before the start counts as the start.

    In UTC, because Python compares and subtracts moments of one zone by their wall clocks.
    """
    if ticket.started_at.tzinfo is None or ticket.ended_at.tzinfo is None:
        raise ValueError(f"visit {ticket.id!r}: moments need a time zone")
    start, end = ticket.started_at.astimezone(UTC), ticket.ended_at.astimezone(UTC)
    return start, max(start, end)


def local_day(moment: datetime, ticket: VisitRecord) -> date:
    """Give the day of a moment at the branch of a ticket."""
    return moment.astimezone(ticket.zone).date()


def _facts(ticket: VisitRecord) -> tuple[Fact, ...]:
    fact = ticket.family or ticket.service, ticket.object or None
    return (fact, (CASE, ticket.case_no)) if ticket.case_no else (fact,)


def _is_attended(ticket: VisitRecord) -> bool:
    return ticket.status in ATTENDED_STATUSES and ticket.direction != OUTBOUND


def _telling(ticket: VisitRecord) -> str | None:
    """The reason a ticket gives, where it is one that decides a class."""
    reason = ticket.reason
    return reason if reason in FAILURE_REASONS or reason == RECALL_REASON else None


def _return_cause(ticket: VisitRecord) -> str | None:
    """The cause of a return that a ticket gives."""
    return ticket.return_cause or (ticket.reason if ticket.reason in FAILURE_REASONS else None)


def _place(visit: Attendance) -> int:
    return visit.place


def _start(visit: Attendance) -> datetime:
    return visit.start
