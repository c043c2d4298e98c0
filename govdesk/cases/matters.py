"""Which tickets are one attendance, and which attendances are one matter (KPI.md §1.1, §1.2)."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta

from govdesk.cases.classes import Plan, RepeatRule, VisitClass, VisitRecord

Fact = tuple[str, str | None]
Entry = tuple[int, "Attendance"]


class Attendance:
    """The tickets of one visit: the head that began it, and those joined to it by transfer or overlap.

    Its end is the latest end, `closing` the ticket that ended then. It is about the matters of its
    transferred tickets together. The classifier fills in `visit_class` and the links.
    """

    __slots__ = (
        "beneficiary",
        "cases",
        "closing",
        "end",
        "facts",
        "gap",
        "head",
        "index",
        "matter",
        "next",
        "parts",
        "plan",
        "previous",
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
        self.beneficiary = head.beneficiary or None
        self.facts: tuple[Fact, ...] = (ANY_MATTER if any_service else _fact(head),)
        self.cases: tuple[str, ...] = (head.case_no,) if head.case_no else ()
        self.plan: Plan | None = head.plan
        self.withdrawn_on = head.withdrawn_on
        self.rule = RepeatRule()
        self.visit_class: VisitClass | None = None
        self.gap: int | None = None
        self.previous: Attendance | None = None
        self.next: Attendance | None = None
        self.index: Attendance | None = None
        self.matter: Attendance | None = None

    @property
    def ended_on(self) -> date:
        """The local day of the end, in the branch where it ended."""
        return local_day(self.end, self.closing)

    @property
    def order(self) -> tuple[datetime, datetime, str]:
        """The place in time: by start, then end, then id, so that ties do not depend on the input."""
        return self.start, self.end, self.head.id

    def extend(self, ticket: VisitRecord) -> None:
        """Take in another ticket of the same attendance; the one with the latest end closes it."""
        start, end = span(ticket)
        if (end, start, ticket.id) > (self.end, span(self.closing)[0], self.closing.id):
            self.end, self.closing = end, ticket
        self.parts.append(ticket)
        self.withdrawn_on = self.withdrawn_on or ticket.withdrawn_on

    def take_facts(self, ticket: VisitRecord) -> None:
        """Learn from a transferred ticket what the visit was about, and for whom if its head does not say."""
        self.beneficiary = self.beneficiary or ticket.beneficiary or None
        self.plan = self.plan or ticket.plan
        if ANY_MATTER not in self.facts and _fact(ticket) not in self.facts:
            self.facts += (_fact(ticket),)
        if ticket.case_no and ticket.case_no not in self.cases:
            self.cases += (ticket.case_no,)

    def forget_links(self) -> None:
        """Let go of the other attendances once all is written: a million rings would tire the collector."""
        self.previous = self.next = self.index = self.matter = None

    def is_same_matter(self, other: Attendance) -> bool:
        """Tell whether two attendances of one beneficiary share a case, or a family and no other object."""
        return any(case in other.cases for case in self.cases) or any(
            family == their_family and (thing == their_thing or thing is None or their_thing is None)
            for family, thing in self.facts
            for their_family, their_thing in other.facts
        )


class Matters:
    """The attendances of one beneficiary met so far, found by what they were about in constant time."""

    __slots__ = ("_added", "_cases", "_families", "_things")

    def __init__(self) -> None:
        self._added = 0
        self._cases: dict[str, Entry] = {}
        self._things: dict[Fact, Entry] = {}
        self._families: dict[str, Entry] = {}

    def add(self, visit: Attendance) -> None:
        """Remember an attendance."""
        self._added += 1
        entry = (self._added, visit)
        for case in visit.cases:
            self._cases[case] = entry
        for fact in visit.facts:
            self._things[fact] = self._families[fact[0]] = entry

    def last(self, visit: Attendance) -> Attendance | None:
        """Give the attendance of the same matter that was added last."""
        return _last_of(self.found(visit))

    def found(self, visit: Attendance) -> list[Entry]:
        """Give the last attendance under each key by which it can be the same matter."""
        entries = [self._cases.get(case) for case in visit.cases]
        for family, thing in visit.facts:
            if thing is None:
                entries.append(self._families.get(family))
            else:
                entries.append(self._things.get((family, thing)))
                entries.append(self._things.get((family, None)))
        return [entry for entry in entries if entry is not None]


class History(Matters):
    """The attended visits of one beneficiary in order of start, so far."""

    __slots__ = ("_latest", "_longest", "_visits")

    def __init__(self) -> None:
        super().__init__()
        self._visits: list[Attendance] = []
        self._latest: dict[str, Entry] = {}
        self._longest = timedelta(0)

    def add(self, visit: Attendance) -> None:
        """Remember an attended visit that starts no earlier than those before."""
        super().add(visit)
        self._visits.append(visit)
        self._note_end(visit)

    def absorb(self, host: Attendance, visit: Attendance) -> None:
        """Make a visit part of the one it overlaps."""
        for ticket in (visit.head, *visit.parts):
            host.extend(ticket)
        self._note_end(host)

    def _note_end(self, visit: Attendance) -> None:
        length = visit.end - visit.start
        self._longest = max(self._longest, length)
        for family, _ in visit.facts:
            latest = self._latest.get(family)
            if latest is None or latest[1].end <= visit.end:
                self._latest[family] = (0, visit)

    def running_at(self, visit: Attendance) -> Attendance | None:
        """Give the visit of the same matter that overlaps with one starting now, the last started if several.

        Overlap is half-open, but two tickets of one instant are one attendance. Visits that share a key are
        one matter and so never overlap: the last one under a key is also the last to end. Only a whole
        family, asked for when the object is missing, can hold overlapping visits: its latest end is kept.
        """
        entries = self.found(visit)
        for family, thing in visit.facts:
            if thing is None and family in self._latest:
                entries.append(self._latest[family])
        return _last_of([e for e in entries if e[1].end > visit.start or e[1].start == visit.start])

    def was_during_visit_of(self, matter_of: Attendance, moment: datetime) -> bool:
        """Tell whether a moment lies within an earlier visit of the same matter, both ends included."""
        place = bisect_right(self._visits, moment, key=_start)
        for visit in reversed(self._visits[:place]):
            if moment - visit.start > self._longest:
                return False
            if moment <= visit.end and visit.is_same_matter(matter_of):
                return True
        return False


ANY_MATTER: Fact = ("", None)


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


def _fact(ticket: VisitRecord) -> Fact:
    return ticket.family or ticket.service, ticket.object or None


def _last_of(entries: list[Entry]) -> Attendance | None:
    if len(entries) > 1:
        return max(entries, key=_serial)[1]
    return entries[0][1] if entries else None


def _serial(entry: Entry) -> int:
    return entry[0]


def _start(visit: Attendance) -> datetime:
    return visit.start
