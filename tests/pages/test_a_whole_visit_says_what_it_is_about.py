"""Each part of a visit says which vehicle or property it is about, where its service wants to know."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.db import reading, transaction
from tests.api import Program, make_token
from tests.desk import Desk, Page
from tests.makers import MORNING, Cast, make_slot

TOMORROW = MORNING + dt.timedelta(days=1)
DAY = "branch=north&day=2026-10-05"
WHO = {"name": "نورة العتيبي", "phone": "0501234567"}
NORA = {"name": "Nora Ali", "phone": "+966501234567"}
PLATE, OTHER, DEED = "أ ب ح ١٢٣٤", "1234 JBA", "310-22"
AS_KEPT = ("1234ابح", "31022")


@pytest.fixture
def slots(app: Flask, cast: Cast) -> dict[str, list[int]]:
    """Two services that ask: a renewal is about a vehicle, a passport (of all things) about a property."""
    with transaction() as session:
        session.merge(cast.renewal).object_kind = "vehicle"
        session.merge(cast.passport).object_kind = "property"
        return {
            service.code: [
                make_slot(
                    session, branch=cast.north, service=service, capacity=2,
                    starts_at=TOMORROW + n * dt.timedelta(minutes=30),
                ).id
                for n in range(3)
            ]
            for service in (cast.renewal, cast.passport)
        }  # fmt: skip


def kept() -> list[tuple[int, str | None]]:
    reading().rollback()
    rows = reading().scalars(select(Appointment).order_by(Appointment.id))
    return [(one.member, one.object_ref) for one in rows if one.state == "booked"]


def hold(desk: Desk, slot_id: int, query: str) -> Page:
    shown = desk.get(f"/book/renewal/time?{DAY}&{query}", language="en")
    return desk.follow(desk.submit(shown, {"slot": str(slot_id)}, action="/book/renewal/time", status=302))


def test_two_services_of_one_person_are_asked_apart_and_what_was_typed_stays(
    desk: Desk, slots: dict[str, list[int]]
) -> None:
    held = hold(desk, slots["renewal"][0], "also=passport")
    assert "Identity renewal, for you" in held.main
    sent = {"object_0": PLATE, "object_1": DEED}
    refused = desk.submit(held, WHO | sent | {"phone": "12"}, action=held.path, status=422)
    assert list(refused.errors()) == ["phone"]
    assert PLATE in refused.html
    assert DEED in refused.html
    desk.submit(refused, {"phone": WHO["phone"]}, action=held.path, status=302)
    assert kept() == [(0, AS_KEPT[0]), (0, "310-22")]


def test_each_of_a_family_has_a_vehicle_of_their_own(desk: Desk, slots: dict[str, list[int]]) -> None:
    held = hold(desk, slots["renewal"][0], "others=renewal")
    sent = WHO | {"name_1": "سارة العتيبي", "object_0": PLATE, "object_1": "5555 ABD"}
    wrong = desk.submit(held, sent | {"object_1": "9" * 61}, action=held.path, status=422)
    assert list(wrong.errors()) == ["object_1"]
    desk.submit(held, sent, action=held.path, status=302)
    (first, own), (second, theirs) = kept()
    assert (first, own, second) == (0, AS_KEPT[0], 1)
    assert theirs not in {None, own}


def test_reception_asks_for_one_and_for_all_of_a_visit(
    slots: dict[str, list[int]], sign_in: Callable[[str], Desk]
) -> None:
    reem = sign_in("reem")
    here = "/reception/north/book"
    one = reem.get(f"{here}?service=renewal&day=2026-10-05", language="en")
    sent = {"slot": str(slots["renewal"][2]), "object_0": OTHER}
    wrong = reem.submit(one, WHO | sent | {"name": ""}, action=here, status=422)
    assert OTHER in wrong.html
    reem.submit(wrong, WHO | sent, action=here, status=302)
    assert kept() == [(0, AS_KEPT[0])]
    several = reem.get(f"{here}?service=renewal&day=2026-10-05&others=passport", language="en")
    assert [one.text for one in several.all("legend") if "Passport" in (one.text or "")] != []
    sent = {"slot": str(slots["renewal"][0]), "name_1": "سارة", "object_0": "", "object_1": DEED}
    who = {"name": "ريم", "phone": "0507777777"}
    reem.submit(several, who | sent, action=here, status=302)
    assert kept()[1:] == [(0, None), (1, "310-22")]


def test_a_booked_one_is_accompanied_by_another_matter(desk: Desk, slots: dict[str, list[int]]) -> None:
    held = hold(desk, slots["renewal"][0], "")
    booked = desk.follow(desk.submit(held, WHO | {"object_ref": PLATE}, action=held.path, status=302))
    more = desk.get(f"{booked.path}/more?service=passport", language="en")
    desk.submit(more, {"slot": str(slots["passport"][1]), "object_ref": DEED}, status=302)
    assert kept() == [(0, AS_KEPT[0]), (0, "310-22")]


def test_a_program_says_it_of_each(app: Flask, cast: Cast, slots: dict[str, list[int]]) -> None:
    program = Program(app, make_token("booking", branch=cast.north))
    sent = {
        "slot": slots["renewal"][0], "service": "renewal", "also": ["passport"], "person": NORA,
        "object": OTHER, "others": [{"service": "renewal", "name": "Sara Ali", "object": "5555 ABD"}],
    }  # fmt: skip
    wrong = sent | {"also_objects": [{"service": "renewal", "object": DEED}]}
    refusal = program.post("/appointments", wrong, status=422)
    assert refusal["errors"][0]["field"] == "also_objects.0.service"
    sent["also_objects"] = [{"service": "passport", "object": DEED}]
    with clock.at(MORNING):
        program.post("/appointments", sent, status=201)
    told = kept()
    assert [told[0], told[1]] == [(0, AS_KEPT[0]), (0, "310-22")]
    assert told[2][0] == 1
    assert told[2][1] not in {None, AS_KEPT[0]}
    alone = {"slot": slots["renewal"][2], "service": "renewal", "person": {**NORA, "phone": "0507777777"}}
    alone["also_objects"] = [{"service": "passport", "object": DEED}]
    refusal = program.post("/appointments", alone, status=422)
    assert refusal["errors"][0]["field"] == "also_objects"
