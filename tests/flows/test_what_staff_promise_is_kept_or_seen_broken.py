"""A promise of staff has a day: reminded of, kept, moved before, or broken; and the person is told each."""

import datetime as dt

import pytest
from sqlalchemy import select

from govdesk import clock, outbox
from govdesk.cases.commitments import lists, rules, service, watching
from govdesk.cases.commitments.models import Commitment, CommitmentEvent
from govdesk.cases.commitments.rules import Act
from govdesk.db import reading, transaction
from govdesk.errors import DeskError, NotAllowedError
from govdesk.notify.models import Message
from govdesk.people import service as people
from govdesk.people import staff as team
from govdesk.queue.models import Ticket
from tests.flows import office_days as day
from tests.makers import SUNDAY, Cast

DUE = SUNDAY + dt.timedelta(days=4)


@pytest.fixture
def city(cast: Cast) -> Cast:
    """Nora, who can be reached, is at Omar's counter."""
    day.sit_down(cast)
    with transaction() as session:
        people.note_contact(
            session, actor=cast.staff["reem"].actor, person=session.merge(cast.nora), name="Nora",
            phone="+966501234567",
        )  # fmt: skip
    return cast


def promise(city: Cast, *, days: int = 0, due_on: dt.date | None = DUE, what: str = "We call you") -> int:
    ticket_id = day.arrive(city, days, "09:00", city.nora, language="en")
    day.call(city, days, "09:10")
    with clock.at(day.when(days, "09:15")), transaction() as session:
        to = service.to_ticket(session, ticket_id)
        actor = city.staff["omar"].actor
        return service.promise(session, actor=actor, to=to, what=what, due_on=due_on).id


def do(city: Cast, days: int, verb: str, one: int, who: str = "omar", **given: object) -> None:
    with clock.at(day.when(days, "12:00")), transaction() as session:
        getattr(service, verb)(session, actor=city.staff[who].actor, commitment_id=one, **given)
    day.hear(days)


def watch(days: int, at: str = "12:00") -> int:
    with clock.at(day.when(days, at)):
        found = watching.run_watch()
    day.hear(days)
    return found


def state(one: int) -> str:
    reading().rollback()
    return reading().get_one(Commitment, one).state


def kinds(one: int) -> list[str]:
    query = select(CommitmentEvent.kind).where(CommitmentEvent.commitment_id == one)
    return list(reading().scalars(query.order_by(CommitmentEvent.id)))


def told() -> list[str]:
    keys = reading().scalars(select(Message.key).order_by(Message.id))
    return [key for key in keys if key.startswith("commitment")]


def test_a_promise_that_is_kept_is_told(city: Cast) -> None:
    one = promise(city)
    do(city, 3, "keep", one, words="Your card is ready.")
    assert (state(one), kinds(one), told()) == ("kept", ["made", "kept"], ["commitment_kept"])
    message = reading().scalars(select(Message).where(Message.key == "commitment_kept")).one()
    assert message.values is not None
    assert message.values["words"] == "Your card is ready."
    with pytest.raises(service.CommitmentError):
        do(city, 3, "keep", one)


def test_its_owner_is_reminded_once_when_a_quarter_of_the_time_is_left(city: Cast) -> None:
    one = promise(city)
    assert [watch(*at) for at in ((2, "12:00"), (3, "20:18"), (3, "20:19"), (4, "12:00"))] == [0, 0, 1, 0]
    assert kinds(one) == ["made", "reminded"]
    with clock.at(day.when(4, "12:00")):
        assert lists.count_pressing(reading(), city.staff["omar"].id) == 1


def test_once_its_day_is_over_it_is_broken_and_what_is_done_later_does_not_mend_it(city: Cast) -> None:
    one = promise(city)
    watch(4)
    assert watch(5, "00:00") == 1
    assert (state(one), told()) == ("broken", ["commitment_broken"])
    assert watch(6) == 0
    do(city, 7, "keep", one)
    assert (state(one), kinds(one)[-2:]) == ("broken", ["broken", "done"])
    assert told() == ["commitment_broken", "commitment_done"]
    broken = select(outbox.OutboxEvent.payload).where(outbox.OutboxEvent.name == "commitment.broken")
    assert list(reading().scalars(broken)) == [{"commitment_id": one}]


def test_a_press_after_its_day_breaks_it_though_no_clock_came_by(city: Cast) -> None:
    one = promise(city)
    do(city, 5, "keep", one)
    assert (state(one), kinds(one)) == ("broken", ["made", "broken", "done"])
    assert told() == ["commitment_done"]  # one word is enough


def test_it_is_moved_with_a_reason_and_only_before_its_day_is_over(city: Cast) -> None:
    one, later = promise(city), DUE + dt.timedelta(days=7)
    for given, field in (
        ({"due_on": later, "reason": " "}, "reason"),
        ({"due_on": None, "reason": "x"}, "due_on"),
        ({"due_on": DUE, "reason": "x"}, "due_on"),
        ({"due_on": SUNDAY - dt.timedelta(days=1), "reason": "x"}, "due_on"),
    ):
        with pytest.raises(service.CommitmentError) as refused:
            do(city, 1, "move", one, **given)
        assert refused.value.field == field
    do(city, 4, "move", one, due_on=later, reason="The printer is broken")
    assert watch(5, "00:00") == 0
    assert (state(one), told()) == ("open", ["commitment_moved"])
    with pytest.raises(service.CommitmentError, match="move_late"):
        do(city, 12, "move", one, due_on=SUNDAY + dt.timedelta(days=20), reason="Late")
    assert kinds(one) == ["made", "moved"]


def test_what_is_promised_has_words_a_day_and_somebody(city: Cast) -> None:
    with pytest.raises(service.CommitmentError, match="what_missing"):
        promise(city, what="  ")
    day.act(city, 0, "09:30", "conclude", _last(city), outcome="resolved")
    with pytest.raises(service.CommitmentError, match="due_missing"):
        promise(city, days=1, due_on=None)
    nobody = day.arrive(city, 0, "10:00", None)
    with transaction() as session, pytest.raises(service.CommitmentError, match="person_missing"):
        to = service.to_ticket(session, nobody)
        service.promise(session, actor=city.staff["omar"].actor, to=to, what="A call", due_on=DUE)


def _last(city: Cast) -> int:
    of_omar = Ticket.staff_id == city.staff["omar"].id, Ticket.state == "called"
    return reading().scalars(select(Ticket.id).where(*of_omar)).one()


def test_only_its_owner_and_who_answers_for_the_unit_change_it(city: Cast) -> None:
    one = promise(city)
    for stranger in ("othman", "reem", "hamad", "salim"):
        with pytest.raises(NotAllowedError):
            do(city, 1, "keep", one, who=stranger)
    do(city, 1, "keep", one, who="sara")
    assert state(one) == "kept"


def test_who_leaves_hands_over_and_the_promise_stays_the_same(city: Cast) -> None:
    one = promise(city)
    with clock.at(day.when(1, "09:00")), transaction() as session:
        team.disable(session, actor=city.staff["adam"].actor, staff=session.merge(city.staff["omar"]))
    day.hear(1)
    assert kinds(one) == ["made", "owner_left"]
    with pytest.raises(DeskError, match="owner_unknown"):
        do(city, 1, "hand_over", one, who="sara", to=city.staff["hamad"])
    do(city, 1, "hand_over", one, who="sara", to=city.staff["othman"])
    assert lists.count_own(reading(), city.staff["othman"].actor) == 1
    assert lists.count_own(reading(), city.staff["omar"].actor) == 0
    do(city, 2, "keep", one, who="othman")
    assert state(one) == "kept"


def test_the_lists_are_of_those_whose_they_are(city: Cast) -> None:
    one = promise(city)
    staff = city.staff
    seen = {
        who: [c.id for c in lists.of_units(reading(), staff[who].actor)] for who in ("sara", "salim", "omar")
    }
    assert seen == {"sara": [one], "salim": [], "omar": []}
    assert [c.id for c in lists.own(reading(), staff["omar"].actor)] == [one]
    need = {"person_id": city.nora.id, "family": "renewal"}
    assert [c.id for c in lists.standing(reading(), **need)] == [one]  # type: ignore[arg-type]
    assert lists.standing(reading(), person_id=city.nora.id, family="passport") == []


def test_the_rows_say_what_the_history_says(city: Cast) -> None:
    first, second = promise(city), 0
    do(city, 1, "move", first, due_on=DUE + dt.timedelta(days=2), reason="Late")
    day.act(city, 0, "09:30", "conclude", _last(city), outcome="resolved")
    second = promise(city, days=1, due_on=SUNDAY + dt.timedelta(days=2))
    watch(8)
    do(city, 9, "keep", second)
    reading().rollback()
    for one in (first, second):
        row = reading().get_one(Commitment, one)
        acts = [Act(e.kind, e.at, e.due_on, e.due_at) for e in row.events]
        found = rules.standing(acts, day.when(9, "13:00"))
        assert found is not None
        assert (found.state, found.due_on, found.due_at) == (row.state, row.due_on, row.due_at)
