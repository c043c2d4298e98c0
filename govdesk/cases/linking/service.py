"""Verbs of links: a visit belongs to somebody else, to nobody, to a case, or was about another thing.

The rules of KPI.md §1.2 stay the rules: a visit leaves a case only because it was somebody else's or about
something else, never because somebody wishes that it were no return.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import Actor
from govdesk.cases import links
from govdesk.cases.episodes import LIVE
from govdesk.cases.linking.mending import judge
from govdesk.cases.linking.models import LinkChange
from govdesk.cases.models import Case, Visit
from govdesk.cases.records import together
from govdesk.catalog.objects import plain
from govdesk.errors import DeskError, NotFoundError
from govdesk.people.models import Person

ROLES = ("reception", "supervisor", "head")  # who mends links, each where they work
LONGEST_REASON = 200


class LinkError(DeskError):
    """A link cannot be mended like that; the key says why."""

    key = "linking.invalid"
    status = 422


def link(session: Session, *, actor: Actor, visit_id: int, person: Person, reason: str) -> Visit:
    """Say by hand whose a visit was, and why. Raises LinkError for no reason and for who it is already."""
    visit, why = _found(session, visit_id), said(reason)
    if person.id in {visit.person_id, visit.named_id}:
        raise LinkError("linking.is_theirs", field="identity")
    before = _facts(visit)
    others = _together(session, visit)
    _by_hand(visit, links.PERSON)
    links.point(session, visit, person.id)
    _note(session, actor, visit, "linked", before, why)
    _judge(session, visit, others, before)
    return visit


def unlink(session: Session, *, actor: Actor, visit_id: int, reason: str) -> Visit:
    """Say by hand that it is not known whose a visit was; it counts among the unlinked from now on."""
    visit, why = _found(session, visit_id), said(reason)
    if visit.person_id is None:
        raise LinkError("linking.is_nobodys")
    before = _facts(visit)
    others = _together(session, visit)
    _by_hand(visit, links.PERSON)
    links.point(session, visit, None)
    _note(session, actor, visit, "unlinked", before, why)
    _judge(session, visit, others, before)
    return visit


def join_case(session: Session, *, actor: Actor, visit_id: int, case: Case, reason: str) -> Visit:
    """Say by hand that a visit belongs to a case: it is of the case's person, and bears its number.

    The visits of the case are given its number too where they have none, because a number is shared or says
    nothing. LinkError for a case of nobody, and one of another source: their numbers never meet.
    """
    visit, why = _found(session, visit_id), said(reason)
    if case.person_id is None:
        raise LinkError("linking.case_of_nobody", field="case")
    if case.source != visit.source:
        raise LinkError("linking.case_of_others", field="case")
    if visit.case_id == case.id:
        raise LinkError("linking.is_in_case", field="case")
    others = _together(session, visit) | {case.person_id}
    number, person_id = case.case_no, case.person_id
    for part in session.scalars(select(Visit).where(Visit.case_id == case.id, Visit.case_no.is_(None))):
        _bear(session, actor, part, number, why)
    before = _facts(visit)
    _by_hand(visit, links.CASE)
    visit.case_no = number
    if visit.person_id != person_id:
        _by_hand(visit, links.PERSON)
        links.point(session, visit, person_id)
    _note(session, actor, visit, "joined", before, why)
    _judge(session, visit, others, before)
    return visit


def join_cases(session: Session, *, actor: Actor, case_id: int, into_id: int, reason: str) -> Case:
    """Say by hand that two cases of one person and need are one; the case that remains.

    Both rows are locked in the order of their ids. All their visits bear one number, and the rules judge as
    ever. Raises LinkError for cases of two people or needs, and where so long lies between them that they
    are two needs by definition (KPI.md §1.3): nothing is changed then.
    """
    why, both = said(reason), [_case(session, one) for one in sorted({case_id, into_id})]
    if len(both) < 2 or both[0].person_id is None or both[0].source != LIVE:  # noqa: PLR2004 - both
        raise LinkError("linking.join_other", field="to")
    if len({(case.source, case.person_id, case.family) for case in both}) > 1:
        raise LinkError("linking.join_other", field="to")
    number = next(case.case_no for case in both if case.id == into_id)
    visits = session.scalars(select(Visit).where(Visit.case_id.in_([case_id, into_id]))).all()
    for part in visits:
        if part.case_no != number:
            _bear(session, actor, part, number, why)
    judge(session, {case.person_id for case in both if case.person_id is not None})
    session.flush()
    ids = {visit.id for visit in visits}
    found = session.scalars(select(Visit.case_id).where(Visit.id.in_(ids)).distinct()).all()
    if len(found) != 1 or found[0] is None:
        raise LinkError("linking.join_apart", field="to")
    return session.get_one(Case, found[0])


def part_from_case(session: Session, *, actor: Actor, visit_id: int, reason: str) -> Visit:
    """Take back that a visit bears the number of a case. It stays the same matter if its facts say so."""
    visit, why = _found(session, visit_id), said(reason)
    if visit.case_no is None:
        raise LinkError("linking.no_case_number")
    before = _facts(visit)
    others = _together(session, visit)
    _by_hand(visit, links.CASE)
    visit.case_no = None
    _note(session, actor, visit, "parted", before, why)
    _judge(session, visit, others, before)
    return visit


def say_object(session: Session, *, actor: Actor, visit_id: int, object_ref: str, reason: str) -> Visit:
    """Say by hand what a visit was about: which vehicle, which property; empty says that it is not known."""
    visit, why = _found(session, visit_id), said(reason)
    about = plain(object_ref, visit.service.object_kind) or None
    if about == visit.object_ref:
        raise LinkError("linking.same_object", field="object_ref")
    before = _facts(visit)
    others = _together(session, visit)
    _by_hand(visit, links.OBJECT)
    visit.object_ref, visit.object_given = about, None
    _note(session, actor, visit, "object", before, why)
    _judge(session, visit, others, before)
    return visit


def changes_of(session: Session, visit: Visit) -> list[LinkChange]:
    """What was mended of a visit, the newest first."""
    query = select(LinkChange).where(LinkChange.source == visit.source, LinkChange.visit_no == visit.visit_no)
    return list(session.scalars(query.order_by(LinkChange.id.desc())))


def said(reason: str) -> str:
    """The reason of a change. Raises LinkError for none."""
    words = " ".join(reason.split())[:LONGEST_REASON]
    if not words:
        raise LinkError("linking.reason_missing", field="reason")
    return words


def _found(session: Session, visit_id: int) -> Visit:
    visit = session.get(Visit, visit_id, with_for_update={"of": Visit})
    if visit is None:
        raise NotFoundError
    return visit


def _case(session: Session, case_id: int) -> Case:
    case = session.get(Case, case_id, with_for_update={"of": Case})
    if case is None:
        raise NotFoundError
    return case


def _bear(session: Session, actor: Actor, part: Visit, number: str, why: str) -> None:
    """Give a visit the number of a case."""
    before = _facts(part)
    _by_hand(part, links.CASE)
    part.case_no = number
    _note(session, actor, part, "joined", before, why)


def _facts(visit: Visit) -> dict[str, Any]:
    return {"person": visit.person_id, "case_no": visit.case_no, "object": visit.object_ref}


def _by_hand(visit: Visit, fact: str) -> None:
    visit.by_hand = sorted({*(visit.by_hand or ()), fact})


def _together(session: Session, visit: Visit) -> set[int]:
    """Everybody whose visits hang together with this one before the change."""
    people = set() if visit.person_id is None else {visit.person_id}
    rows = together(session, people, [visit.id]).values()
    return {row.person_id for row in rows if row.person_id is not None}


def _judge(session: Session, visit: Visit, others: set[int], before: dict[str, Any]) -> None:
    people = others if visit.person_id is None else others | {visit.person_id}
    judge(session, people, [visit.id], moved=[visit.id] if visit.person_id != before["person"] else ())


def _note(
    session: Session, actor: Actor, visit: Visit, kind: str, before: dict[str, Any], reason: str
) -> None:
    session.flush()
    change = LinkChange(
        source=visit.source, visit_no=visit.visit_no, at=clock.now(), by=actor.label, kind=kind,
        before=before, after=_facts(visit), reason=reason,
    )  # fmt: skip
    session.add(change)
    session.flush()
    audit.record(
        session, actor=actor, action="visit.link_mended", subject=f"visit:{visit.id}", kind=kind,
        change=change.id, was=before["person"], now=visit.person_id,
    )  # fmt: skip
    is_live = visit.source == LIVE
    outbox.emit(session, "visit.relinked", visit_id=visit.id, kind=kind, is_live=is_live)
