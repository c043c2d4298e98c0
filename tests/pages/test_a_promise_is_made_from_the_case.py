"""Something is promised from the file of a case: the person, who is not there, is told; the promise waits."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.cases.commitments.models import Commitment
from govdesk.cases.models import Case
from govdesk.cases.work import promising, service
from govdesk.db import reading, transaction
from govdesk.errors import DeskError, NotAllowedError
from govdesk.notify.models import Message
from govdesk.people.models import Person, PersonContact
from tests.desk import Desk
from tests.flows import office_days as day
from tests.makers import SUNDAY, Cast

SignIn = Callable[[str], Desk]
DUE = SUNDAY + dt.timedelta(days=4)
SENT = {"promise-what": "We send the certificate", "promise-due_on": DUE.isoformat()}


@pytest.fixture
def case(cast: Cast) -> Case:
    """Nora, who reads Arabic, was not helped on the first day."""
    day.sit_down(cast)
    with transaction() as session:
        session.get_one(PersonContact, cast.nora.id).phone = "+966501234567"
        session.get_one(Person, cast.nora.id).language = "ar"
    day.serve(cast, 0, cast.nora, "unresolved", cause="papers", object_ref="ID-7")
    (case,) = day.cases()
    return case


def made() -> list[Commitment]:
    reading().rollback()
    return list(reading().scalars(select(Commitment)).unique())


def test_it_is_made_once_the_person_is_told_and_the_file_shows_both(
    case: Case, sign_in: SignIn, cast: Cast
) -> None:
    with clock.at(day.when(0, "11:00")):
        omar = sign_in("omar")
        path = f"/cases/{case.id}"
        file = omar.get(path, language="en", status=200)
        for _ in range(2):  # the same page twice
            omar.submit(file, SENT, action=f"{path}/promise", status=302)
    day.hear(0)
    (given,) = made()
    assert (given.person_id, given.ticket_id, given.origin) == (cast.nora.id, None, "case")
    assert (given.branch_id, given.object_ref, given.language) == (cast.north.id, "id-7", "ar")
    assert (given.owner_id, given.due_on) == (int(cast.staff["omar"].actor.id), DUE)
    (told,) = reading().scalars(select(Message).where(Message.key == "commitment_made"))
    assert (told.about, told.language) == (f"commitment:{given.id}", "ar")
    with clock.at(day.when(0, "11:05")):
        file = omar.get(path, language="en")
        assert "We send the certificate" in file.main
        assert "Promise made" in file.main
        assert "We send the certificate" in omar.get("/work/promises", language="en").main


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"promise-what": ""}, "promise-what"),
        ({"promise-due_on": ""}, "promise-due_on"),
        ({"promise-due_on": (SUNDAY - dt.timedelta(days=1)).isoformat()}, "promise-due_on"),
    ],
)
def test_what_is_missing_is_said_beside_its_field_and_the_rest_stays(
    case: Case, sign_in: SignIn, sent: dict[str, str], wrong: str
) -> None:
    path = f"/cases/{case.id}"
    with clock.at(day.when(0, "11:00")):
        page = sign_in("omar").post(f"{path}/promise", SENT | sent, page=path, status=422)
    assert set(page.errors()) == {wrong}
    if wrong != "promise-what":
        assert "We send the certificate" in page.html
    assert made() == []


def test_nothing_is_promised_when_the_need_is_met_or_by_who_does_not_work_on_it(
    case: Case, cast: Cast
) -> None:
    def promise(who: str) -> None:
        with clock.at(day.when(0, "12:00")), transaction() as session:
            actor = cast.staff[who].actor
            promising.promise(session, actor=actor, case_id=case.id, what="We call you", due_on=DUE)

    for other in ("hamad", "reem"):
        with pytest.raises(NotAllowedError):
            promise(other)
    promise("sara")
    with clock.at(day.when(0, "12:05")), transaction() as session:
        actor = cast.staff["omar"].actor
        service.resolve(session, actor=actor, case_id=case.id, words="Sent", by="telephone")
    with pytest.raises(DeskError, match="is_resolved"):
        promise("omar")
    assert len(made()) == 1


def test_who_stands_at_the_counter_is_not_written_to(cast: Cast, sign_in: SignIn) -> None:
    day.sit_down(cast)
    with transaction() as session:
        session.get_one(PersonContact, cast.nora.id).phone = "+966501234567"
    ticket = day.arrive(cast, 0, "09:00", cast.nora)
    day.call(cast, 0, "09:00")
    sign_in("omar").post(f"/counter/ticket/{ticket}/promise", SENT, page="/counter", status=302)
    day.hear(0)
    assert len(made()) == 1
    assert reading().scalars(select(Message).where(Message.key == "commitment_made")).all() == []
