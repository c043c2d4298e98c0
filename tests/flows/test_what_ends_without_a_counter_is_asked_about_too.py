"""A need met without a visit, an answered complaint, a second visit, a missed appointment; and silence."""

import datetime as dt

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.cases.models import Case
from govdesk.cases.recovery.models import RecoveryTrigger
from govdesk.cases.silent import looking
from govdesk.cases.silent.models import Voice
from govdesk.cases.work import service as cases
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.errors import DeskError
from govdesk.feedback.asking import ends, following
from govdesk.feedback.asking.models import Invitation, Wave
from govdesk.feedback.complaints import service as complaints
from govdesk.people import service as people
from govdesk.people.models import Person
from tests.flows.asked import (
    PHONE,
    ask_everybody,
    came,
    follow,
    hear,
    invitation,
    invitations,
    make_programme,
    make_wave,
    note_answered,
    questions,
    reach,
    send,
    served,
    visited,
)
from tests.makers import SUNDAY, Cast, make_appointment, make_questionnaire, make_slot, moment

MONDAY, TUESDAY = SUNDAY + dt.timedelta(days=1), SUNDAY + dt.timedelta(days=2)


def test_a_need_met_by_message_is_an_end(cast: Cast) -> None:
    ask_everybody()
    served(cast, came(cast, "10:00", cast.nora), "10:10", outcome="unresolved")
    assert send("12:00") == 1  # about the visit
    with clock.at(moment("09:00", TUESDAY)):
        with transaction() as session:
            case_id = session.scalars(select(Case.id)).one()
            cases.resolve(
                session, actor=cast.staff["sara"].actor, case_id=case_id, words="The card is on its way."
            )
        hear()
    visit, case = invitations()
    assert (visit.occasion, visit.outcome) == ("served", "unresolved")
    assert (case.occasion, case.about, case.outcome) == ("resolved_away", f"case:{case_id}", "resolved")
    assert send("09:05", TUESDAY) == 0
    assert invitations()[1].why_spared == "fatigue"  # asked two days ago


def test_a_complaint_is_asked_about_a_day_after_its_answer_whatever_else_was_asked(cast: Cast) -> None:
    ask_everybody("after_service", "complaint")
    with transaction() as session:
        person = people.identify_contact(session, actor=VISITOR, phone=PHONE, name="Nora")
        people.note_contact(session, actor=VISITOR, person=person, phone=PHONE, name="Nora")
        made = complaints.complain(
            session, actor=VISITOR, about="wait", words="Two hours", channel="web", language="en",
            branch=session.get_one(Branch, cast.north.id), person=person,
        )  # fmt: skip
        sara = cast.staff["sara"].actor
        complaints.assess(session, actor=sara, complaint_id=made.id, verdict="not_justified")
    visited(cast, "10:00", person)
    assert send("11:00") == 1
    with clock.at(moment("12:00")):
        with transaction() as session:
            complaints.answer(session, actor=sara, complaint_id=made.id, words="Here is why.")
        hear()
    assert (send("11:59", MONDAY), send("12:00", MONDAY)) == (0, 1)
    assert [one.key for one in questions()] == ["question_after", "question_complaint"]
    month_later = SUNDAY + dt.timedelta(days=90)  # since the visit; the complaint counts for nothing
    visited(cast, "10:00", person, day=month_later)
    assert send("12:00", month_later) == 1


def test_every_second_one_who_had_to_come_again_is_asked_why_instead(cast: Cast) -> None:
    ask_everybody("after_service", "second_visit")
    again = {}
    for person in (cast.nora, cast.raj, cast.vera):
        served(cast, came(cast, "10:00", person), "10:10", outcome="unresolved")
        ticket_id = came(cast, "10:00", person, day=TUESDAY, return_reason="system")
        served(cast, ticket_id, "10:10", day=TUESDAY)
        again[f"ticket:{ticket_id}"] = ticket_id
    asked = {(one.about, one.occasion): one for one in invitations() if one.about in again}
    for about, ticket_id in again.items():
        how, why = asked[about, "served"], asked.get((about, "returned"))
        if ends.is_asked_why(ticket_id):
            assert (how.state, how.why_spared) == ("spared", "overtaken")
            assert why is not None
            assert why.state == "due"
        else:
            assert (how.state, why) == ("due", None)
        with clock.at(moment("10:20", TUESDAY)), transaction() as session:
            assert ends.open_for_ticket(session, ticket_id).id == (why or how).id
    assert {ends.is_asked_why(ticket_id) for ticket_id in again.values()} == {True, False}
    assert sum(map(ends.is_asked_why, range(1000))) == pytest.approx(500, abs=60)


def test_a_missed_appointment_leads_to_the_form_from_its_own_page(cast: Cast) -> None:
    ask_everybody("missed")
    with transaction() as session:
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=moment("10:00", SUNDAY))
        appointment = make_appointment(
            session, slot=slot, person=session.get_one(Person, cast.nora.id), state="noshow"
        )
        ends.open_for_appointment(session, appointment)
    shown = invitation()
    assert (shown.occasion, shown.state, shown.mode) == ("noshow", "shown", "page")
    late = clock.at(moment("10:31", SUNDAY + dt.timedelta(days=14)))
    with late, transaction() as session, pytest.raises(DeskError):
        ends.open_for_appointment(session, appointment)


def waited_long(cast: Cast, on: dt.date) -> None:
    """Nora waits for two hours, is asked, and does not answer."""
    ticket_id = came(
        cast, "12:00", cast.nora, day=on, arrived_at=moment("10:00", on), object_ref=on.isoformat()
    )
    served(cast, ticket_id, "12:10", day=on)
    assert send("12:30", on) == 1
    for message in questions():
        with transaction() as session:
            session.merge(message).state = "delivered"
    follow("12:30", on + dt.timedelta(days=14))


def test_two_questions_left_unanswered_after_long_waits_are_heard(cast: Cast) -> None:
    ask_everybody()
    waited_long(cast, SUNDAY)
    triggers = select(RecoveryTrigger.kind)
    assert "unanswered" not in reading().scalars(triggers).all()
    waited_long(cast, SUNDAY + dt.timedelta(days=91))
    reading().rollback()
    assert reading().scalars(triggers).all().count("unanswered") == 1


@pytest.mark.parametrize(("has_answered", "silent"), [(1, 0), (0, 1)])
def test_who_answered_is_none_of_the_silent_ones(cast: Cast, has_answered: int, silent: int) -> None:
    ask_everybody()
    served(cast, came(cast, "10:00", cast.nora), "10:10", outcome="unresolved")
    send("12:00")
    if has_answered:
        with clock.at(moment("13:00")), transaction() as session:
            note_answered(session, invitation().id)
        (voice,) = reading().scalars(select(Voice)).all()
        assert (voice.kind, voice.at) == ("answered", moment("23:59:59"))  # the end of the week, no more
    with clock.at(moment("10:00", SUNDAY + dt.timedelta(days=32))):
        assert looking.run_look() == silent


def test_what_was_opened_and_left_closes_on_its_day_and_forgets_what_was_begun(cast: Cast) -> None:
    ask_everybody()
    ticket_id = visited(cast, "10:00", cast.nora)
    with clock.at(moment("10:12")), transaction() as session:
        ends.open_for_ticket(session, ticket_id).draft = {"answers": {"comment": "No face"}}
    fortnight = SUNDAY + dt.timedelta(days=14)
    assert follow("10:09", fortnight).endswith("0 closed")
    assert follow("10:10", fortnight).endswith("1 closed")
    assert (invitation().state, invitation().draft) == ("expired", None)


def test_who_is_forgotten_is_asked_nothing_and_leaves_no_half_filled_form(cast: Cast) -> None:
    ask_everybody()
    visited(cast, "10:00", cast.nora)
    send("11:00")
    visited(cast, "12:00", cast.nora)
    with transaction() as session:
        session.get_one(Invitation, invitations()[0].id).draft = {"comment": "My name is Nora"}
    with clock.at(moment("13:00")):
        with transaction() as session:
            people.remove_contact(
                session, actor=cast.staff["adam"].actor, person=session.get_one(Person, cast.nora.id)
            )
        hear()
    assert [(one.state, one.draft) for one in invitations()] == [("expired", None), ("spared", None)]
    assert send("14:00") == 0


def test_after_four_hundred_days_nobody_knows_who_was_asked(cast: Cast) -> None:
    ask_everybody()
    visited(cast, "10:00", cast.nora)
    send("11:00")
    monday = dt.date(2026, 9, 28)  # of the week of the visit
    for days, forgotten in ((406, 0), (407, 1), (407, 0)):
        with clock.at(moment("12:00", monday + dt.timedelta(days=days))), transaction() as session:
            assert following.forget_old(session) == forgotten
    kept = invitation()
    assert (kept.person_id, kept.about, kept.occasion, kept.asked_on) == (None, None, "served", SUNDAY)


def test_a_wave_leaves_only_while_it_is_open(cast: Cast) -> None:
    with transaction() as session:
        reach(session, session.get_one(Person, cast.nora.id))
        asked = make_questionnaire(session, "periodic")
        wave = make_wave(session, make_programme(session, asked), state="preparing")
        session.add(
            Invitation(
                token="a token", questionnaire_id=asked.id, version_id=wave.version_id, wave_id=wave.id,
                person_id=cast.nora.id, occasion="wave", week=SUNDAY, language="ar", state="due",
                send_after=clock.now(), closes_at=wave.closes_at,
            )
        )  # fmt: skip
        wave_id = wave.id
    for state, sent in (("preparing", 0), ("cancelled", 0), ("open", 1)):
        with transaction() as session:
            session.get_one(Wave, wave_id).state = state
        assert send("09:30") == sent
    (message,) = questions()
    assert (message.key, message.language) == ("question_wave", "ar")
    assert message.values is not None
    assert message.values["branch"] == "وكالة المدينة"  # no branch asks, the agency does
