"""Persons who are probably one: the same telephone or the same object, and names that may be one name."""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from govdesk import clock
from govdesk.cases.linking.models import PersonMerge
from govdesk.cases.models import Visit
from govdesk.people.models import Person, PersonContact
from govdesk.people.names import are_alike

LOOKED_AT = 2000  # pairs
SHOWN = 50
LATELY = dt.timedelta(days=90)  # who was here since is looked at
PHONE, OBJECT = "phone", "object"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two persons who may be one, and by what: the same `phone`, or the same `object`."""

    kept: Person
    other: Person
    by: str


def suggestions(session: Session, branch_ids: Collection[int]) -> list[Pair]:
    """The pairs of whom one was lately at these branches, and about which nobody has said anything yet.

    Never two who each showed an identity number. Who shows one is the first of the pair.
    """
    judged = _judged(session)
    found: dict[tuple[int, int], Pair] = {}
    for one, other, by in (*_by_phone(session, branch_ids), *_by_object(session, branch_ids)):
        key = min(one.id, other.id), max(one.id, other.id)
        if key in judged or key in found or not _may_be_one(one, other, by):
            continue
        kept, second = sorted((one, other), key=lambda person: (person.certainty != "certain", person.id))
        found[key] = Pair(kept, second, by)
        if len(found) == SHOWN:
            break
    return list(found.values())


def _by_phone(session: Session, branch_ids: Collection[int]) -> Iterator[tuple[Person, Person, str]]:
    first, second = aliased(Person), aliased(Person)
    here, there = aliased(PersonContact), aliased(PersonContact)
    query = (
        select(first, second)
        .join(here, here.person_id == first.id)
        .join(there, and_(there.phone == here.phone, there.person_id != here.person_id))
        .join(second, second.id == there.person_id)
    )
    yield from (
        (one, other, PHONE) for one, other in session.execute(_lately(query, first, second, branch_ids))
    )


def _by_object(session: Session, branch_ids: Collection[int]) -> Iterator[tuple[Person, Person, str]]:
    first, second = aliased(Person), aliased(Person)
    here, there = aliased(Visit), aliased(Visit)
    query = (
        select(first, second)
        .join(here, here.person_id == first.id)
        .join(
            there,
            and_(
                there.object_ref == here.object_ref,
                there.family == here.family,
                there.person_id != here.person_id,
                there.started_on >= _since(),
            ),
        )
        .join(second, second.id == there.person_id)
        .where(here.object_ref.is_not(None), here.started_on >= _since())
        .distinct()
    )
    yield from (
        (one, other, OBJECT) for one, other in session.execute(_lately(query, first, second, branch_ids))
    )


def _lately(
    query: Select[Person, Person],
    first: type[Person],
    second: type[Person],
    branch_ids: Collection[int],
) -> Select[Person, Person]:
    """Only who was lately here, who is joined to nobody, and of whom one showed no number."""
    lately = select(Visit.person_id).where(
        Visit.branch_id.in_(branch_ids), Visit.started_on >= _since(), Visit.person_id.is_not(None)
    )
    return (
        query.where(
            first.id.in_(lately),
            first.same_as_id.is_(None),
            second.same_as_id.is_(None),
            or_(first.certainty != "certain", second.certainty != "certain"),
        )
        .order_by(first.id, second.id)
        .limit(LOOKED_AT)
    )


def _may_be_one(one: Person, other: Person, by: str) -> bool:
    """By telephone only with names alike; by an object also where one of them gave no name."""
    names = [person.contact.name if person.contact else None for person in (one, other)]
    if names[0] is None or names[1] is None:
        return by == OBJECT
    return are_alike(names[0], names[1])


def _judged(session: Session) -> set[tuple[int, int]]:
    pairs = session.execute(select(PersonMerge.kept_id, PersonMerge.other_id))
    return {(min(kept, other), max(kept, other)) for kept, other in pairs}


def _since() -> dt.date:
    return (clock.now() - LATELY).date()
