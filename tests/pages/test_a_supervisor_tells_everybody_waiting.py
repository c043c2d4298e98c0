"""A supervisor tells everybody who waits: by message, on the board and on phones, each in their language."""

from collections.abc import Callable

from sqlalchemy import select

from govdesk import clock
from govdesk.audit import AuditEntry
from govdesk.db import reading, transaction
from govdesk.notify.models import Message
from govdesk.people import service as people
from govdesk.queue import service
from tests.desk import Desk
from tests.makers import Cast, moment

SignIn = Callable[[str], Desk]
PATH = "/floor/north/message"
WORDS = {"text_ar": "النظام متوقف ربع ساعة", "text_en": "The system is down for a quarter of an hour"}


def wait(cast: Cast) -> str:
    """Nora, who can be reached, waits with two tickets, and somebody of whom nothing is known."""
    with transaction() as session:
        nora, reem = session.merge(cast.nora), cast.staff["reem"].actor
        people.note_contact(session, actor=reem, person=nora, name="Nora", phone="+966501234567")
        for wanted, person in ((cast.renewal, nora), (cast.passport, nora), (cast.renewal, None)):
            ticket = service.issue(
                session, actor=reem, branch=cast.north, service=wanted, person=person, language="en"
            )
        return ticket.token


def test_each_person_is_told_once_and_all_screens_say_it(cast: Cast, sign_in: SignIn) -> None:
    token = wait(cast)
    sara = sign_in("sara")
    before = sara.get(f"/ticket/{token}/state.json").json
    page = sara.get(PATH, language="en")
    assert "2 people wait now." in page.main
    for _ in range(2):
        sara.submit(page, {**WORDS, "until": "10:00"}, action=PATH, status=302)
    message = reading().scalars(select(Message).where(Message.key == "hall_message")).one()
    assert message.values is not None
    assert (message.person_id, message.values["text"]) == (cast.nora.id, WORDS["text_en"])
    assert WORDS["text_en"] in sara.get(f"/ticket/{token}", language="en").main
    assert WORDS["text_ar"] in sara.get(f"/ticket/{token}", language="ar").main
    assert sara.get(f"/ticket/{token}/state.json").json["notices"] != before["notices"]
    assert WORDS["text_ar"] in sara.get("/board/north", language="ar").html
    with clock.at(moment("10:00")):
        assert WORDS["text_en"] not in sara.get(f"/ticket/{token}", language="en").main
    acts = reading().scalars(select(AuditEntry.action).where(AuditEntry.action == "hall.told"))
    assert len(list(acts)) == 1


def test_what_is_said_needs_both_languages_and_a_time_to_come(cast: Cast, sign_in: SignIn) -> None:
    sara = sign_in("sara")
    assert set(sara.post(PATH, {**WORDS, "text_en": "", "until": "10:00"}, status=422).errors()) == {
        "text_en"
    }
    assert set(sara.post(PATH, {**WORDS, "until": "08:00"}, status=422).errors()) == {"until"}


def test_only_who_supervises_the_branch_speaks_to_it(cast: Cast, sign_in: SignIn) -> None:
    assert [sign_in(name).get(PATH).status for name in ("omar", "salim")] == [403] * 2
