"""Relatives and agents: who may act for whom, from when, until when, and by what proof."""

import datetime as dt

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import Actor
from govdesk.errors import DeskError, NotFoundError
from govdesk.people import same
from govdesk.people.models import Person
from govdesk.people.relation_models import Relation

KINDS = ("relative", "guardian", "agent", "company")
PROVEN = frozenset({"guardian", "agent", "company"})  # a relative's word is enough, a power is shown
LONGEST_PROOF = 120


class RelationError(DeskError):
    """Nobody can act for another like that; the key says why."""

    key = "linking.relation_invalid"
    status = 422


def record(
    session: Session,
    *,
    actor: Actor,
    agent: Person,
    beneficiary: Person,
    kind: str,
    on: dt.date,
    until: dt.date | None = None,
    proof: str = "",
) -> Relation:
    """Note that someone acts for another from a local day on; what is in force already is given again.

    Raises RelationError: for themselves, an unknown kind, an end before the beginning, a power without proof.
    """
    if same.whole(session, agent.id) == same.whole(session, beneficiary.id):
        raise RelationError("linking.relation_self", field="identity")
    if kind not in KINDS:
        raise RelationError("linking.relation_kind_unknown", field="relation")
    if until is not None and until < on:
        raise RelationError("linking.relation_until_past", field="until")
    known = between(session, agent=agent, beneficiary=beneficiary, on=on)
    if known is not None and (known.kind == kind or not proof.strip()):
        return known
    if kind in PROVEN and not proof.strip():
        raise RelationError("linking.relation_proof_missing", field="proof")
    made = Relation(
        agent=agent,
        beneficiary=beneficiary,
        kind=kind,
        since=on,
        until=until,
        proof=proof.strip()[:LONGEST_PROOF],
        noted_at=clock.now(),
        noted_by=actor.label,
    )
    session.add(made)
    session.flush()
    audit.record(
        session, actor=actor, action="relation.recorded", subject=f"person:{beneficiary.id}",
        relation=made.id, agent=agent.id, kind=kind, until=until and until.isoformat(),
    )  # fmt: skip
    outbox.emit(session, "relation.recorded", relation_id=made.id, beneficiary_id=beneficiary.id)
    return made


def end(session: Session, *, actor: Actor, relation_id: int) -> Relation:
    """Note that someone no longer acts for another; ended twice is ended once. Raises NotFoundError."""
    relation = session.get(Relation, relation_id, with_for_update={"of": Relation})
    if relation is None:
        raise NotFoundError
    if relation.ended_at is None:
        relation.ended_at = clock.now()
        subject = f"person:{relation.beneficiary_id}"
        audit.record(session, actor=actor, action="relation.ended", subject=subject, relation=relation.id)
        outbox.emit(session, "relation.ended", relation_id=relation.id)
    return relation


def for_whom(session: Session, person_id: int, on: dt.date) -> list[Relation]:
    """In whose names someone may act on a local day, the newest first; one for each of them."""
    found: dict[int, Relation] = {}
    for relation in _in_force(session, on, agents=same.names_of(session, same.whole(session, person_id))):
        found.setdefault(same.whole(session, relation.beneficiary_id), relation)
    return list(found.values())


def between(session: Session, *, agent: Person, beneficiary: Person, on: dt.date) -> Relation | None:
    """The relation by which one acts for the other on a local day, the newest if several."""
    agents = same.names_of(session, same.whole(session, agent.id))
    names = same.names_of(session, same.whole(session, beneficiary.id))
    return next((one for one in _in_force(session, on, agents=agents) if one.beneficiary_id in names), None)


def of_person(session: Session, person_id: int) -> list[Relation]:
    """All that was ever noted of a person, either way, the newest first."""
    names = same.names_of(session, same.whole(session, person_id))
    query = select(Relation).where(or_(Relation.agent_id.in_(names), Relation.beneficiary_id.in_(names)))
    return list(session.scalars(query.order_by(Relation.id.desc())))


def _in_force(session: Session, on: dt.date, *, agents: set[int]) -> list[Relation]:
    query = select(Relation).where(
        Relation.agent_id.in_(agents),
        Relation.since <= on,
        or_(Relation.until.is_(None), Relation.until >= on),
        Relation.ended_at.is_(None),
    )
    return list(session.scalars(query.order_by(Relation.id.desc())))
