"""The cases of live visits: one for each matter, opened, resolved and reopened as its visits tell."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from govdesk.booking.models import Appointment
from govdesk.cases import histories, traces
from govdesk.cases.classes import Classified
from govdesk.cases.courses import Attendance, course_of
from govdesk.cases.dues import due_at
from govdesk.cases.file_models import CaseAct
from govdesk.cases.models import Case, Visit
from govdesk.cases.records import Places, VisitRow, in_parts
from govdesk.queue.models import Ticket

LIVE = histories.LIVE


def follow(
    session: Session,
    people: Iterable[int],
    rows: Collection[VisitRow],
    classified: Mapping[str, Classified],
    places: Places,
) -> None:
    """Make the cases of people follow their visits; `rows` are all visits of theirs.

    Only visits made here form cases; an office's earlier cases come by `govdesk import cases`. When a late
    fact moves a visit from one matter to another, its case moves too, and what the case has of its own
    moves with the visit it hangs on (`histories`); a case with a history is never dropped. Moments are told
    anew from visits and history. The due date stays as it was promised while the case begins as it did.
    """
    matters = _matters(rows, classified)
    theirs = {row.person_id for row in rows if row.person_id is not None}.union(people)
    known = _cases_of(session, theirs, matters)
    booked = booked_at(session, [parts[0] for parts in matters.values()])
    wanted: dict[str, Case] = {}
    for number, parts in matters.items():
        case = wanted[number] = known.get(number) or _new(session, number)
        before = (case.opened_at, case.service_id)
        _say(case, _told(parts, classified, booked))
        if before != (case.opened_at, case.service_id):  # what was promised then, whatever is promised later
            zone = str(places.zones[parts[0].branch_id])
            _version, days = places.promise_at(case.service_id, case.opened_at)
            case.due_at = due_at(case.opened_at, days, zone)
        session.add(case)
    session.flush()
    case_of = {row.id: wanted[number].id for number, parts in matters.items() for row in parts}
    told = {case.id for case in (*known.values(), *wanted.values())}
    told |= {row.case_id for row in rows if row.source == LIVE and row.case_id is not None}
    homes = {row.key: case_of[row.id] for row in rows if row.id in case_of}
    acts = histories.bring_home(session, told, homes)
    _bind(session, rows, case_of)
    for number, parts in matters.items():
        if wanted[number].id in acts:
            _say(wanted[number], _course(_attendances(parts, classified), acts[wanted[number].id]))
    gone = [case for number, case in known.items() if number not in wanted]
    for case in gone:
        if case.id in acts:  # its visits are elsewhere or taken back; what was done with it stays
            _say(case, _course((), acts[case.id]))
    empty = [case for case in gone if case.id not in acts]
    traces.leave(session, {case.id for case in empty}, rows)
    _drop(session, empty)
    session.flush()
    kept = [*wanted.values(), *(case for case in gone if case.id in acts)]
    histories.stand(session, kept, acts, places)


def strayed(
    rows: Collection[VisitRow],
    classified: Mapping[str, Classified],
    known: Mapping[str, Mapping[str, Any]],
    booked: Mapping[int, dt.datetime],
) -> tuple[set[int], set[int]]:
    """Whose cases do not say what their visits say: people, and visits of nobody. Changes nothing.

    `rows` are visits that hang together, `known` the cases of their people by number, by columns.
    """
    matters = _matters(rows, classified)
    case_of: dict[int, int] = {}
    wrong = []
    for number, parts in matters.items():
        case = known.get(number)
        if case is not None:
            case_of.update((row.id, case["id"]) for row in parts)
        if case is None or any(case[name] != said for name, said in _told(parts, classified, booked).items()):
            wrong += parts
    wrong += [row for row in rows if row.source == LIVE and row.case_id != case_of.get(row.id)]
    people = {case["person_id"] for number, case in known.items() if number not in matters}
    people |= {row.person_id for row in wrong if row.person_id is not None}
    return people, {row.id for row in wrong if row.person_id is None}


def firsts(rows: Collection[VisitRow], classified: Mapping[str, Classified]) -> list[VisitRow]:
    """The visits with which the cases of these visits begin."""
    return [parts[0] for parts in _matters(rows, classified).values()]


def _cases_of(session: Session, person_ids: Collection[int], numbers: Collection[str]) -> dict[str, Case]:
    """The cases of these people, and those of these numbers that a visit has brought from somebody else."""
    cases: dict[str, Case] = {}
    for column, values in ((Case.person_id, person_ids), (Case.case_no, numbers)):
        for some in in_parts(values):
            query = select(Case).where(Case.source == LIVE, column.in_(some)).order_by(Case.id)
            found = session.scalars(query.with_for_update(of=Case))  # before its acts are read
            cases.update((case.case_no, case) for case in found)
    return cases


def _matters(rows: Iterable[VisitRow], classified: Mapping[str, Classified]) -> dict[str, list[VisitRow]]:
    """The visits of each matter in which something happened here, in order, by the number of its case."""
    by_key = {row.key: row for row in rows}
    found: dict[str, list[VisitRow]] = defaultdict(list)
    for key, row in by_key.items():
        head = classified[classified[key].head]
        if head.matter is not None:
            found[head.matter].append(row)
    return {
        by_key[matter].visit_no if by_key[matter].source == LIVE else matter: sorted(
            parts, key=lambda row: (row.started_at, row.ended_at, row.key)
        )
        for matter, parts in found.items()
        if any(row.source == LIVE for row in parts)
    }


def booked_at(database: Session | Connection, firsts: Iterable[VisitRow]) -> dict[int, dt.datetime]:
    """When the appointments were booked with which these visits began, by the visit's id."""
    ticket_of = {
        int(row.visit_no): row.id for row in firsts if row.source == LIVE and row.visit_no.isdecimal()
    }
    found: dict[int, dt.datetime] = {}
    for some in in_parts(ticket_of):
        query = select(Ticket.id, Appointment.booked_at).join(
            Appointment, Ticket.appointment_id == Appointment.id
        )
        for ticket_id, booked_at in database.execute(query.where(Ticket.id.in_(some))):
            if booked_at is not None:
                found[ticket_of[ticket_id]] = booked_at
    return found


def _told(
    parts: list[VisitRow],
    classified: Mapping[str, Classified],
    booked: Mapping[int, dt.datetime],
) -> dict[str, Any]:
    """What the visits of a case say of it, by the names of its columns."""
    first = parts[0]
    return {
        "opened_at": min(booked.get(first.id, first.started_at), first.started_at),
        "service_id": first.service_id,
        "branch_id": first.branch_id,
        "family": first.family,
        "unit": first.unit,
        "channel": first.channel,
        "person_id": next((row.person_id for row in parts if row.person_id is not None), None),
        "object_ref": next((row.object_ref for row in parts if row.object_ref), None),
        **_course(_attendances(parts, classified), ()),
    }


def _new(session: Session, number: str) -> Case:
    case = Case(source=LIVE, case_no=number)
    if (case_id := traces.next_id(session)) is not None:
        case.id = case_id
    return case


def _say(case: Case, told: Mapping[str, Any]) -> None:
    for name, value in told.items():
        setattr(case, name, value)


def _course(attendances: Iterable[Attendance], acts: Iterable[CaseAct]) -> dict[str, Any]:
    return asdict(course_of(attendances, map(histories.act_of, acts)))


def _attendances(parts: list[VisitRow], classified: Mapping[str, Classified]) -> list[Attendance]:
    by_head: dict[str, list[VisitRow]] = defaultdict(list)
    for row in parts:
        by_head[classified[row.key].head].append(row)
    return [_attendance(tickets, classified[head]) for head, tickets in by_head.items()]


def _attendance(tickets: list[VisitRow], head: Classified) -> Attendance:
    served = [row.served_at for row in tickets if row.served_at is not None]
    return Attendance(
        arrived_at=tickets[0].started_at,
        served_at=min(served, default=None),
        ended_at=max(row.ended_at for row in tickets),
        outcome=head.outcome,
    )


def _drop(session: Session, cases: list[Case]) -> None:
    """Remove cases whose matter is no more; a visit that still names one is about to be told anew."""
    for some in in_parts(cases):
        ids = [case.id for case in some]
        histories.forget(session, ids)
        session.execute(update(Visit).where(Visit.case_id.in_(ids)).values(case_id=None))
        for case in some:
            session.delete(case)
    session.flush()


def _bind(session: Session, rows: Iterable[VisitRow], case_of: Mapping[int, int]) -> None:
    """Tell each visit made here its case; a visit that is part of no matter has none."""
    changes = [
        {"id": row.id, "case_id": case_of.get(row.id)}
        for row in rows
        if row.source == LIVE and row.case_id != case_of.get(row.id)
    ]
    if not changes:
        return
    session.execute(update(Visit), changes)
    changed = {change["id"] for change in changes}
    for known in session.identity_map.values():
        if isinstance(known, Visit) and known.id in changed:
            session.expire(known, ["case_id"])
