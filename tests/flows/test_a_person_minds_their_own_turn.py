"""A person lets others pass, comes back, joins from elsewhere and is told once that the turn is near."""

import datetime as dt

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.db import reading, transaction
from govdesk.notify.models import Message
from govdesk.queue import counters, nearing, own_turn, service
from govdesk.queue.errors import WrongStepError
from govdesk.queue.meant import Meant
from govdesk.queue.models import Ticket
from govdesk.queue.own_turn import OwnTurnError
from tests.makers import Cast, make_appointment, make_person, make_slot, moment


@pytest.fixture
def queue(cast: Cast) -> list[Ticket]:
    """Omar sits at counter 1; four came at 09:00, 09:01, 09:02, 09:03."""
    with transaction() as session:
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
    return [issue(cast, f"09:0{turn}") for turn in range(4)]


def issue(cast: Cast, at: str, **given: object) -> Ticket:
    with clock.at(moment(at)), transaction() as session:
        options = {"service": cast.renewal, "branch": cast.north, **given}
        return service.issue(session, actor=cast.staff["reem"].actor, **options)  # type: ignore[arg-type]


def call(cast: Cast) -> str | None:
    with transaction() as session:
        ticket = service.call_next(session, actor=cast.staff["omar"].actor)
        if ticket is None:
            return None
        service.conclude(session, actor=cast.staff["omar"].actor, ticket_id=ticket.id, outcome="resolved")
        return ticket.number


def test_one_lets_the_branchs_number_of_people_pass_and_only_once(queue: list[Ticket], cast: Cast) -> None:
    with clock.at(moment("09:05")):
        with transaction() as session:
            session.merge(cast.north).push_back_places = 2
            own_turn.push_back(session, actor=VISITOR, ticket_id=queue[0].id)
        with pytest.raises(OwnTurnError), transaction() as session:
            own_turn.push_back(session, actor=VISITOR, ticket_id=queue[0].id)
        assert [call(cast) for _ in range(4)] == ["A002", "A003", "A001", "A004"]


def test_the_last_in_line_lets_nobody_pass(queue: list[Ticket]) -> None:
    late = pytest.raises(OwnTurnError, match="nobody_behind")
    with clock.at(moment("09:05")), late, transaction() as session:
        own_turn.push_back(session, actor=VISITOR, ticket_id=queue[3].id)


def test_who_left_comes_back_once_and_soon_to_the_same_place(queue: list[Ticket], cast: Cast) -> None:
    with clock.at(moment("09:05")), transaction() as session:
        service.abandon(session, actor=VISITOR, ticket_id=queue[1].id)
    with clock.at(moment("09:20")):
        with transaction() as session:
            own_turn.rejoin(session, actor=VISITOR, ticket_id=queue[1].id)
        assert [call(cast), call(cast)] == ["A001", "A002"]


def test_who_was_sent_to_a_counter_that_has_closed_since_comes_back_for_any(
    queue: list[Ticket], cast: Cast
) -> None:
    omar, othman = cast.staff["omar"].actor, cast.staff["othman"].actor
    with clock.at(moment("09:05")):
        with transaction() as session:
            here = Meant(counter_id=cast.north_1.id)
            sent = service.transfer(
                session, actor=omar, ticket_id=queue[0].id, service=session.merge(cast.deed), to=here
            )
            service.abandon(session, actor=VISITOR, ticket_id=sent.id)
        with transaction() as session:
            counters.close_counter(session, actor=omar)
            counters.open_counter(session, actor=othman, counter_id=cast.north_2.id)
    with clock.at(moment("09:10")):
        with transaction() as session:
            own_turn.rejoin(session, actor=VISITOR, ticket_id=sent.id)
        with transaction() as session:
            called = service.call_next(session, actor=othman)
            assert called is not None
            assert called.id == sent.id


def test_a_minute_too_late_one_does_not_come_back(queue: list[Ticket]) -> None:
    with clock.at(moment("09:05")), transaction() as session:
        service.abandon(session, actor=VISITOR, ticket_id=queue[1].id)
    late = moment("09:20") + dt.timedelta(seconds=1)
    with clock.at(late), pytest.raises(OwnTurnError), transaction() as session:
        own_turn.rejoin(session, actor=VISITOR, ticket_id=queue[1].id)


def test_who_waits_has_nothing_to_come_back_to(queue: list[Ticket]) -> None:
    with clock.at(moment("09:05")), pytest.raises(WrongStepError), transaction() as session:
        own_turn.rejoin(session, actor=VISITOR, ticket_id=queue[1].id)


def test_who_joined_from_elsewhere_keeps_the_place_but_is_called_only_when_present(cast: Cast) -> None:
    with clock.at(moment("09:00")), transaction() as session:
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
        branch = session.merge(cast.north)
        branch.allows_remote = True
        far = own_turn.join(
            session, actor=VISITOR, branch=branch, wanted=cast.renewal, person=cast.nora, language="en"
        )
    issue(cast, "09:01")
    issue(cast, "09:02")
    with clock.at(moment("09:03")):
        assert call(cast) == "A002"  # the first is not here
        with pytest.raises(OwnTurnError, match="code_wrong"), transaction() as session:
            own_turn.arrive(session, actor=VISITOR, ticket_id=far.id, code="none")
        assert call(cast) == "A003"
        assert call(cast) is None
    issue(cast, "09:04")
    with clock.at(moment("09:05")):
        with transaction() as session:
            code = own_turn.presence_code(cast.north)
            own_turn.arrive(session, actor=VISITOR, ticket_id=far.id, code=code)
        assert call(cast) == "A001"  # before who came at 09:04


def test_people_elsewhere_take_only_their_share(cast: Cast) -> None:
    with clock.at(moment("09:00")), transaction() as session:
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
        branch = session.merge(cast.north)
        branch.allows_remote, branch.remote_share = True, 20  # one desk serves six in an hour: one place
        options = {"actor": VISITOR, "branch": branch, "wanted": cast.renewal, "language": "ar"}
        own_turn.join(session, person=cast.nora, **options)  # type: ignore[arg-type]
        with pytest.raises(OwnTurnError, match="remote_twice"):
            own_turn.join(session, person=cast.nora, **options)  # type: ignore[arg-type]
        with pytest.raises(OwnTurnError, match="remote_full"):
            own_turn.join(session, person=cast.raj, **options)  # type: ignore[arg-type]


def test_a_branch_gives_no_ticket_elsewhere_unless_it_says_so(cast: Cast) -> None:
    with pytest.raises(OwnTurnError, match="remote_off"), transaction() as session:
        own_turn.join(
            session, actor=VISITOR, branch=session.merge(cast.north), wanted=cast.renewal, person=cast.nora,
            language="ar",
        )  # fmt: skip


def test_one_is_told_once_that_the_turn_is_near(queue: list[Ticket], cast: Cast) -> None:
    with clock.at(moment("09:04")), transaction() as session:
        salma = make_person(session, name="Salma", phone="+966500000001")
    far = issue(cast, "09:04", person=salma)
    with clock.at(moment("09:05")):
        assert nearing.run_tell_near() == 0  # four are ahead
        call(cast)
        call(cast)
        assert nearing.run_tell_near() == 1
        assert nearing.run_tell_near() == 0
    messages = reading().scalars(select(Message).where(Message.about == f"ticket:{far.id}")).all()
    assert [message.key for message in messages] == ["turn_soon"]


def test_an_appointment_is_not_near_before_its_minute_however_few_are_ahead(cast: Cast) -> None:
    with clock.at(moment("09:00")), transaction() as session:
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
        salma = make_person(session, name="Salma", phone="+966500000001")
        slot = make_slot(
            session, branch=session.merge(cast.north), service=session.merge(cast.renewal),
            starts_at=moment("09:40"),
        )  # fmt: skip
        booked = make_appointment(session, slot=slot, person=salma)
        service.check_in(session, actor=cast.staff["reem"].actor, appointment=booked)
    with clock.at(moment("09:29")):
        assert nearing.run_tell_near() == 0
    with clock.at(moment("09:30")):
        assert nearing.run_tell_near() == 1
