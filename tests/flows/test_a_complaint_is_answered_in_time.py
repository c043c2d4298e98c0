"""A complaint has a number at once, somebody who answers it in time, and a next instance."""

import datetime as dt

import pytest
from sqlalchemy import select

from govdesk import clock, outbox
from govdesk.actor import VISITOR
from govdesk.audit import AuditEntry
from govdesk.cases.recovery.models import Recovery
from govdesk.catalog.models import Branch, Cause, PublicService
from govdesk.db import reading, transaction
from govdesk.errors import DeskError, NotAllowedError
from govdesk.feedback.complaints import finding, instances, service
from govdesk.feedback.complaints.models import Complaint, ComplaintStep
from govdesk.notify.models import Message
from govdesk.people import service as people
from govdesk.people.models import Person
from govdesk.wiring import HANDLERS
from tests.makers import SUNDAY, Cast, moment

DAY = dt.timedelta(days=1)


def complain(cast: Cast, *, is_anonymous: bool = False, with_place: bool = True) -> Complaint:
    with transaction() as session:
        person = None
        if not is_anonymous:
            person = people.identify_contact(session, actor=VISITOR, phone="0501234567", name="Nora")
            people.note_contact(session, actor=VISITOR, person=person, phone="0501234567", name="Nora")
        made = service.complain(
            session, actor=VISITOR, about="wait", words="Two hours", wished="Call me", channel="web",
            language="en", branch=session.get_one(Branch, cast.north.id) if with_place else None,
            service=session.get_one(PublicService, cast.renewal.id), person=person,
        )  # fmt: skip
    outbox.deliver_due(HANDLERS)
    return made


def now(made: Complaint) -> Complaint:
    reading().rollback()
    return reading().get_one(Complaint, made.id)


def messages() -> list[str]:
    reading().rollback()
    return list(reading().scalars(select(Message.key).order_by(Message.id)))


def assess(cast: Cast, made: Complaint, who: str = "sara", verdict: str = "justified") -> None:
    with transaction() as session:
        service.assess(
            session, actor=cast.staff[who].actor, complaint_id=made.id, verdict=verdict,
            cause=None if verdict == "not_justified" else "papers", findings="One counter only",
        )  # fmt: skip


def answer(cast: Cast, made: Complaint, who: str = "sara") -> None:
    with transaction() as session:
        service.answer(session, actor=cast.staff[who].actor, complaint_id=made.id, words="You are right.")


def test_it_has_a_number_a_link_and_deadlines_at_once_and_opens_a_task(cast: Cast) -> None:
    made = complain(cast)
    assert (len(made.number), made.state, made.level) == (7, "received", 1)
    assert made.round.acknowledge_due_at == moment("16:00", SUNDAY + DAY)
    assert made.round.answer_due_at == moment("16:00", SUNDAY + 7 * DAY)  # five working days
    assert messages() == ["complaint_received"]
    task = reading().scalars(select(Recovery)).one()
    assert (task.person_id, task.branch_id, task.due_at) == (
        made.person_id, cast.north.id, moment("09:00", SUNDAY + DAY),
    )  # fmt: skip


def test_it_is_taken_up_assessed_with_a_cause_and_answered(cast: Cast) -> None:
    made = complain(cast)
    sara = cast.staff["sara"].actor
    with transaction() as session:
        service.acknowledge(session, actor=sara, complaint_id=made.id)
        service.acknowledge(session, actor=sara, complaint_id=made.id)
    with transaction() as session, pytest.raises(DeskError, match="cannot_answer"):
        service.answer(session, actor=sara, complaint_id=made.id, words="No")
    with transaction() as session, pytest.raises(DeskError, match="cause_missing"):
        service.assess(session, actor=sara, complaint_id=made.id, verdict="partly")
    assess(cast, made)
    answer(cast, made)
    found = now(made)
    assert (found.state, found.round.verdict, found.round.cause_code) == ("answered", "justified", "papers")
    assert reading().get_one(Cause, "papers").is_failure
    assert messages() == ["complaint_received", "complaint_acknowledged", "complaint_answered"]
    assert [step.kind for step in finding.steps_of(reading(), found)] == [
        "received", "acknowledged", "assessed", "answered",
    ]  # fmt: skip
    with transaction() as session, pytest.raises(DeskError, match="cannot_assess"):
        service.assess(session, actor=sara, complaint_id=made.id, verdict="not_justified")


def test_the_next_instance_looks_at_it_anew_and_nobody_below_does(cast: Cast) -> None:
    made = complain(cast)
    assess(cast, made, verdict="not_justified")
    answer(cast, made)
    for _ in range(2):  # pressed twice
        with transaction() as session:
            here = session.get_one(Complaint, made.id)
            if here.level == 1:
                service.go_on(session, actor=VISITOR, complaint=here, words="You did not ask me")
            else:
                with pytest.raises(DeskError, match="no_next"):
                    service.go_on(session, actor=VISITOR, complaint=here)
    found = now(made)
    assert (found.state, found.level, len(found.rounds)) == ("received", 2, 2)
    assert found.rounds[0].answer == "You are right."
    with pytest.raises(NotAllowedError):
        assess(cast, made, "sara")
    assess(cast, made, "huda")
    answer(cast, made, "huda")
    found = now(made)
    assert not service.may_go_on(reading(), found)
    outside = instances.outside(reading(), found)
    assert outside is not None
    assert outside.is_outside


def test_no_answer_in_time_opens_the_next_instance(cast: Cast) -> None:
    made = complain(cast)
    with clock.at(moment("15:59", SUNDAY + 7 * DAY)):
        assert not service.may_go_on(reading(), now(made))
    with clock.at(moment("16:01", SUNDAY + 7 * DAY)):
        assert service.may_go_on(reading(), now(made))
        assert finding.count(reading(), cast.staff["sara"].actor, "overdue") == 1


def test_an_anonymous_one_is_answered_on_its_page_alone(cast: Cast) -> None:
    made = complain(cast, is_anonymous=True)
    assess(cast, made)
    answer(cast, made)
    assert messages() == []
    assert reading().scalars(select(Recovery)).all() == []
    assert finding.by_token(reading(), made.token).round.answer == "You are right."


def test_without_a_branch_the_first_that_offers_the_service_answers(cast: Cast) -> None:
    made = complain(cast, with_place=False)
    assert (made.branch_id, made.is_place_known) == (cast.north.id, False)


def test_another_branch_and_another_department_see_nothing(cast: Cast) -> None:
    made = complain(cast)
    assert [one.id for one in finding.listed(reading(), cast.staff["sara"].actor, "received")] == [made.id]
    for name in ("salim", "omar", "aziz", "adam"):
        actor = cast.staff[name].actor
        assert finding.listed(reading(), actor, "all") == []
        with pytest.raises(NotAllowedError):
            finding.complaint_of(reading(), actor, made.id)
        with transaction() as session, pytest.raises(NotAllowedError):
            service.acknowledge(session, actor=actor, complaint_id=made.id)


def test_who_asks_to_be_forgotten_leaves_no_words_behind_and_the_count_stays(cast: Cast) -> None:
    made = complain(cast)
    with transaction() as session:
        person = session.get_one(Person, made.person_id)
        people.remove_contact(session, actor=cast.staff["adam"].actor, person=person)
    outbox.deliver_due(HANDLERS)
    found = now(made)
    assert (found.words, found.wished, found.state) == ("", "", "withdrawn")
    assert set(reading().scalars(select(ComplaintStep.words))) == {""}


def test_the_audit_holds_no_words(cast: Cast) -> None:
    complain(cast)
    entries = reading().scalars(select(AuditEntry).where(AuditEntry.subject.startswith("complaint:"))).all()
    assert [entry.action for entry in entries] == ["complaint.received"]
    assert "Two hours" not in str([entry.detail for entry in entries])
