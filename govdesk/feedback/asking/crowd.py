"""The people of some invitations that are about to leave: locked, with what each was asked before."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from govdesk.catalog.models import PublicService
from govdesk.feedback.asking import rules
from govdesk.feedback.asking.keeping import Kept, is_kept, kept_panels
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.asking.pasts import pasts_of
from govdesk.feedback.asking.rules import UNASKED, Past
from govdesk.people import same
from govdesk.people.models import Person, PersonContact


@dataclass(slots=True)
class Crowd:
    """Who they are, and what the rules say of each. Who is known twice is one."""

    heads: Mapping[int, int]  # of those who are known twice: by which row they are meant
    reachable: Collection[int]
    pasts: dict[int, Past]  # by the row that is meant
    kept: Sequence[Kept]

    def why_spared(self, session: Session, invitation: Invitation, kind: str, today: dt.date) -> str | None:
        """Why somebody is not asked, one of rules.SPARED; None where they are."""
        if invitation.person_id is None:
            return "no_address"
        head = self._head(invitation.person_id)
        why = rules.why_spared(self.pasts.get(head, UNASKED), today, kind=kind)
        if why is None and kind in rules.WHILE_KEPT and self._is_kept(session, invitation, head):
            return "kept"
        return why or (None if invitation.person_id in self.reachable else "no_address")

    def note_asked(self, invitation: Invitation, kind: str, today: dt.date) -> None:
        """Remember that somebody was asked just now."""
        if invitation.person_id is not None and kind not in rules.EXEMPT:
            head = self._head(invitation.person_id)
            self.pasts[head] = replace(self.pasts.get(head, UNASKED), asked_on=today)

    def _head(self, person_id: int) -> int:
        return self.heads.get(person_id, person_id)

    def _is_kept(self, session: Session, invitation: Invitation, head: int) -> bool:
        if not self.kept or invitation.service_id is None:
            return False
        department_id = session.get_one(PublicService, invitation.service_id).department_id
        return is_kept(self.kept, person_id=head, department_id=department_id)


def crowd_of(session: Session, invitations: Sequence[Invitation]) -> Crowd:
    """Lock the people of these invitations, in the order of their numbers, then read what they were asked."""
    people = {one.person_id for one in invitations if one.person_id is not None}
    heads = same.wholes(session, people)
    rows = people | set(heads.values())
    session.execute(select(Person.id).where(Person.id.in_(rows)).order_by(Person.id).with_for_update())
    contacts = select(PersonContact.person_id).where(
        PersonContact.person_id.in_(people),
        or_(PersonContact.phone.is_not(None), PersonContact.email.is_not(None)),
    )
    pasts = pasts_of(session, people)
    return Crowd(
        heads=heads,
        reachable=set(session.scalars(contacts)),
        pasts={heads.get(person_id, person_id): past for person_id, past in pasts.items()},
        kept=kept_panels(session),
    )
