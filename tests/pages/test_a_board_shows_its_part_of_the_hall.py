"""A board shows the services and counters that its device is set to; others ask by the address."""

from collections.abc import Callable

import pytest

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.queue import counters, devices, service
from govdesk.queue.device_models import Device
from govdesk.queue.devices import DeviceEntryError
from tests.desk import Desk, Values
from tests.makers import Cast, moment

BOARD, STATE = "/board/north", "/board/north/state.json"
SignIn = Callable[[str], Desk]


@pytest.fixture(autouse=True)
def _called(cast: Cast) -> None:
    """Omar has called A001 to counter 1, Othman B001 to counter 2."""
    with transaction() as session:
        for name, counter in (("omar", cast.north_1), ("othman", cast.north_2)):
            counters.open_counter(session, actor=cast.staff[name].actor, counter_id=counter.id)
    for name, wanted in (("omar", cast.renewal), ("othman", cast.passport)):
        with clock.at(moment("09:00")), transaction() as session:
            service.issue(session, actor=cast.staff["reem"].actor, service=wanted, branch=cast.north)
            service.call_next(session, actor=cast.staff[name].actor)


@pytest.fixture
def device_id(cast: Cast, desk: Desk) -> int:
    """The desk's browser is a board of the north."""
    with transaction() as session:
        device, code = devices.register(
            session, actor=cast.staff["adam"].actor, branch=cast.north, kind="board", name="By the stairs"
        )
    desk.post("/device", {"code": code}, status=302)
    return device.id


def set_to(sign_in: SignIn, device_id: int, values: Values) -> None:
    adam = sign_in("adam")
    form = adam.get(f"/admin/devices/{device_id}", language="en", status=200)
    adam.submit(form, values, action=f"/admin/devices/{device_id}", status=302)


def shown(desk: Desk, path: str = STATE) -> tuple[list[str], list[str]]:
    """The numbers called, and the services whose waits are told."""
    state = desk.get(path, status=200).json
    return [call["number"] for call in state["calls"]], [wait["service"] for wait in state["waits"]]


def test_a_device_shows_all_until_it_is_set(desk: Desk, device_id: int, sign_in: SignIn, cast: Cast) -> None:
    assert sorted(shown(desk)[0]) == ["A001", "B001"]
    set_to(sign_in, device_id, {"services": [str(cast.passport.id)]})
    assert shown(desk) == (["B001"], ["passport"])
    page = desk.get(BOARD, language="en", status=200)
    assert "A001" not in page.main
    assert "Part of the hall" in sign_in("adam").get("/admin/devices", language="en").main


def test_a_board_of_a_part_says_so_in_both_languages(desk: Desk) -> None:
    assert desk.get(BOARD, language="en", status=200).words("p", "part") == []
    page = desk.get(f"{BOARD}?services=passport&counters=1,2", language="en", status=200)
    (said,) = page.words("p", "part")
    assert said.startswith("This screen shows part of the hall: tickets B · counters 1 2")
    assert said.endswith("تعرض هذه الشاشة جزءًا من الصالة: التذاكر B · النوافذ 1 2")
    only = desk.get(f"{BOARD}?counters=2", language="en").words("p", "part")[0]
    assert only.startswith("This screen shows part of the hall: counters 2 ")


def test_the_address_changes_nothing_for_a_device_that_is_set(
    desk: Desk, device_id: int, sign_in: SignIn, cast: Cast
) -> None:
    assert shown(desk, f"{STATE}?services=renewal")[0] == ["A001"]
    set_to(sign_in, device_id, {"services": [str(cast.passport.id)]})
    assert shown(desk, f"{STATE}?services=renewal")[0] == ["B001"]


def test_a_counter_is_shown_with_all_that_it_calls(
    desk: Desk, device_id: int, sign_in: SignIn, cast: Cast
) -> None:
    set_to(sign_in, device_id, {"counters": [str(cast.north_1.id)]})
    calls, waits = shown(desk)
    assert (calls, len(waits)) == (["A001"], 3)
    set_to(sign_in, device_id, {"counters": [str(cast.north_1.id)], "services": [str(cast.passport.id)]})
    assert shown(desk) == ([], ["passport"])
    set_to(sign_in, device_id, {"counters": [], "services": []})
    assert len(shown(desk)[0]) == 2


def test_who_looks_without_a_device_asks_by_address(desk: Desk) -> None:
    assert shown(desk, f"{STATE}?services=passport") == (["B001"], ["passport"])
    assert shown(desk, f"{STATE}?counters=1")[0] == ["A001"]
    assert shown(desk, f"{STATE}?services=nothing&counters=1") == ([], [])
    page = desk.get(f"{BOARD}?services=passport&counters=2", language="ar", status=200)
    live = next(one.get("data-live") or "" for one in page.all("div") if one.get("data-live"))
    assert shown(desk, live) == (["B001"], ["passport"])


def test_only_what_the_branch_has_can_be_shown(cast: Cast, device_id: int) -> None:
    for field, services, numbers in (("services", [10_000], []), ("counters", [], [cast.harbour_1.id])):
        with pytest.raises(DeviceEntryError) as refusal, transaction() as session:
            devices.change(
                session, actor=cast.staff["adam"].actor, device=session.get_one(Device, device_id),
                name="By the stairs", service_ids=services, counter_ids=numbers,
            )  # fmt: skip
        assert refusal.value.field == field
    assert reading().get_one(Device, device_id).service_ids == []
