"""Verbs of slips: claim one before the printer is spoken to, note how it ended."""

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.queue.device_models import Device, Slip

LONGEST_ERROR = 200


def claim(
    session: Session, *, actor: Actor, ticket_id: int, device_id: int | None = None, is_copy: bool = False
) -> int | None:
    """Return the slip to print; None where this ticket's original was begun before.

    1. The row is committed before the printer is spoken to. A unique index lets one original of a ticket
       through: of two presses, or a press and its retry, the second gets nothing and prints nothing.
    2. The printer is spoken to outside every transaction, with a time-out; then `finish` notes how it ended.
    3. A process that dies in between leaves `printing`: whether paper came out nobody knows, so nobody prints
       again unasked. The person has the ticket on the screen, and reception may print a copy, marked as one.
    """
    dialect = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    row = {
        "ticket_id": ticket_id,
        "device_id": device_id,
        "is_copy": is_copy,
        "state": "printing",
        "begun_at": clock.now(),
    }
    claimed = session.execute(
        dialect(Slip).values(row).on_conflict_do_nothing().returning(Slip.id)
    ).scalar_one_or_none()
    if claimed is not None and is_copy:
        audit.record(session, actor=actor, action="slip.copied", subject=f"ticket:{ticket_id}")
    return claimed


def finish(session: Session, *, slip_id: int, error: str | None) -> None:
    """Note that a slip came out, or why not; and how its device's printer fares."""
    now, slip = clock.now(), session.get_one(Slip, slip_id)
    slip.state, slip.ended_at = "failed" if error else "printed", now
    slip.error = error[:LONGEST_ERROR] if error else None
    if slip.device_id is not None:
        note_printer(session, device_id=slip.device_id, is_out=error is not None)


def note_printer(session: Session, *, device_id: int, is_out: bool) -> None:
    """Note since when a device's printer has been out, or that it prints again."""
    if is_out:
        known = Device.id == device_id, Device.printer_failed_at.is_(None)
        session.execute(update(Device).where(*known).values(printer_failed_at=clock.now()))
    else:
        out = Device.id == device_id, Device.printer_failed_at.is_not(None)
        session.execute(update(Device).where(*out).values(printer_failed_at=None))


def original_of(session: Session, ticket_id: int) -> Slip | None:
    """Return the original slip of a ticket; None where no printer was asked for one."""
    own = select(Slip).where(Slip.ticket_id == ticket_id, Slip.is_copy.is_(False))
    return session.scalars(own).one_or_none()
