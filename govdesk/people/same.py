"""Who was found to be whom: a person known twice points at the one whose matters both are.

The pointer is all there is to it: tickets and bookings keep the person who was named then, and whatever
counts by person asks here. So what was joined by mistake comes apart again without a trace.
"""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.people.models import Person

_AT_ONCE = 500


def whole(session: Session, person_id: int) -> int:
    """The person whose matters are meant when this one is named: usually the same."""
    found = {person_id}
    here = person_id
    while (further := session.scalar(select(Person.same_as_id).where(Person.id == here))) is not None:
        if further in found:  # no verb makes a ring; bad data must not hang a counter
            break
        found.add(further)
        here = further
    return here


def wholes(session: Session, person_ids: Iterable[int]) -> dict[int, int]:
    """The same for many: only those who are named twice stand in the answer."""
    wanted = sorted(set(person_ids))
    found: dict[int, int] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        query = select(Person.id).where(Person.id.in_(some), Person.same_as_id.is_not(None))
        found.update((person_id, whole(session, person_id)) for person_id in session.scalars(query))
    return found


def names_of(session: Session, person_id: int) -> set[int]:
    """Every row by which a person is known, with themselves: those that point at them, and at those."""
    found, fresh = {person_id}, {person_id}
    while fresh:
        query = select(Person.id).where(Person.same_as_id.in_(fresh))
        fresh = set(session.scalars(query)) - found
        found |= fresh
    return found
