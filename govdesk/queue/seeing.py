"""Somebody goes where help is called for, or takes care of what asks for a hand in a hall."""

from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.catalog.models import Branch
from govdesk.errors import NotAllowedError, NotFoundError
from govdesk.queue.hall_models import HallAlert, StaffAlarm

HELPERS = ("supervisor", "head", "admin")
KINDS = ("alarms", "alerts")


def acknowledge(
    session: Session, *, actor: Actor, branch: Branch, kind: str, row_id: int
) -> StaffAlarm | HallAlert:
    """Say that one has seen an alarm or an alert and takes care (`kind` is one of KINDS).

    Of two who press, the first is who does: the row is locked. NotAllowedError, NotFoundError.
    """
    if actor.kind != "staff" or not actor.may(*HELPERS, branch_id=branch.id):
        raise NotAllowedError
    found: StaffAlarm | HallAlert | None
    if kind == "alarms":
        found = session.get(StaffAlarm, row_id, with_for_update={"of": StaffAlarm})
    else:
        found = session.get(HallAlert, row_id, with_for_update={"of": HallAlert})
    if found is None or found.branch_id != branch.id:
        raise NotFoundError
    if found.acknowledged_at is None:
        found.acknowledged_at, found.acknowledged_by = clock.now(), int(actor.id)
        one, subject = kind.removesuffix("s"), f"branch:{branch.id}"
        told = {one: found.id, **({"kind": found.kind} if isinstance(found, HallAlert) else {})}
        audit.record(session, actor=actor, action=f"{one}.acknowledged", subject=subject, **told)
    return found
