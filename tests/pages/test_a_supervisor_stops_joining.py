"""A supervisor stops the giving of tickets: every door says so, until the hour or until it is lifted."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.audit import AuditEntry
from govdesk.booking.hours.closures import ShutError
from govdesk.catalog.models import PublicService
from govdesk.db import reading, transaction
from govdesk.queue import service
from govdesk.queue.models import Ticket
from tests.desk import Desk
from tests.makers import Cast, make_appointment, make_slot, moment

SignIn = Callable[[str], Desk]
PATH = "/floor/north/joining"
WHY = {"reason_ar": "انقطاع النظام", "reason_en": "The system is down"}


def walk_in(cast: Cast, wanted: PublicService) -> str:
    with transaction() as session:
        given = service.issue(session, actor=cast.staff["reem"].actor, branch=cast.north, service=wanted)
        return given.number


def test_nobody_joins_what_is_stopped_until_it_is_lifted(cast: Cast, sign_in: SignIn) -> None:
    sara = sign_in("sara")
    sara.post(PATH, {"scope": cast.renewal.id, "until": "11:00", **WHY}, status=302)
    with pytest.raises(ShutError) as refusal:
        walk_in(cast, cast.renewal)
    assert refusal.value.params["reason"] in WHY.values()
    assert walk_in(cast, cast.passport) == "B001"  # the other services go on
    floor = sara.get("/floor/north", language="en")
    assert "No tickets until 11:00" in floor.main
    assert "Identity renewal. The system is down" in floor.main
    page = sara.get(PATH, language="en")
    lift = next(page.action(form) for form in page.forms() if page.action(form).endswith("/lift"))
    for _ in range(2):
        sara.submit(page, action=lift, status=302)
    assert walk_in(cast, cast.renewal) == "A001"
    acts = reading().scalars(
        select(AuditEntry.action).where(AuditEntry.action.like("joining.%")).order_by(AuditEntry.position)
    )
    assert list(acts) == ["joining.stopped", "joining.resumed"]


def test_a_stop_of_all_ends_by_itself(cast: Cast, sign_in: SignIn) -> None:
    sign_in("sara").post(PATH, {"scope": "all", "until": "10:00", **WHY}, status=302)
    with pytest.raises(ShutError):
        walk_in(cast, cast.passport)
    with clock.at(moment("10:00")):
        assert walk_in(cast, cast.passport) == "B001"


def test_a_stop_needs_a_time_to_come_and_a_reason_in_both_languages(cast: Cast, sign_in: SignIn) -> None:
    sara = sign_in("sara")
    early = sara.post(PATH, {"scope": "all", "until": "08:00", **WHY}, status=422)
    assert set(early.errors()) == {"until"}
    half = {"scope": "all", "until": "10:00", "reason_ar": "عطل", "reason_en": ""}
    assert set(sara.post(PATH, half, status=422).errors()) == {"reason_en"}


def test_only_who_supervises_the_branch_may_stop_it(cast: Cast, sign_in: SignIn) -> None:
    assert [sign_in(name).get(PATH).status for name in ("omar", "salim", "huda")] == [403] * 3


def test_who_has_booked_checks_in_at_the_kiosk_all_the_same(cast: Cast, desk: Desk, sign_in: SignIn) -> None:
    with transaction() as session:
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=moment("09:30"))
        booked = make_appointment(session, slot=slot, person=cast.nora)
    sign_in("sara").post(PATH, {"scope": "all", "until": "10:00", **WHY}, status=302)
    start = desk.get("/kiosk/north", language="en", status=200)
    assert "No tickets are given now: The system is down." in start.main
    desk.post("/kiosk/north/appointment", {"reference": booked.reference}, status=302)
    assert reading().scalars(select(Ticket.state)).one() == "waiting"
    for path in ("/reception/north", "/branches/north"):
        page = sign_in("reem").get(path, language="en")
        assert "No tickets are given now: The system is down." in page.main
        assert "branch is closed" not in page.main


def test_the_kiosk_offers_what_else_there_is_before_anything_is_typed(
    cast: Cast, desk: Desk, sign_in: SignIn
) -> None:
    sign_in("sara").post(PATH, {"scope": cast.renewal.id, "until": "10:00", **WHY}, status=302)
    page = desk.get("/kiosk/north/services/renewal", language="en", status=200)
    assert "No tickets are given for this here now: The system is down." in page.main
    assert "Open for it now: Harbour Branch." in page.main
    desk.submit(page, action="/kiosk/north/services/renewal/away", status=302)
    assert reading().scalars(select(Ticket.state)).one() == "turned_away"


def test_a_stop_to_the_end_of_the_day_lasts_until_the_branch_opens(
    cast: Cast, desk: Desk, sign_in: SignIn
) -> None:
    sign_in("sara").post(PATH, {"scope": "all", "until": "00:00", **WHY}, status=302)
    assert "from: 5 October, 08:00" in desk.get("/kiosk/north", language="en").main
