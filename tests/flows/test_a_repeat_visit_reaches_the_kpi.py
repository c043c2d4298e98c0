"""The whole product in one story: a person is sent home, comes back, and the head of department sees it."""

import datetime as dt
from collections.abc import Callable

from sqlalchemy import func, select

from govdesk import clock, outbox, wiring
from govdesk.cases.models import Visit
from govdesk.db import reading
from govdesk.kpi import service as kpi
from govdesk.outbox import OutboxEvent
from govdesk.queue.models import Ticket
from tests.desk import Desk
from tests.makers import MORNING, Cast

SignIn = Callable[[str], Desk]
BENCH = "/counter"


def come_and_be_called(cast: Cast, sign_in: SignIn) -> tuple[Desk, int]:
    """Nora takes a ticket at reception and Omar calls her; his browser and her ticket."""
    reem = sign_in("reem")
    form = {"service": cast.renewal.code, "identity": cast.nora_number, "priority": "none", "language": "ar"}
    reem.post("/reception/north/tickets", form, page="/reception/north", status=302)
    omar = sign_in("omar")
    omar.post("/counter/open", {"counter": cast.north_1.id}, page=BENCH, status=302)
    called = omar.post("/counter/next", page=BENCH, status=302)
    return omar, int((called.location or "").rpartition("=")[2])


def conclude(omar: Desk, ticket: int, **form: str) -> set[str]:
    """Omar concludes, gets up, and what follows from it happens: the events that were told, all heard."""
    omar.post(f"/counter/ticket/{ticket}/conclude", form, page=BENCH, status=302)
    omar.post("/counter/close", {"close-reason": "shift_over"}, page=BENCH, status=302)
    before = reading().scalar(select(func.max(OutboxEvent.id).filter(OutboxEvent.delivered_at.is_not(None))))
    outbox.deliver_due(wiring.HANDLERS)
    rows = reading().execute(
        select(OutboxEvent.name, OutboxEvent.delivered_at).where(OutboxEvent.id > (before or 0))
    )
    told = {name: heard_at for name, heard_at in rows}  # noqa: C416 - rows, of which dict() knows not
    assert None not in told.values()
    return set(told)


def test_a_repeat_visit_is_a_failure_of_the_first(cast: Cast, sign_in: SignIn) -> None:
    omar, first = come_and_be_called(cast, sign_in)
    told = conclude(omar, first, outcome="unresolved", cause="papers")
    assert told == {"ticket.named", "ticket.ended"}
    with clock.at(MORNING + dt.timedelta(days=4)):
        omar, second = come_and_be_called(cast, sign_in)
        assert "banner" in omar.get(BENCH).html
        told = conclude(omar, second, outcome="resolved", return_reason="papers")
        assert told == {"ticket.named", "ticket.ended", "visit.repeated", "recovery.opened"}
        young = kpi.figure(reading(), "repeat_visit_rate").as_json()["rows"][0]
    assert (young["value"], young["pending"]) == (None, 1), "too young to be judged, though it has failed"

    with clock.at(MORNING + dt.timedelta(days=40)):
        rate = kpi.figure(reading(), "repeat_visit_rate", by=("unit",)).as_json()["rows"]
        load = kpi.figure(reading(), "avoidable_visit_share").as_json()["rows"][0]
        page = sign_in("huda").get("/figures/repeat_visit_rate", language="en")
    assert [(row["group"], row["numerator"], row["denominator"]) for row in rate] == [
        ({"unit": "north/civil"}, 1, 1)
    ]
    assert (load["numerator"], load["denominator"]) == (1, 2)
    assert "come back for the same need" in page.heading

    visits = {visit.visit_no: visit for visit in reading().query(Visit)}
    back = visits[str(second)]
    assert (back.class_name, back.charged_unit, back.reason) == ("repeat", "north/civil", "papers")
    assert back.charged_visit_id == visits[str(first)].id
    assert reading().get_one(Ticket, second).return_reason == "papers"
