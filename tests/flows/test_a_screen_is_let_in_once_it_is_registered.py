"""A screen is let in by what a code gave it: used once, a quarter of an hour old at most, until revoked."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from govdesk import clock
from govdesk.audit import AuditEntry
from govdesk.catalog import branches
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.queue import devices
from govdesk.queue.device_models import Device
from govdesk.queue.models import Ticket
from tests.desk import Desk
from tests.makers import MORNING, Cast

START = "/kiosk/north"
TAKE = "/kiosk/north/services/renewal"


@pytest.fixture
def guarded(cast: Cast) -> Cast:
    """The north lets registered screens in only."""
    with transaction() as session:
        branches.set_door(
            session, actor=cast.staff["adam"].actor, branch=session.get_one(Branch, cast.north.id),
            demands_devices=True, printer="",
        )  # fmt: skip
    return cast


def registered(cast: Cast, kind: str = "kiosk", branch: Branch | None = None) -> tuple[int, str]:
    with transaction() as session:
        place = session.get_one(Branch, (branch or cast.north).id)
        device, code = devices.register(
            session, actor=cast.staff["adam"].actor, branch=place, kind=kind, name="By the east door"
        )
        return device.id, code


def test_an_unregistered_browser_is_told_so_and_gets_no_ticket(guarded: Cast, desk: Desk) -> None:
    refused = desk.get(START, language="en", status=403)
    assert "registered screens in only" in refused.main
    assert [link for link in refused.links() if not link.startswith(("/device", "/language/", "#"))] == []
    assert desk.send(TAKE, {"service": "renewal"}).status in {400, 403}
    assert reading().scalar(select(func.count(Ticket.id))) == 0


def test_a_code_makes_a_browser_the_kiosk_and_its_acts_bear_its_name(guarded: Cast, desk: Desk) -> None:
    device_id, code = registered(guarded)
    paired = desk.post("/device", {"code": f"{code[:4]}-{code[4:].lower()}"}, status=302)
    assert paired.location == START
    assert desk.follow(paired).heading
    desk.post(TAKE, status=302)
    reading().rollback()
    acts = reading().scalars(select(AuditEntry.actor).where(AuditEntry.action == "ticket.issued")).all()
    assert acts == [f"device:kiosk-{device_id}"]
    assert reading().get_one(Device, device_id).seen_at == MORNING


def test_a_code_is_used_once_and_grows_old(guarded: Cast, app: Flask) -> None:
    _first, code = registered(guarded)
    assert Desk(app).post("/device", {"code": code}, status=302).location == START
    again = Desk(app).post("/device", {"code": code}, status=422, language="en")
    assert "No screen waits for this code" in again.errors()["code"]
    _second, late = registered(guarded)
    with clock.at(MORNING + dt.timedelta(minutes=15)):
        Desk(app).post("/device", {"code": late}, status=422)
    _third, in_time = registered(guarded)
    with clock.at(MORNING + dt.timedelta(minutes=14, seconds=59)):
        Desk(app).post("/device", {"code": in_time}, status=302)


def test_a_revoked_device_is_refused_at_once_even_where_anybody_may_come(cast: Cast, desk: Desk) -> None:
    device_id, code = registered(cast)
    desk.post("/device", {"code": code}, status=302)
    form = desk.get(TAKE, status=200)
    with transaction() as session:
        device = session.get_one(Device, device_id)
        devices.revoke(session, actor=cast.staff["adam"].actor, device=device)
    assert "taken out of use" in desk.get(START, language="en", status=403).main
    assert desk.submit(form, action=TAKE).status == 403
    assert reading().scalar(select(func.count(Ticket.id))) == 0


def test_a_device_of_another_branch_or_kind_is_no_kiosk_here(guarded: Cast, app: Flask) -> None:
    for kind, branch in (("kiosk", guarded.harbour), ("board", guarded.north)):
        browser = Desk(app)
        browser.post("/device", {"code": registered(guarded, kind, branch)[1]}, status=302)
        assert browser.get(START).status == 403


def test_a_new_code_replaces_the_device_only_when_it_is_typed(guarded: Cast, app: Flask) -> None:
    device_id, code = registered(guarded)
    old, new = Desk(app), Desk(app)
    old.post("/device", {"code": code}, status=302)
    with transaction() as session:
        device = session.get_one(Device, device_id)
        second = devices.new_code(session, actor=guarded.staff["adam"].actor, device=device)
    assert old.get(START).status == 200
    new.post("/device", {"code": second}, status=302)
    assert (new.get(START).status, old.get(START).status) == (200, 403)


def test_guessing_codes_is_stopped(cast: Cast, desk: Desk) -> None:
    shown = desk.get("/device")
    answers = [desk.submit(shown, {"code": f"GUESS{n:03}"}).status for n in range(11)]
    assert answers == [422] * 10 + [429]


def test_an_administrator_registers_renames_and_revokes(
    cast: Cast, sign_in: Callable[[str], Desk], app: Flask
) -> None:
    adam = sign_in("adam")
    made = adam.post("/admin/devices/new", {"name": "Kiosk one", "kind": "kiosk", "branch": cast.north.id})
    listed = adam.follow(made)
    code = listed.words("code")[0]
    assert code not in adam.get("/admin/devices").html
    Desk(app).post("/device", {"code": code}, status=302)
    own = reading().scalars(select(Device)).one().id
    adam.post(
        f"/admin/devices/{own}", {"name": "East kiosk", "printing": "network", "printer": "x y"}, status=422
    )
    adam.post(
        f"/admin/devices/{own}",
        {"name": "East kiosk", "printing": "network", "printer": "10.0.0.7"},
        status=302,
    )
    reading().rollback()
    row = reading().scalars(select(Device)).one()
    assert (row.name, row.printing, row.printer) == ("East kiosk", "network", "10.0.0.7:9100")
    adam.post(f"/admin/devices/{own}/code", page="/admin/devices", status=302)
    adam.post(f"/admin/devices/{own}/revoke", status=302)
    assert "Revoked" in adam.get("/admin/devices", language="en").main
    assert sign_in("sara").get("/admin/devices").status == 403
    assert [link for link in listed.links() if link.startswith("/admin/branches/")]


def test_the_door_of_a_branch_keeps_its_limits(cast: Cast, sign_in: Callable[[str], Desk]) -> None:
    adam, own = sign_in("adam"), cast.renewal.id
    door = f"/admin/branches/{cast.north.id}/door"
    wrong = adam.post(door, {f"daily_{own}": "٤", f"kept_{own}": "9"}, status=422)
    assert f"kept_{own}" in wrong.errors()
    adam.post(door, {f"daily_{own}": "٤٠", f"wait_{own}": "90", f"kept_{own}": "5"}, status=302)
    reading().rollback()
    offer = next(one for one in reading().get_one(Branch, cast.north.id).offers if one.service_id == own)
    assert (offer.daily_walkins, offer.longest_wait_minutes, offer.kept_for_hall) == (40, 90, 5)
