"""What recovery hears: each listener notes what failed whom, and where it is weighed, the rules say."""

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.cases.classes import VisitClass
from govdesk.cases.commitments.models import Commitment
from govdesk.cases.models import Visit
from govdesk.cases.recovery import rules, undoing
from govdesk.cases.recovery.models import Recovery
from govdesk.cases.recovery.opening import note_trigger
from govdesk.cases.recovery.steps import note
from govdesk.catalog.models import PublicService
from govdesk.queue import promises
from govdesk.queue.models import Ticket


def hear_return(session: Session, payload: dict[str, Any]) -> None:
    """Hear `visit.repeated`: the unit of the first visit answers for it.

    Of a visit that was heard of before nothing new comes, unless it was taken to be none meanwhile, or it
    is somebody else's now.
    """
    visit = session.get(Visit, payload["visit_id"])
    if visit is None:
        return
    first = session.get(Visit, visit.charged_visit_id) if visit.charged_visit_id else None
    charged = first or visit
    about = "returned", f"visit:{visit.id}"
    if undoing.heard(session, *about) is not None:
        undoing.hear_again(session, *about, person_id=visit.person_id, at=visit.ended_at)
        return
    note_trigger(
        session, kind="returned", source=f"visit:{visit.id}", person_id=visit.person_id,
        service_id=charged.service_id, branch_id=charged.branch_id, at=visit.ended_at,
    )  # fmt: skip


def hear_no_return(session: Session, payload: dict[str, Any]) -> None:
    """Hear `visit.repeat_undone`: a link was mended, and the visit is no return; the task says so."""
    visit = session.get(Visit, payload["visit_id"])
    if visit is None or visit.class_name != VisitClass.REPEAT:
        undoing.undo(session, "returned", f"visit:{payload['visit_id']}")


def hear_leaving(session: Session, payload: dict[str, Any]) -> None:
    """Hear `visit.abandoned`: who left unserved; weighed once there was time to be served after all."""
    visit = session.get(Visit, payload["visit_id"])
    if visit is not None:
        note_trigger(
            session, kind="left", source=f"visit:{visit.id}", person_id=visit.person_id,
            service_id=visit.service_id, branch_id=visit.branch_id, at=visit.ended_at,
        )  # fmt: skip


def hear_broken_promise(session: Session, payload: dict[str, Any]) -> None:
    """Hear `promise.broken`: who still waits after the wait that was promised."""
    ticket = session.get(Ticket, payload["ticket_id"])
    given = promises.of(ticket) if ticket is not None else None
    if ticket is not None and given is not None:
        note_trigger(
            session, kind="promise_broken", source=f"ticket:{ticket.id}", person_id=ticket.person_id,
            service_id=ticket.service_id, branch_id=ticket.branch_id, at=given.before,
        )  # fmt: skip


def hear_complaint(session: Session, payload: dict[str, Any]) -> None:
    """Hear `complaint.received`; one without a name opens no task: nobody can be called back."""
    note_trigger(
        session, kind="complaint", source=f"complaint:{payload['complaint_id']}",
        person_id=payload.get("person_id"), service_id=payload.get("service_id"),
        branch_id=payload["branch_id"], at=clock.now(),
    )  # fmt: skip


def hear_low_rating(session: Session, payload: dict[str, Any]) -> None:
    """Hear `rating.low`: `rating_id`, `branch_id`, `score` of `most`, and person and service where known.

    The `words` are there where the person wants whoever calls to have them.
    """
    if not rules.is_low(payload["score"], payload["most"]):
        return
    trigger = note_trigger(
        session, kind="low_rating", source=f"rating:{payload['rating_id']}",
        person_id=payload.get("person_id"), service_id=payload.get("service_id"),
        branch_id=payload["branch_id"], at=clock.now(),
    )  # fmt: skip
    words = payload.get("words")
    if words and trigger is not None and trigger.recovery_id is not None:
        task = session.get_one(Recovery, trigger.recovery_id)
        note(session, task, "told", SYSTEM, what="low_rating", words=words)


def hear_silence(session: Session, payload: dict[str, Any]) -> None:
    """Hear of questionnaires left unanswered about a visit: `visit_id`, and how many `unanswered`."""
    visit = session.get(Visit, payload["visit_id"])
    if visit is None or visit.arrived_at is None:
        return
    waited = ((visit.called_at or visit.ended_at) - visit.arrived_at) / dt.timedelta(minutes=1)
    target = session.get_one(PublicService, visit.service_id).wait_target_minutes
    if rules.is_silence(unanswered=payload["unanswered"], waited=waited, target=target):
        note_trigger(
            session, kind="unanswered", source=f"visit:{visit.id}", person_id=visit.person_id,
            service_id=visit.service_id, branch_id=visit.branch_id, at=visit.ended_at,
        )  # fmt: skip


def hear_broken_commitment(session: Session, payload: dict[str, Any]) -> None:
    """Hear `commitment.broken`: somebody of staff gave their word and did not keep it."""
    given = session.get(Commitment, payload["commitment_id"])
    if given is not None:
        note_trigger(
            session, kind="commitment_broken", source=f"commitment:{given.id}", person_id=given.person_id,
            service_id=given.service_id, branch_id=given.branch_id, at=clock.now(),
        )  # fmt: skip


def hear_need(session: Session, payload: dict[str, Any]) -> None:
    """Hear `silent.needs_help`: who left and said nothing was asked, and still needs help."""
    about = "still_needed", f"silent:{payload['silent_id']}"
    if undoing.heard(session, *about) is not None:
        undoing.hear_again(session, *about, person_id=payload["person_id"], at=clock.now())
        return
    note_trigger(
        session, kind="still_needed", source=about[1], person_id=payload["person_id"],
        service_id=payload["service_id"], branch_id=payload["branch_id"], at=clock.now(),
    )  # fmt: skip


def hear_no_need(session: Session, payload: dict[str, Any]) -> None:
    """Hear `silent.answered`: who said yes first and says later that nothing is needed; the task says so."""
    if payload["answer"] != "yes":
        undoing.undo(session, "still_needed", f"silent:{payload['silent_id']}")
