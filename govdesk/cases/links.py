"""Whose a visit is, and how sure that is: by an identity number, by a telephone, or by what staff mended."""

from sqlalchemy.orm import Session

from govdesk.cases.models import Visit
from govdesk.people import same
from govdesk.people.models import Person

CERTAIN, PROBABLE, IMPORTED, MERGED, BY_HAND = "identity", "contact", "import", "merge", "hand"
LINK_OF = {"certain": CERTAIN, "probable": PROBABLE, "imported": IMPORTED}  # by the certainty of a person
PERSON, CASE, OBJECT = "person", "case", "object"  # what can be said by hand


def is_by_hand(visit: Visit, fact: str) -> bool:
    """Whether staff have said this of a visit, so that what is told later changes it no more."""
    return fact in (visit.by_hand or ())


def point(session: Session, visit: Visit, person_id: int | None) -> None:
    """Link a visit to the person who was named; who was found to be somebody else counts as that one."""
    by_hand = is_by_hand(visit, PERSON)
    if person_id is None:
        visit.person_id = visit.named_id = None
        visit.linked_by = BY_HAND if by_hand else None
        return
    visit.person_id = same.whole(session, person_id)
    is_another = visit.person_id != person_id
    visit.named_id = person_id if is_another else None
    if by_hand:
        visit.linked_by = BY_HAND
    elif is_another:
        visit.linked_by = MERGED
    else:
        visit.linked_by = LINK_OF.get(session.get_one(Person, person_id).certainty, PROBABLE)
