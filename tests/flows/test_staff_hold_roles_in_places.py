"""Staff hold roles in places; a reset or a disabling ends what was open; an administrator always stays."""

import datetime as dt
import threading

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.db import reading, transaction
from govdesk.errors import DeskError, NotAllowedError
from govdesk.people import sign_in, staff
from govdesk.people.models import Staff
from govdesk.people.staff import Grant
from govdesk.queue import counters
from govdesk.queue import service as queue
from tests.makers import PASSWORD, Cast

NEW = {"name_ar": "ليلى", "name_en": "Laila", "password": "blue-kettle-77"}


def add(session: Session, username: str = "laila", **given: object) -> Staff:
    return staff.add(session, actor=SYSTEM, username=username, **{**NEW, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"username": "1laila"}, "people.username_invalid"),
        ({"username": "ليلى"}, "people.username_invalid"),
        ({"username": "OMAR"}, "people.username_taken"),
        ({"password": "short"}, "people.password_short"),
        ({"name_ar": " "}, "people.name_missing"),
        ({"name_en": "🙂🙂"}, "people.name_letters"),
        ({"roles": [Grant("king")]}, "people.role_unknown"),
        ({"roles": [Grant("admin", branch_id=1)]}, "people.role_bound_nowhere"),
        ({"roles": [Grant("officer", department_id=1)]}, "people.role_bound_branch"),
        ({"roles": [Grant("head", branch_id=1)]}, "people.role_bound_department"),
    ],
)
def test_what_cannot_be_added_is_refused_with_its_reason(
    cast: Cast, given: dict[str, object], key: str
) -> None:
    with pytest.raises(DeskError) as refusal, transaction() as session:
        add(session, **given)  # type: ignore[arg-type]
    assert refusal.value.key == key


def test_a_role_in_a_branch_sees_that_branch_only(cast: Cast) -> None:
    with transaction() as session:
        laila = add(session, roles=[Grant("officer", branch_id=cast.north.id)])
        staff.grant(session, actor=SYSTEM, staff=laila, wanted=Grant("officer", branch_id=cast.north.id))
    assert len(laila.roles) == 1
    assert laila.actor.sees_branch(cast.north.id)
    assert not laila.actor.sees_branch(cast.harbour.id)


def test_a_head_elsewhere_opens_no_other_branch_to_an_officer(cast: Cast) -> None:
    both = [Grant("officer", branch_id=cast.north.id), Grant("head", department_id=cast.civil.id)]
    with transaction() as session:
        laila = add(session, roles=both)
    assert laila.actor.branch_ids == frozenset({cast.north.id})
    assert laila.actor.department_ids == frozenset({cast.civil.id})


def test_a_head_of_a_department_sees_it_in_every_branch(cast: Cast) -> None:
    assert cast.staff["huda"].actor.branch_ids is None
    assert cast.staff["huda"].actor.department_ids == frozenset({cast.civil.id})


def test_someone_without_a_role_sees_nothing(cast: Cast) -> None:
    with transaction() as session:
        laila = add(session)
    assert not laila.actor.sees_branch(cast.north.id)
    assert not laila.actor.sees_department(cast.civil.id)


def test_a_reset_and_a_disabling_end_every_session(cast: Cast) -> None:
    with transaction() as session:
        omar, token = sign_in.sign_in(session, username="omar", password=PASSWORD)
    assert sign_in.staff_of(reading(), token) is not None
    with transaction() as session:
        staff.reset_password(
            session, actor=SYSTEM, staff=staff.find(session, "omar"), password="green-lamp-5512"
        )
    assert sign_in.staff_of(reading(), token) is None
    with transaction() as session:
        omar, token = sign_in.sign_in(session, username="omar", password="green-lamp-5512")
        staff.disable(session, actor=SYSTEM, staff=omar)
    assert sign_in.staff_of(reading(), token) is None
    with pytest.raises(sign_in.SignInError):
        sign_in.prove(reading(), username="omar", password="green-lamp-5512")
    with transaction() as session:
        staff.enable(session, actor=SYSTEM, staff=staff.find(session, "omar"))
    assert sign_in.prove(reading(), username="omar", password="green-lamp-5512").id == omar.id


def test_a_password_changed_between_proof_and_beginning_begins_nothing(cast: Cast) -> None:
    proved = sign_in.prove(reading(), username="omar", password=PASSWORD)
    reading().expunge(proved)
    with transaction() as session:
        staff.reset_password(
            session, actor=SYSTEM, staff=staff.find(session, "omar"), password="green-lamp-5512"
        )
    with pytest.raises(sign_in.SignInError), transaction() as session:
        sign_in.begin(session, staff=proved)


def test_a_session_lasts_its_hours_and_no_longer(cast: Cast) -> None:
    with transaction() as session:
        _omar, token = sign_in.sign_in(session, username="omar", password=PASSWORD)
    with clock.at(clock.now() + dt.timedelta(hours=10, seconds=-1)):
        assert sign_in.staff_of(reading(), token) is not None
    with clock.at(clock.now() + dt.timedelta(hours=10)):
        assert sign_in.staff_of(reading(), token) is None


def test_the_last_administrator_can_be_neither_disabled_nor_stripped(cast: Cast) -> None:
    with pytest.raises(staff.StaffError), transaction() as session:
        staff.disable(session, actor=SYSTEM, staff=staff.find(session, "adam"))
    with transaction() as session:
        add(session, roles=[Grant("admin")])
        staff.revoke(session, actor=SYSTEM, staff=staff.find(session, "adam"), wanted=Grant("admin"))
    with pytest.raises(staff.StaffError), transaction() as session:
        staff.revoke(session, actor=SYSTEM, staff=staff.find(session, "laila"), wanted=Grant("admin"))


def test_nobody_is_found_under_an_unknown_name(app: Flask) -> None:
    with pytest.raises(DeskError) as refusal:
        staff.find(reading(), "nobody")
    assert refusal.value.key == "people.staff_unknown"


@pytest.mark.parametrize("besides", [Grant("auditor"), Grant("supervisor", branch_id=2)])
def test_an_officer_of_one_branch_sits_down_in_no_other(cast: Cast, besides: Grant) -> None:
    assert cast.harbour.id == 2
    with transaction() as session:
        laila = add(session, roles=[Grant("officer", branch_id=cast.north.id), besides])
    with pytest.raises(NotAllowedError), transaction() as session:
        counters.open_counter(session, actor=laila.actor, counter_id=cast.harbour_1.id)
    with transaction() as session:
        assert counters.open_counter(session, actor=laila.actor, counter_id=cast.north_1.id)


@pytest.mark.parametrize("besides", [Grant("auditor"), Grant("head", department_id=1)])
def test_an_officer_of_one_branch_ends_no_ticket_of_another(cast: Cast, besides: Grant) -> None:
    with transaction() as session:
        laila = add(session, roles=[Grant("officer", branch_id=cast.north.id), besides])
        hamad = cast.staff["hamad"].actor
        counters.open_counter(session, actor=hamad, counter_id=cast.harbour_1.id)
        queue.issue(session, actor=hamad, branch=cast.harbour, service=cast.renewal)
        called = queue.call_next(session, actor=hamad)
        assert called
    with pytest.raises(NotAllowedError), transaction() as session:
        queue.conclude(session, actor=laila.actor, ticket_id=called.id, outcome="resolved")
    with pytest.raises(NotAllowedError), transaction() as session:
        queue.noshow(session, actor=laila.actor, ticket_id=called.id)
    with transaction() as session:
        queue.conclude(session, actor=hamad, ticket_id=called.id, outcome="resolved")


def test_two_administrators_who_disable_each_other_at_once_leave_one(app: Flask, cast: Cast) -> None:
    with transaction() as session:
        add(session, roles=[Grant("admin")])
    start, told = threading.Barrier(2), []

    def disable(username: str) -> None:
        try:
            with app.app_context(), transaction() as session:
                if session.get_bind().dialect.name == "postgresql":  # on SQLite the other waits for this one
                    start.wait(20)
                staff.disable(session, actor=SYSTEM, staff=staff.find(session, username))
                told.append("done")
        except staff.StaffError as refusal:
            told.append(refusal.key)

    threads = [threading.Thread(target=disable, args=(name,)) for name in ("adam", "laila")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["done", "people.last_admin"]
