"""Screens of branches: listed, registered, paired by a code, renamed, revoked."""

from flask import request, url_for
from flask import session as browser
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import BooleanField
from wtforms.fields.choices import SelectChoice

from govdesk.catalog.models import Branch
from govdesk.catalog.service import offered, open_branches
from govdesk.db import reading
from govdesk.faces.admin.acts import found, pressed, sent
from govdesk.faces.admin.forms import LATIN
from govdesk.faces.fields import ChoiceField, TicksField, line
from govdesk.i18n import named, num, t
from govdesk.queue import devices as verbs
from govdesk.queue.device_models import Device
from govdesk.web import DeskForm, actor, page, staff_only

CODE = "device_code"  # where the browser carries a pairing code from the press to the list


class NewDeviceForm(DeskForm):
    """A screen that a branch gets."""

    name = line("devices.name", longest=verbs.LONGEST_NAME, description="devices.name_hint")
    kind = ChoiceField(
        "devices.kind", choices=[SelectChoice(kind, f"devices.kind_{kind}") for kind in verbs.KINDS]
    )
    branch = ChoiceField("admin.branch", coerce=int)


class DeviceForm(DeskForm):
    """Its name, how it prints, and which part of the hall a board shows."""

    name = line("devices.name", longest=verbs.LONGEST_NAME)
    printing = ChoiceField(
        "devices.printing", choices=[SelectChoice(way, f"devices.printing_{way}") for way in verbs.PRINTING]
    )
    printer = line("devices.printer", required=False, description="devices.printer_hint", render_kw=LATIN)
    is_paper_only = BooleanField("devices.paper_only", description="devices.paper_only_hint")
    services = TicksField("devices.board_services", coerce=int, description="devices.board_hint")
    counters = TicksField("devices.board_counters", coerce=int)


@staff_only("admin")
def devices() -> ResponseReturnValue:
    """List the screens; one for which a code was just made shows it, this once."""
    return page(
        "admin/devices.html",
        code=browser.pop(CODE, None),
        devices=verbs.known(reading()),
        branches=open_branches(reading()),
        pair_url=url_for("devices.pair", _external=True),
    )


@staff_only("admin")
def new_device() -> ResponseReturnValue:
    """Register a screen; the code goes to the list in the browser's own cookie, as a token's secret does."""
    form, made = NewDeviceForm(), list[str]()
    form.branch.choices = [SelectChoice(branch.id, named(branch)) for branch in open_branches(reading())]

    def act(session: Session) -> str:
        _device, code = verbs.register(
            session,
            actor=actor(),
            branch=found(session, Branch, form.branch.data),
            kind=form.kind.data,
            name=form.name.data or "",
        )
        made.append(code)
        return url_for("admin.devices")

    answer = sent(form, act, "devices.registered")
    if answer is None:
        return page("admin/new_device.html", form=form)
    if made:
        browser[CODE] = made[-1]
    return answer


@staff_only("admin")
def device(row_id: int) -> ResponseReturnValue:
    """Rename a screen, and say how it prints, or which part of the hall a board shows."""
    row = found(reading(), Device, row_id)
    form = DeviceForm(obj=row, data={"services": list(row.service_ids), "counters": list(row.counter_ids)})
    form.services.choices = [SelectChoice(one.id, named(one)) for one in offered(reading(), row.branch)]
    form.counters.choices = [
        SelectChoice(one.id, t("admin.counter_n", number=num(one.number))) for one in row.branch.counters
    ]

    def act(session: Session) -> str:
        verbs.change(
            session,
            actor=actor(),
            device=found(session, Device, row_id),
            name=form.name.data or "",
            printing=form.printing.data,
            printer=form.printer.data or "",
            is_paper_only=bool(form.is_paper_only.data),
            service_ids=form.services.data or (),
            counter_ids=form.counters.data or (),
        )
        return url_for("admin.devices")

    return sent(form, act) or page("admin/device.html", form=form, device=row)


@staff_only("admin")
def device_code(row_id: int) -> ResponseReturnValue:
    """Make a new pairing code for a screen that lost its cookie or was replaced."""
    made: list[str] = []

    def act(session: Session) -> str:
        made.append(verbs.new_code(session, actor=actor(), device=found(session, Device, row_id)))
        return url_for("admin.devices")

    answer = pressed(act, "devices.code_made", url_for("admin.devices"))
    if made:
        browser[CODE] = made[-1]
    return answer


@staff_only("admin")
def revoke_device(row_id: int) -> ResponseReturnValue:
    """Ask before a screen is shut out; shut it out."""
    row = found(reading(), Device, row_id)
    if request.method == "GET":
        return page("admin/revoke_device.html", device=row)

    def act(session: Session) -> str:
        verbs.revoke(session, actor=actor(), device=found(session, Device, row_id))
        return url_for("admin.devices")

    return pressed(act, "devices.gone", url_for("admin.devices"))


ROUTES = (
    ("/devices", devices, ("GET",)),
    ("/devices/new", new_device, ("GET", "POST")),
    ("/devices/<int(max=2147483647):row_id>", device, ("GET", "POST")),
    ("/devices/<int(max=2147483647):row_id>/code", device_code, ("POST",)),
    ("/devices/<int(max=2147483647):row_id>/revoke", revoke_device, ("GET", "POST")),
)
