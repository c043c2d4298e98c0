"""What those said who went away unserved, together: how many went, how many told why, and the reasons."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.catalog.models import Branch
from govdesk.queue.models import Ticket
from govdesk.queue.unserved import ASKED, REASONS
from govdesk.queue.unserved_models import UnservedAnswer


@dataclass(slots=True)
class Answers:
    """Counts of people; each question may be answered alone."""

    went: Counter[str] = field(default_factory=Counter)  # by the state in which the ticket ended
    answered: int = 0  # at least one question
    needed: Counter[bool] = field(default_factory=Counter)  # whether they still need it
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def in_order(self) -> list[tuple[str, int]]:
        """Each reason with its number, the most frequent first; what nobody said last."""
        place = {reason: number for number, reason in enumerate(REASONS)}
        counted = [(reason, self.reasons[reason]) for reason in REASONS]
        return sorted(counted, key=lambda one: (-one[1], place[one[0]]))


def answers(session: Session, branch: Branch, first: dt.date, last: dt.date) -> Answers:
    """What is known of a branch's tickets of these local days."""
    query = (
        select(Ticket.state, UnservedAnswer.ticket_id, UnservedAnswer.is_needed, UnservedAnswer.reason)
        .outerjoin(UnservedAnswer, UnservedAnswer.ticket_id == Ticket.id)
        .where(Ticket.branch_id == branch.id, Ticket.day.between(first, last), Ticket.state.in_(ASKED))
    )
    found = Answers()
    for state, answer_id, is_needed, reason in session.execute(query):
        found.went[state] += 1
        found.answered += answer_id is not None
        if is_needed is not None:
            found.needed[is_needed] += 1
        if reason is not None:
            found.reasons[reason] += 1
    return found
