"""The groups whom the law puts first are an installation's own: added, renamed, and taken out of use."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk.audit import AuditEntry
from govdesk.booking.models import Appointment
from govdesk.catalog import priorities
from govdesk.catalog.priority_models import PriorityGroup
from govdesk.db import reading, transaction
from govdesk.queue import service
from govdesk.queue.models import Ticket
from tests.api import Program, make_token
from tests.desk import Desk
from tests.kpi_makers import make_visit
from tests.makers import MORNING, Cast, make_appointment, make_slot, make_ticket, open_counter

SignIn = Callable[[str], Desk]
DONOR = {"name_ar": "متبرع بالدم", "name_en": "Blood donor"}


def describe(cast: Cast, code: str, **given: Any) -> None:
    with transaction() as session:
        priorities.describe_group(session, actor=cast.staff["adam"].actor, code=code, **{**DONOR, **given})


def newest() -> Ticket:
    reading().rollback()
    return reading().scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()


def offered(page: Any, name: str = "priority") -> list[str]:
    return [one.get("value") for one in page.all("input") if one.get("name") == name]


def test_an_installation_begins_with_the_four_of_before(cast: Cast) -> None:
    known = [(one.code, one.is_stated, one.is_active) for one in priorities.known(reading())]
    assert known == [(code, True, True) for code in ("elderly", "disability", "pregnant", "infant")]


def test_an_admin_adds_a_group_and_reception_gives_it_first_place(
    cast: Cast, sign_in: SignIn, morning: object
) -> None:
    adam = sign_in("adam")
    adam.post("/admin/first/new", {"code": "donor", **DONOR}, status=302)
    listed = adam.get("/admin/first", language="en")
    assert "Blood donor" in listed.words("th")
    row = reading().get_one(PriorityGroup, "donor")
    assert (row.position, row.is_stated, row.is_active) == (5, True, True)
    entry = reading().scalars(select(AuditEntry).order_by(AuditEntry.position.desc()).limit(1)).one()
    assert (entry.action, entry.subject) == ("priority_group.added", "priority_group:donor")
    with transaction() as session:
        make_ticket(session, branch=cast.north, service=cast.renewal)
        open_counter(session, counter=cast.north_1, staff=cast.staff["omar"])
    reem = sign_in("reem")
    page = reem.get("/reception/north", language="en")
    assert offered(page) == ["none", "elderly", "disability", "pregnant", "infant", "donor"]
    assert "Blood donor" in page.main
    reem.submit(
        page, {"service": "renewal", "priority": "donor"}, action="/reception/north/tickets", status=302
    )
    ticket = newest()
    assert (ticket.priority, ticket.call_class) == ("donor", "priority")
    with transaction() as session:
        called = service.call_next(session, actor=cast.staff["omar"].actor)
        assert called is not None
        assert called.id == ticket.id
    assert "متبرع بالدم" in sign_in("omar").get("/counter", language="ar").main


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"code": "infant", **DONOR}, "code"),
        ({"code": "none", **DONOR}, "code"),
        ({"code": "Blood donor", **DONOR}, "code"),
        ({"code": "donor", "name_ar": "متبرع", "name_en": ""}, "name_en"),
        ({"code": "donor", **DONOR, "position": "0"}, "position"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_typed_is_lost(
    cast: Cast, sign_in: SignIn, given: dict[str, str], field: str
) -> None:
    page = sign_in("adam").post("/admin/first/new", {"meant_ar": "ببطاقته", **given}, status=422)
    assert list(page.errors()) == [field]
    kept = {one.get("name"): one.get("value") for one in page.all("input")}
    assert kept["name_ar"] == given["name_ar"]
    assert "ببطاقته" in page.main
    assert [one.code for one in priorities.known(reading())][4:] == []


def test_a_group_that_only_reception_gives_is_not_offered_to_people_themselves(
    cast: Cast, desk: Desk, sign_in: SignIn, morning: object
) -> None:
    describe(cast, "hero", name_ar="بطل", name_en="Hero")
    describe(cast, "donor", is_stated=False, meant_ar="ببطاقته", meant_en="Whoever shows the card")
    cards = desk.get("/kiosk/north/priority", language="en")
    ways = [one.get("href") or "" for one in cards.all("a")]
    assert any("priority=hero" in way for way in ways)
    assert not any("priority=donor" in way for way in ways)
    for shown in (cards, desk.get("/kiosk/north/services/renewal", language="en")):
        assert "In any month of the pregnancy." in shown.main
        assert "Reception also gives priority to: Blood donor." in shown.main
        assert "Whoever shows the card" not in shown.main
    booking = sign_in("reem").get("/reception/north/book?service=renewal", language="en")
    assert "Whoever shows the card" in booking.main
    assert "donor" in offered(booking)
    take = desk.get("/kiosk/north/services/renewal?priority=donor", language="en")
    desk.submit(take, {}, status=302)
    assert newest().priority == "none"
    desk.submit(take, {"priority": "donor"}, status=422)
    desk.submit(take, {"priority": "hero"}, status=302)
    assert newest().priority == "hero"
    assert "donor" in offered(sign_in("reem").get("/reception/north"))
    with transaction() as session:
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=MORNING)
        appointment = make_appointment(session, slot=slot, person=cast.nora)
        made = service.check_in(
            session, actor=cast.staff["reem"].actor, appointment=appointment, priority="donor"
        )
        assert made.priority == "donor"


def test_a_group_out_of_use_keeps_its_name_and_its_place_on_what_has_it(
    cast: Cast, sign_in: SignIn, morning: object
) -> None:
    describe(cast, "donor")
    with transaction() as session:
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=MORNING)
        appointment = make_appointment(session, slot=slot, person=cast.nora, priority="donor").id
    describe(cast, "donor", is_active=False)
    page = sign_in("reem").get("/reception/north", language="en")
    assert "donor" not in offered(page)
    with transaction() as session:  # it was promised when they booked
        came = service.check_in(
            session, actor=cast.staff["reem"].actor, appointment=session.get_one(Appointment, appointment)
        )
        assert (came.priority, came.call_class) == ("donor", "priority")
    with transaction() as session:
        open_counter(session, counter=cast.north_1, staff=cast.staff["omar"])
        service.call_next(session, actor=cast.staff["omar"].actor)
    assert "Blood donor" in sign_in("omar").get("/counter", language="en").main


def test_what_no_group_is_called_counts_as_none(cast: Cast, morning: object) -> None:
    with transaction() as session:
        made = service.issue(
            session, actor=cast.staff["reem"].actor, branch=cast.north, service=cast.renewal,
            priority="nobody",
        )  # fmt: skip
        assert (made.priority, made.call_class) == ("none", "walk_in")


def test_a_program_that_speaks_for_people_says_what_they_may_say(
    cast: Cast, app: Flask, morning: object
) -> None:
    describe(cast, "donor", is_stated=False)
    sent = {"branch": "north", "service": "renewal", "priority": "donor"}
    refused = Program(app, make_token("kiosk")).post("/tickets", sent, status=422)
    assert "none, elderly, disability, pregnant, infant" in str(refused)
    Program(app, make_token("counter")).post("/tickets", sent, status=201)
    assert newest().priority == "donor"


def test_reception_books_for_a_group_that_only_it_gives(cast: Cast, sign_in: SignIn, morning: object) -> None:
    describe(cast, "donor", is_stated=False)
    with transaction() as session:
        slot = make_slot(session, branch=cast.north, service=cast.renewal).id
    reem = sign_in("reem")
    page = reem.get("/reception/north/book?service=renewal&day=2026-10-05")
    sent = {"slot": str(slot), "name": "خالد الحربي", "phone": "0551234567", "priority": "donor"}
    reem.submit(page, sent, action="/reception/north/book", status=302)
    assert reading().scalars(select(Appointment)).one().priority == "donor"


def test_a_program_is_told_the_groups_in_use(cast: Cast, app: Flask, morning: object) -> None:
    describe(cast, "donor")
    describe(cast, "infant", name_ar="مع رضيع", name_en="With an infant", is_active=False)
    program = Program(app, make_token("counter"))
    sent = {"branch": "north", "service": "renewal", "priority": "infant"}
    refused = program.post("/tickets", sent, status=422)
    assert "none, elderly, disability, pregnant, donor" in str(refused)
    program.post("/tickets", {**sent, "priority": "donor"}, status=201)
    assert newest().priority == "donor"


def test_a_program_reads_the_groups_it_may_say(cast: Cast, app: Flask, morning: object) -> None:
    describe(cast, "donor", is_stated=False, meant_ar="ببطاقته", meant_en="With the card")
    describe(cast, "infant", name_ar="مع رضيع", name_en="With an infant", is_active=False)
    own = ["elderly", "disability", "pregnant"]
    at_counter = Program(app, make_token("counter")).get("/priority-groups")
    assert [one["id"] for one in at_counter] == [*own, "donor"]
    assert at_counter[-1] == {
        "id": "donor", "name": "Blood donor", "names": {"ar": "متبرع بالدم", "en": "Blood donor"},
        "meant": {"ar": "ببطاقته", "en": "With the card"}, "is_stated": False,
    }  # fmt: skip
    booking = Program(app, make_token("booking"))
    assert [one["id"] for one in booking.get("/priority-groups")] == own
    first = booking.ask("GET", "/priority-groups", status=200, query_string={"limit": 2})
    assert 'rel="next"' in first.headers["Link"]


def test_without_any_group_nobody_is_asked(cast: Cast, desk: Desk, morning: object) -> None:
    shown = desk.get("/kiosk/north", language="en")
    assert "/kiosk/north/priority" in shown.links()
    for one in [*priorities.known(reading())]:
        describe(cast, one.code, name_ar=one.name_ar, name_en=one.name_en, is_active=False)
    shown = desk.get("/kiosk/north", language="en")
    assert "/kiosk/north/priority" not in shown.links()
    take = desk.get("/kiosk/north/services/renewal", language="en")
    assert offered(take) == []
    desk.submit(take, {}, status=302)
    assert newest().priority == "none"


@pytest.mark.parametrize("path", ["/figures/equity?by=priority", "/figures/abandonment_rate?by=priority"])
def test_figures_name_the_groups(cast: Cast, sign_in: SignIn, morning: object, path: str) -> None:
    describe(cast, "donor")
    with transaction() as session:
        for place in range(12):
            make_visit(
                session, "09-02", branch=cast.north, service=cast.renewal, person=None,
                status="abandoned" if place % 2 else "served", priority="donor" if place < 6 else "none",
            )  # fmt: skip
    page = sign_in("huda").get(path, language="en")
    assert "Blood donor" in page.main
