"""Slips that network printers print: what stands on them, and that each original is printed once."""

from flask import current_app, url_for
from sqlalchemy.orm import Session

from govdesk import i18n
from govdesk.actor import Actor
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.errors import DeskError
from govdesk.faces.devices import held
from govdesk.faces.ticket import standing
from govdesk.feedback.asking import ends
from govdesk.i18n import named, t
from govdesk.queue import printing, slips
from govdesk.queue.device_models import Device
from govdesk.queue.models import Ticket
from govdesk.queue.printing import Paper, PrinterError
from govdesk.web import actor


class NoPaperError(DeskError):
    """This kiosk gives tickets on paper only, and its printer is out: no ticket is given."""

    key = "kiosk.no_paper"
    status = 503


def kiosk() -> Device | None:
    """The registered kiosk that asks, as it is now."""
    own = held()
    return reading().get(Device, own.device_id) if own else None


def refuse_without_paper() -> None:
    """Ask the printer of a kiosk that gives no ticket without paper; NoPaperError when it is out."""
    device = kiosk()
    if device is None or not (device.printing == "network" and device.is_paper_only):
        return
    device_id, printer, was_out = device.id, printer_of(device), device.printer_failed_at is not None
    reading().rollback()  # nothing is held open while a printer takes its time
    try:
        printing.probe(printer)
    except PrinterError as problem:
        current_app.logger.warning("the printer %s is out: %s", printer, problem)
        _note(device_id, is_out=True)
        raise NoPaperError from problem
    if was_out:
        _note(device_id, is_out=False)


def print_at_kiosk(ticket: Ticket) -> None:
    """Let the kiosk's network printer print a ticket that is committed; how that ended is on its slip."""
    device = kiosk()
    if device is not None and device.printing == "network":
        _print(ticket, printer_of(device), actor(), device.id)


def print_at_desk(branch: Branch, ticket: Ticket) -> None:
    """Let reception's printer, where there is one, print a ticket that is committed."""
    if branch.printer:
        _print(ticket, branch.printer, actor())


def print_copy(branch: Branch, ticket: Ticket) -> bool:
    """Print once more, marked as a copy (unless no original was ever begun); whether it came out."""
    is_copy = slips.original_of(reading(), ticket.id) is not None
    return _print(ticket, branch.printer, actor(), is_copy=is_copy)


def printer_of(device: Device) -> str:
    """The address of a kiosk's printer: its own, else that of reception."""
    return device.printer or device.branch.printer


def paper_of(session: Session, ticket: Ticket, *, is_copy: bool) -> Paper:
    """What stands on the slip of a ticket, in the language of the person."""
    here = standing.of(session, ticket)
    with i18n.speaking(ticket.language):
        lines = [named(ticket.service), named(here.branch)]
        if here.is_early:
            lines.append(t("ticket.early", time=i18n.time_of(ticket.callable_at, here.branch.timezone)))
        elif here.quote:
            lines.append(f"{t('ticket.ahead')}: {i18n.nt('queue.people', here.quote.ahead)}")
        if here.wait and not here.is_early:
            lines.append(f"{t('ticket.wait')}: {i18n.minutes_range(*here.wait)}")
        lines.append(i18n.moment_of(ticket.arrived_at, here.branch.timezone))
        if ends.will_be_asked(session, ticket.service):
            lines.append(t("asking.on_slip"))
        return Paper(
            language=ticket.language,
            number=ticket.number,
            lines=lines,
            address=url_for("ticket.show", token=ticket.token, _external=True),
            mark=t("reception.copy") if is_copy else "",
        )


def _print(
    ticket: Ticket, printer: str, who: Actor, device_id: int | None = None, *, is_copy: bool = False
) -> bool:
    """Claim the slip, print it outside every transaction, note how it ended: see `slips.claim`."""
    ticket_id, paper = ticket.id, paper_of(reading(), ticket, is_copy=is_copy)
    reading().rollback()
    with transaction() as session:
        slip_id = slips.claim(session, actor=who, ticket_id=ticket_id, device_id=device_id, is_copy=is_copy)
    if slip_id is None:
        return True
    error = None
    try:
        printing.send(printer, paper)
    except PrinterError as problem:
        error = str(problem)
        current_app.logger.warning("a slip did not come out of %s: %s", printer, problem)
    with transaction() as session:
        slips.finish(session, slip_id=slip_id, error=error)
    return error is None


def _note(device_id: int, *, is_out: bool) -> None:
    with transaction() as session:
        slips.note_printer(session, device_id=device_id, is_out=is_out)
