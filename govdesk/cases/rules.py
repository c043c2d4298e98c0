"""The classifier of repeat visits: a pure function of the tickets, whatever their order (KPI.md §1)."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, timedelta
from functools import cache
from typing import TYPE_CHECKING

from govdesk.cases.classes import (
    ATTENDED_CLASSES,
    ATTENDED_STATUSES,
    FAILURE_REASONS,
    OUTBOUND,
    RECALL_REASON,
    UNATTENDED_STATUSES,
    Classified,
    RepeatRule,
    VisitClass,
    VisitRecord,
)
from govdesk.cases.matters import Attendance, History, Matters, local_day, span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def classify(
    records: Iterable[VisitRecord],
    rule_for: Callable[[str], RepeatRule],
    *,
    any_service: bool = False,
) -> dict[str, Classified]:
    """Give every ticket its class, its links and what became of it, by ticket id (KPI.md §1, definition v1).

    `rule_for` gives the rule of a service code. A return is judged by the rule of the visit it returns to, so
    that another service code on the second visit hides nothing. With `any_service` every visit of a
    beneficiary is the same matter: the shadow rate of §1.9. To bring an earlier result up to date it is
    enough to classify again all tickets of the beneficiaries concerned, with those joined by transfer.
    Raises ValueError for a repeated id, an unknown status or a moment without zone.
    """
    rules = cache(rule_for)
    tickets = _by_id(records)
    parts = _parts_by_head(tickets)
    people: dict[str | None, list[VisitRecord]] = defaultdict(list)
    joined = {ticket.id for chain in parts.values() for ticket in chain}
    for ticket in tickets.values():
        if ticket.id not in joined:
            people[_beneficiary(ticket, parts.get(ticket.id, ()))].append(ticket)
    out: dict[str, Classified] = {}
    for beneficiary, heads in people.items():
        visits = [_attendance(head, parts.get(head.id, ()), any_service=any_service) for head in heads]
        for visit in visits:
            visit.rule = rules(visit.head.service)
            visit.visit_class = _class_without_history(visit)
        kept = visits if beneficiary is None else _follow(visits)
        for visit in kept:
            _write(visit, out)
        for visit in kept:
            visit.forget_links()
    return out


def same_matter(one: VisitRecord, other: VisitRecord) -> bool:
    """Tell whether two tickets are about the same matter of one known beneficiary (KPI.md §1.2)."""
    if not one.beneficiary or one.beneficiary != other.beneficiary:
        return False
    return Attendance(one).is_same_matter(Attendance(other))


def _by_id(records: Iterable[VisitRecord]) -> dict[str, VisitRecord]:
    tickets: dict[str, VisitRecord] = {}
    for record in records:
        if record.id in tickets:
            raise ValueError(f"visit {record.id!r} is given twice")
        if record.status not in ATTENDED_STATUSES and record.status not in UNATTENDED_STATUSES:
            raise ValueError(f"visit {record.id!r}: unknown status {record.status!r}")
        tickets[record.id] = record
    return tickets


def _parts_by_head(tickets: dict[str, VisitRecord]) -> dict[str, list[VisitRecord]]:
    """Join the chains of transfers; a ticket whose origin is not in the data stands for itself."""
    heads: dict[str, str] = {}
    parts: dict[str, list[VisitRecord]] = defaultdict(list)
    moved = [ticket for ticket in tickets.values() if _origin(ticket, tickets) is not None]
    for ticket in sorted(moved, key=_order):
        head = _head_of(ticket, tickets, heads)
        if head != ticket.id:
            parts[head].append(ticket)
    return dict(parts)


def _beneficiary(head: VisitRecord, parts: Iterable[VisitRecord]) -> str | None:
    return head.beneficiary or next((part.beneficiary for part in parts if part.beneficiary), None)


def _attendance(head: VisitRecord, parts: Iterable[VisitRecord], *, any_service: bool) -> Attendance:
    visit = Attendance(head, any_service=any_service)
    for part in parts:
        visit.pass_on(part)
    return visit


def _origin(ticket: VisitRecord, tickets: dict[str, VisitRecord]) -> VisitRecord | None:
    """Give the ticket that this one was transferred from.

    A contact made by the office is never a visit, so that nobody's visit can be a later part of one.
    """
    origin = tickets.get(ticket.transfer_of) if ticket.transfer_of else None
    is_contact = origin is not None and origin.direction == OUTBOUND and ticket.direction != OUTBOUND
    return None if is_contact else origin


def _head_of(ticket: VisitRecord, tickets: dict[str, VisitRecord], heads: dict[str, str]) -> str:
    """Walk a chain of transfers back to where it began; of a ring (bad data) the earliest is the head."""
    path: dict[str, VisitRecord] = {}
    here: VisitRecord | None = ticket
    head = ticket.id
    while here is not None:
        if here.id in heads:
            head = heads[here.id]
            break
        if here.id in path:
            ids = list(path)
            head = min((path[i] for i in ids[ids.index(here.id) :]), key=_order).id
            break
        path[here.id] = here
        head = here.id
        here = _origin(here, tickets)
    heads.update(dict.fromkeys(path, head))
    return head


def _order(ticket: VisitRecord) -> tuple[object, ...]:
    return *span(ticket), ticket.id


def _class_without_history(visit: Attendance) -> VisitClass | None:
    """Give the class of what is no attended visit of somebody known.

    A visit is attended when one of its tickets is: a first ticket that was given up hides no second one.
    """
    if visit.is_attended:
        return None if visit.beneficiary else VisitClass.UNLINKED
    return VisitClass.OUTBOUND if visit.head.direction == OUTBOUND else VisitClass(visit.head.status)


def _follow(visits: list[Attendance]) -> list[Attendance]:
    """Classify the visits of one beneficiary; returns those that are not part of another."""
    if len(visits) > 1:
        visits.sort(key=lambda visit: visit.order)
    history = History()
    kept = []
    for visit in visits:
        if visit.visit_class is not None:
            kept.append(visit)
        elif (host := history.running_at(visit)) is not None:
            history.absorb(host, visit)
        else:
            _judge(visit, history)
            history.add(visit)
            kept.append(visit)
    if len(kept) > 1:
        _find_returns(kept)
    return kept


def _find_returns(kept: list[Attendance]) -> None:
    later = Matters()
    for visit in reversed(kept):
        if visit.visit_class in ATTENDED_CLASSES:
            visit.next = later.last(visit)
            later.add(visit)
        elif visit.visit_class is VisitClass.ABANDONED:
            visit.next = later.last(visit)


def _judge(visit: Attendance, history: History) -> None:
    """Give an attended visit its class by the first rule that applies (KPI.md §1.3), and its links."""
    previous = visit.previous = history.last(visit)
    if previous is None:
        visit.visit_class = VisitClass.INDEX_NEW
    else:
        visit.gap = (visit.started_on - previous.ended_on).days
        visit.visit_class = _class_of_return(visit, visit.gap, previous.rule, history)
    starts_anew = previous is None or visit.visit_class is VisitClass.INDEX_NEW
    visit.matter = visit if previous is None or starts_anew else previous.matter
    is_index = starts_anew or visit.visit_class is VisitClass.PLANNED
    visit.index = visit if previous is None or is_index else previous.index


def _class_of_return(visit: Attendance, gap: int, rule: RepeatRule, history: History) -> VisitClass:
    if visit.reason == RECALL_REASON:
        return VisitClass.RECALL
    if rule.is_next_cycle(gap):
        return VisitClass.INDEX_NEW
    if _is_planned(visit, rule, history):
        return VisitClass.PLANNED
    return VisitClass.INDEX_NEW if gap > rule.window_days else VisitClass.REPEAT


def _is_planned(visit: Attendance, rule: RepeatRule, history: History) -> bool:
    plan = visit.plan
    if plan is None or plan.reason not in rule.allowed_reasons or visit.reason in FAILURE_REASONS:
        return False
    if not plan.due <= visit.started_on <= plan.due + timedelta(days=rule.window_days):
        return False
    if plan.made_at.tzinfo is None:
        raise ValueError(f"visit {visit.head.id!r}: moments need a time zone")
    return history.was_during_visit_of(visit, plan.made_at.astimezone(UTC))


def _write(visit: Attendance, out: dict[str, Classified]) -> None:
    head, previous, following = visit.head, visit.previous, visit.next
    charged = previous if visit.visit_class is VisitClass.REPEAT else None
    out[head.id] = Classified(
        visit_class=visit.visit_class or VisitClass.UNLINKED,
        head=head.id,
        closing=visit.closing.id,
        started_on=visit.started_on,
        ended_on=visit.ended_on,
        rule=visit.rule,
        beneficiary=visit.beneficiary,
        matter=visit.matter.head.id if visit.matter else None,
        previous=previous.head.id if previous else None,
        gap_days=visit.gap,
        index_visit=visit.index.head.id if visit.index else None,
        charged_visit=charged.head.id if charged else None,
        charged_unit=charged.closing.unit or None if charged else None,
        charged_channel=charged.closing.channel or None if charged else None,
        charged_service=charged.closing.service if charged else None,
        cause=visit.return_cause or charged.closing.cause or None if charged else None,
        outcome=visit.closing.outcome or None,
        withdrawn_on=visit.withdrawn_on,
        next_visit=following.head.id if following else None,
        next_gap_days=(following.started_on - visit.ended_on).days if following else None,
        next_class=following.visit_class if following else None,
    )
    out.update((ticket.id, _merged(ticket, visit)) for ticket in visit.parts)


def _merged(ticket: VisitRecord, visit: Attendance) -> Classified:
    start, end = span(ticket)
    return Classified(
        visit_class=VisitClass.MERGED,
        head=visit.head.id,
        closing=visit.closing.id,
        started_on=local_day(start, ticket),
        ended_on=local_day(end, ticket),
        rule=visit.rule,
        beneficiary=visit.beneficiary,
    )
