"""Verbs of devices: register, pair by a code, rename, revoke; and whose a device's secret is."""

import datetime as dt
import hashlib
import hmac
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from govdesk import audit, chance, clock
from govdesk.actor import Actor
from govdesk.catalog import door
from govdesk.catalog.editing import describe
from govdesk.catalog.models import Branch
from govdesk.catalog.service import offered
from govdesk.config import settings
from govdesk.db import table_of, transaction
from govdesk.errors import DeskError
from govdesk.queue.device_models import Device

KINDS = ("kiosk", "board", "exit")
PRINTING = ("browser", "network", "none")
CODE_LENGTH = 8
CODE_KEPT = dt.timedelta(minutes=15)
SEEN_EVERY = dt.timedelta(minutes=2)
LONGEST_NAME = 60


class DeviceEntryError(DeskError):
    """A device that cannot be described like this; the key says why."""

    key = "devices.refused"
    status = 422


class PairingError(DeskError):
    """No device waits for this code: mistyped, used already, or too old."""

    key = "devices.code_unknown"
    status = 422


class DeviceUnknownError(DeskError):
    """The branch lets registered screens in only, and this is none, or one that was taken out."""

    key = "devices.unregistered"
    status = 403


@dataclass(frozen=True, slots=True)
class Held:
    """Whose a secret is: a plain value, read in one query because every request of a screen asks."""

    device_id: int
    branch_id: int
    kind: str
    is_revoked: bool
    seen_at: dt.datetime | None
    service_ids: frozenset[int] = frozenset()  # which a board shows; empty = all
    counter_ids: frozenset[int] = frozenset()

    @property
    def actor(self) -> Actor:
        """The device as one who acts, at its branch only."""
        return Actor(
            "device", f"{self.kind}-{self.device_id}", frozenset({self.kind}), frozenset({self.branch_id})
        )


_devices = table_of(Device)
_HELD = select(
    _devices.c.id, _devices.c.branch_id, _devices.c.kind, _devices.c.revoked_at, _devices.c.seen_at,
    _devices.c.service_ids, _devices.c.counter_ids,
).where(_devices.c.digest == bindparam("of_digest"))  # fmt: skip


def register(session: Session, *, actor: Actor, branch: Branch, kind: str, name: str) -> tuple[Device, str]:
    """Return a new device and the code to type on it, which is not kept. Raises DeviceEntryError."""
    if kind not in KINDS:
        raise DeviceEntryError("errors.choose_known", field="kind")
    device = Device(
        branch_id=branch.id, kind=kind, name=_name(name), registered_at=clock.now(),
        printing="browser" if kind == "kiosk" else "none",
    )  # fmt: skip
    session.add(device)
    session.flush()
    audit.record(
        session, actor=actor, action="device.registered", subject=_subject(device.id), kind=kind,
        name=device.name, branch=branch.code,
    )  # fmt: skip
    return device, new_code(session, actor=actor, device=device)


def new_code(session: Session, *, actor: Actor, device: Device) -> str:
    """Return a code with which the device is paired, once and within a quarter of an hour.

    What it held before lets it in until then. Raises DeviceEntryError for one that was revoked.
    """
    session.refresh(device, ["revoked_at"], with_for_update=True)
    if device.revoked_at is not None:
        raise DeviceEntryError("devices.is_revoked", status=409)
    code = chance.code(CODE_LENGTH)
    device.code_digest, device.code_until = _code_digest(code), clock.now() + CODE_KEPT
    session.flush()
    audit.record(session, actor=actor, action="device.code_given", subject=_subject(device.id))
    return code


def pair(session: Session, *, actor: Actor, code: str) -> tuple[Device, str]:
    """Return the device of a code and its new secret, which is not kept. Raises PairingError.

    1. One conditional UPDATE finds the code, checks its time, and replaces it and what the device held.
    2. Of two who type the same code the second waits for the row, then finds the code gone.
    """
    secret, now = chance.token(32), clock.now()
    plain = "".join(character for character in code.upper() if character.isalnum())
    paired = session.execute(
        update(_devices)
        .where(
            _devices.c.code_digest == _code_digest(plain),
            _devices.c.code_until > now,
            _devices.c.revoked_at.is_(None),
        )
        .values(digest=_digest(secret), code_digest=None, code_until=None, paired_at=now, seen_at=now)
        .returning(_devices.c.id)
    ).scalar_one_or_none()
    if paired is None:
        raise PairingError(field="code")
    audit.record(session, actor=actor, action="device.paired", subject=_subject(paired))
    return session.get_one(Device, paired, populate_existing=True), secret


def change(
    session: Session,
    *,
    actor: Actor,
    device: Device,
    name: str,
    printing: str = "none",
    printer: str = "",
    is_paper_only: bool = False,
    service_ids: Collection[int] = (),
    counter_ids: Collection[int] = (),
) -> None:
    """Rename a device, and say how it prints and which services and counters of its branch it shows (all).

    Raises DeviceEntryError.
    """
    _refuse_others(session, device.branch, service_ids, counter_ids)
    if printing not in PRINTING:
        raise DeviceEntryError("errors.choose_known", field="printing")
    given = {
        "name": _name(name),
        "printing": printing,
        "printer": printer_address(printer),
        "is_paper_only": is_paper_only,
        "service_ids": sorted(service_ids),
        "counter_ids": sorted(counter_ids),
    }
    if describe(session, actor=actor, thing=device, subject=_subject(device.id), **given):
        device.printer_failed_at = None
        session.flush()


def revoke(session: Session, *, actor: Actor, device: Device) -> None:
    """Let this device in no more, from now on. Revoking twice is revoking once."""
    session.refresh(device, ["revoked_at"], with_for_update=True)
    if device.revoked_at is None:
        device.revoked_at, device.code_digest, device.code_until = clock.now(), None, None
        session.flush()
        audit.record(session, actor=actor, action="device.revoked", subject=_subject(device.id))


def known(session: Session) -> list[Device]:
    """Return all devices: those not revoked first, by branch, kind and name."""
    order = Device.revoked_at.is_not(None), Branch.code, Device.kind, Device.name, Device.id
    return list(session.scalars(select(Device).join(Branch).order_by(*order)))


def holder_of(session: Session, secret: str) -> Held | None:
    """Return whose a secret is, revoked ones too; None when it is unknown."""
    row = session.connection().execute(_HELD, {"of_digest": _digest(secret)}).one_or_none()
    if row is None:
        return None
    shows = frozenset(row.service_ids), frozenset(row.counter_ids)
    return Held(row.id, row.branch_id, row.kind, row.revoked_at is not None, row.seen_at, *shows)


def note_seen(held: Held) -> None:
    """Note that a device was there, in a transaction of its own; every two minutes at most."""
    now = clock.now()
    if held.seen_at is not None and held.seen_at > now - SEEN_EVERY:
        return
    earlier = or_(Device.seen_at.is_(None), Device.seen_at < now)
    with transaction() as session:
        session.execute(update(Device).where(Device.id == held.device_id, earlier).values(seen_at=now))


def printer_address(typed: str) -> str:
    """Return host:port of a printer as typed, or nothing. Raises DeviceEntryError."""
    try:
        return door.printer_address(typed)
    except ValueError as problem:
        raise DeviceEntryError("devices.printer_wrong", field="printer") from problem


def _refuse_others(
    session: Session, branch: Branch, service_ids: Collection[int], counter_ids: Collection[int]
) -> None:
    """Refuse what the branch does not have."""
    if not set(service_ids) <= {service.id for service in offered(session, branch)}:
        raise DeviceEntryError("errors.choose_known", field="services")
    if not set(counter_ids) <= {counter.id for counter in branch.counters}:
        raise DeviceEntryError("errors.choose_known", field="counters")


def _name(typed: str) -> str:
    wanted = " ".join(unicodedata.normalize("NFC", typed).split())
    if not 1 < len(wanted) <= LONGEST_NAME or not wanted.isprintable():
        raise DeviceEntryError("devices.name_wrong", field="name", longest=LONGEST_NAME)
    return wanted


def _code_digest(code: str) -> str:
    """Keyed, because a short code could be guessed from a bare digest."""
    return hmac.new(settings().secret_key.encode(), f"pairing:{code}".encode(), hashlib.sha256).hexdigest()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _subject(device_id: int) -> str:
    return f"device:{device_id}"
