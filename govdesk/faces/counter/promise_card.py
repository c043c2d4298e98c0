"""What the officer sees of promises: the form for a new one, and what this person still waits for."""

from sqlalchemy.orm import Session

from govdesk.cases.commitments import lists
from govdesk.faces.counter.forms import PromiseForm
from govdesk.queue.models import Ticket
from govdesk.web import DeskForm

PROMISE = "promise-"


def parts(session: Session, ticket: Ticket, wrong: DeskForm | None) -> dict[str, object]:
    """The form, and the promises of this need; nobody is asked about whom nobody knows."""
    form = wrong if isinstance(wrong, PromiseForm) else PromiseForm(formdata=None, prefix=PROMISE)
    owed = []
    if ticket.person_id is not None:
        owed = lists.standing(
            session,
            person_id=ticket.person_id,
            family=ticket.service.family,
            object_ref=ticket.object_ref,
        )
    return {"commitment": form, "owed": owed}
