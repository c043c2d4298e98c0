"""A complaint stands in the file of the case that it concerns, and leads to it; its words are not for all."""

import datetime as dt
from collections.abc import Callable

import pytest

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import reading, transaction
from govdesk.feedback.complaints import matching, service
from govdesk.feedback.complaints.models import Complaint
from govdesk.people.models import Person
from tests.desk import Desk
from tests.flows import office_days as day
from tests.makers import Cast

SignIn = Callable[[str], Desk]


@pytest.fixture
def city(cast: Cast) -> Cast:
    """Nora's renewal begins on Sunday, her passport on Monday, and another renewal two months later."""
    day.sit_down(cast)
    day.serve(cast, 0, cast.nora, "unresolved", cause="papers")
    day.serve(cast, 1, cast.nora, what=cast.passport)
    day.serve(cast, 60, cast.nora)
    return cast


def complain(
    cast: Cast,
    days: int,
    *,
    what: PublicService | None,
    person: Person | None = None,
    happened_on: dt.date | None = None,
) -> int:
    with clock.at(day.when(days, "12:00")), transaction() as session:
        return service.complain(
            session, actor=VISITOR, about="staff", words="He was rude", channel="web", language="en",
            branch=session.get_one(Branch, cast.north.id),
            service=session.get_one(PublicService, what.id) if what else None,
            person=session.get_one(Person, (person or cast.nora).id), happened_on=happened_on,
        ).id  # fmt: skip


def case_of(complaint_id: int) -> int | None:
    """The number of the case in order: 0, 1 or 2."""
    found = matching.case_of(reading(), reading().get_one(Complaint, complaint_id))
    return None if found is None else [case.id for case in day.cases()].index(found.id)


def test_it_concerns_the_last_case_of_the_need_that_had_begun(city: Cast) -> None:
    happened = day.when(0, "09:00").date()
    assert case_of(complain(city, 2, what=city.renewal)) == 0
    assert case_of(complain(city, 3, what=city.passport)) == 1
    assert case_of(complain(city, 3, what=None)) == 1  # the last at this branch
    assert case_of(complain(city, 61, what=city.renewal)) == 2
    assert case_of(complain(city, 61, what=city.renewal, happened_on=happened)) == 0
    assert case_of(complain(city, 3, what=city.renewal, person=city.raj)) is None
    theirs = [len(matching.of_case(reading(), case)) for case in day.cases()]
    assert theirs == [2, 2, 1]


def test_the_file_shows_it_and_only_who_answers_reads_it(city: Cast, sign_in: SignIn) -> None:
    made = complain(city, 2, what=city.renewal)
    path = f"/cases/{day.cases()[0].id}"
    with clock.at(day.when(3, "10:00")):
        sara, omar = sign_in("sara"), sign_in("omar")
        file = sara.get(path, language="en", status=200)
        assert f"/work/complaints/{made}" in file.links()
        assert path in sara.get(f"/work/complaints/{made}", language="ar", status=200).links()
        file = omar.get(path, language="en", status=200)
        number = reading().get_one(Complaint, made).number
        assert number in file.main
        assert f"/work/complaints/{made}" not in file.links()
        assert "Treatment by staff" not in file.main
        assert "He was rude" not in file.main
