"""A ticket has one slip, however often it is pressed for; without paper it is on the screen, never lost."""

import threading
import time
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from govdesk import clock
from govdesk.catalog import branches
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.notify.models import Message
from govdesk.queue import devices, printing
from govdesk.queue.device_models import Device, Slip
from govdesk.queue.models import Ticket
from govdesk.queue.printing import Paper, PrinterError
from tests.desk import Desk, preset
from tests.makers import MORNING, Cast
from tests.printer import CUT, NO_PAPER, Printer, printer

TAKE = "/kiosk/north/services/renewal"
NOBODY = "127.0.0.1:9"  # where nothing listens


def kiosk(app: Flask, cast: Cast, address: str, *, is_paper_only: bool = False) -> Desk:
    """A registered kiosk with a network printer."""
    with transaction() as session:
        adam, north = cast.staff["adam"].actor, session.get_one(Branch, cast.north.id)
        device, code = devices.register(session, actor=adam, branch=north, kind="kiosk", name="East")
        devices.change(
            session, actor=adam, device=device, name="East", printing="network", printer=address,
            is_paper_only=is_paper_only,
        )  # fmt: skip
    browser = Desk(app)
    browser.post("/device", {"code": code}, status=302)
    return browser


def count(model: type[Ticket | Slip]) -> int:
    reading().rollback()
    return reading().scalar(select(func.count()).select_from(model)) or 0


def slip() -> Slip:
    reading().rollback()
    return reading().scalars(select(Slip).order_by(Slip.id.desc()).limit(1)).one()


def printed(on: Printer, slips: int) -> list[bytes]:
    """What came out, once the printer has seen the line closed."""
    for _ in range(100):
        if len(on.slips) >= slips:
            break
        time.sleep(0.01)
    return on.slips


def test_two_presses_give_one_ticket_and_one_slip(app: Flask, cast: Cast) -> None:
    with printer() as paper:
        browser = kiosk(app, cast, paper.address)
        shown = browser.get(TAKE)
        answers = [browser.submit(shown), browser.submit(shown)]
        assert answers[0].location == answers[1].location
        assert "Please take your slip" in browser.get(str(answers[0].location), language="en").main
        assert (count(Ticket), count(Slip), slip().state) == (1, 1, "printed")
        slips = printed(paper, 1)
    assert len(slips) == 1
    assert slips[0].count(CUT) == 1


def test_two_presses_at_once_give_one_slip(app: Flask, cast: Cast) -> None:
    with printer() as paper:
        browser = kiosk(app, cast, paper.address)
        shown = browser.get(TAKE)
        sent = preset(shown.form())
        cookies = {name: browser.flask.get_cookie(name) for name in ("govdesk", "govdesk_device")}
        answers: list[int] = []

        def press() -> None:
            client = app.test_client()
            for name, cookie in cookies.items():
                assert cookie is not None
                client.set_cookie(name, cookie.value)
            with clock.at(MORNING):
                answers.append(client.post(TAKE, data=sent).status_code)

        presses = [threading.Thread(target=press) for _ in range(2)]
        for one in presses:
            one.start()
        for one in presses:
            one.join()
        assert answers == [302, 302]
        assert (count(Ticket), count(Slip)) == (1, 1)
        assert len(printed(paper, 1)) == 1


@pytest.mark.parametrize("answer", [None, NO_PAPER], ids=["switched off", "no paper"])
def test_a_lost_slip_leaves_the_ticket_on_the_screen_and_by_message(
    app: Flask, cast: Cast, answer: bytes | None
) -> None:
    with printer(answer) as paper:
        browser = kiosk(app, cast, paper.address if answer else NOBODY)
        taken = browser.post(TAKE, status=302, language="en")
        assert (slip().state, count(Ticket)) == ("failed", 1)
        page = browser.get(str(taken.location), language="en")
        assert "The slip did not come out" in page.main
        assert page.all("img", "qr")
        send = page.action(page.form(names={"phone": ""}))
        wrong = browser.submit(page, {"phone": "12"}, action=send, status=422)
        assert wrong.errors()["phone"]
        for _twice in range(2):
            browser.submit(page, {"phone": "0501234512"}, action=send, status=302)
        assert paper.slips == []
    message = reading().scalars(select(Message)).one()
    assert (message.key, message.address, message.channel) == ("ticket_link", "+966501234512", "sms")
    assert count(Ticket) == 1


def test_a_kiosk_of_paper_only_gives_no_ticket_while_its_printer_is_out(app: Flask, cast: Cast) -> None:
    with printer(NO_PAPER) as paper:
        browser = kiosk(app, cast, paper.address, is_paper_only=True)
        refused = browser.post(TAKE, status=503, language="en")
        assert "The printer is out, so this kiosk gives no ticket now" in refused.main
        assert (count(Ticket), count(Slip)) == (0, 0)
        assert reading().scalars(select(Device)).one().printer_failed_at is not None
        paper.answer = b"\x12"
        browser.post(TAKE, status=302)
        assert (count(Ticket), slip().state) == (1, "printed")
    assert reading().scalars(select(Device)).one().printer_failed_at is None


def test_reception_prints_a_copy_and_says_so(
    cast: Cast, sign_in: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Paper] = []
    monkeypatch.setattr(printing, "send", lambda _printer, paper: sent.append(paper))
    with transaction() as session:
        north = session.get_one(Branch, cast.north.id)
        branches.set_door(
            session, actor=cast.staff["adam"].actor, branch=north, demands_devices=False, printer=NOBODY
        )
    reem = sign_in("reem")
    given = reem.post(
        "/reception/north/tickets",
        {"service": "renewal", "language": "en"},
        page="/reception/north",
        status=302,
    )
    page = reem.follow(given)
    reem.submit(page, action=f"{given.location}/print", status=302)
    assert [(one.number, one.mark) for one in sent] == [("A001", ""), ("A001", "COPY")]
    assert sent[0].lines[0] == "Identity renewal"
    assert count(Ticket) == 1


def test_a_printer_that_never_answers_for_its_paper_still_prints() -> None:
    paper = Paper("ar", "A012", ("تجديد الهوية", "فرع الشمال"), "http://localhost/ticket/x")
    with printer(None) as silent:
        printing.send(silent.address, paper)
        assert len(printed(silent, 1)) == 1
    with pytest.raises(PrinterError, match="does not answer"):
        printing.probe(NOBODY)


def test_arabic_letters_on_a_slip_are_joined_and_set_from_the_right() -> None:
    if not printing.can_shape():
        pytest.skip("Pillow finds no libfribidi here")
    joined = printing.draw(Paper("ar", "A1", ("سلام",), "x"))
    apart = printing.draw(Paper("ar", "A1", ("س\u200cل\u200cا\u200cم",), "x"))
    assert joined.size == apart.size
    assert joined.tobytes() != apart.tobytes()


def test_where_arabic_cannot_be_joined_the_slip_has_its_number_and_code_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(printing, "can_shape", lambda: False)
    data = printing.render(Paper("ar", "A012", ("تجديد الهوية",), "http://localhost/ticket/x"))
    assert b"A012\n" in data
    assert data.count(b"\x1dv0") == 1  # the code, as an image
