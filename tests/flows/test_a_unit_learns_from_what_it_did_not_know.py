"""Failures that point to knowledge become what the unit works on: agreed, done, and compared with before."""

import datetime as dt

import pytest
from sqlalchemy import select, update

from govdesk import clock
from govdesk.cases.coaching import listing, service
from govdesk.cases.coaching.service import CoachingError
from govdesk.cases.models import Visit
from govdesk.catalog.models import Branch, Cause, PublicService
from govdesk.db import reading, transaction
from govdesk.errors import NotAllowedError
from tests.flows import office_days as day
from tests.makers import SUNDAY, Cast, make_person


@pytest.fixture
def city(cast: Cast) -> Cast:
    """Five people were sent home for papers of the renewal and came back; two for the system."""
    day.sit_down(cast)
    with transaction() as session:
        session.execute(update(Cause).where(Cause.code == "papers").values(is_knowledge=True))
        people = [make_person(session) for _ in range(5)]
    for hour, person in enumerate(people, 8):
        day.serve(cast, 0, person, "unresolved", cause="papers", at=hour)
        day.serve(cast, 3, person, at=hour)
    for hour, person in enumerate(people[:2], 13):
        day.serve(cast, 0, person, "unresolved", cause="system", what=cast.passport, at=hour)
        day.serve(cast, 3, person, what=cast.passport, at=hour)
    return cast


def agree(city: Cast, by: str = "sara", words: str = "Ten minutes on the new list of papers") -> int:
    with clock.at(day.when(4, "12:00")), transaction() as session:
        item = service.agree(
            session,
            actor=city.staff[by].actor,
            branch=session.get_one(Branch, city.north.id),
            cause=session.get_one(Cause, "papers"),
            service=session.get_one(PublicService, city.renewal.id),
            scenario_id=None,
            words=words,
            due_on=SUNDAY + dt.timedelta(days=10),
        )
        return item.id


def test_a_unit_sees_its_causes_and_no_persons(city: Cast) -> None:
    with clock.at(day.when(4, "12:00")):
        found = listing.learning(reading(), city.staff["omar"].actor)
        (line,) = found.lines
        assert (line.branch.code, line.cause.code, line.service.code) == ("north", "papers", "renewal")
        assert (line.count.failures, line.count.people, found.hidden) == (5, 5, 0)
        assert [(one.day, one.days_later) for one in line.examples] == [(SUNDAY, 3)] * 3
        for elsewhere in ("hamad", "salim"):
            assert listing.learning(reading(), city.staff[elsewhere].actor).lines == []
        assert listing.learning(reading(), city.staff["huda"].actor).lines  # the head of the department


def test_a_small_cell_is_hidden(city: Cast) -> None:
    with transaction() as session:
        paper = select(Visit).where(Visit.class_name == "repeat", Visit.return_cause == "papers")
        one = session.scalars(paper.order_by(Visit.id)).first()
        assert one is not None
        one.charged_unit = "harbour/civil"
    with clock.at(day.when(4, "12:00")):
        found = listing.learning(reading(), city.staff["sara"].actor)
        assert (found.lines, found.hidden) == ([], 1)


def test_what_was_agreed_is_done_once_and_compared(city: Cast) -> None:
    item_id = agree(city)
    with pytest.raises(CoachingError, match=r"training\.agreed_already"):
        agree(city)
    with clock.at(day.when(6, "12:00")), transaction() as session:
        assert listing.learning(session, city.staff["sara"].actor).lines[0].item is not None
        for _twice in range(2):
            item = service.finish(session, actor=city.staff["sara"].actor, item_id=item_id, words="Done")
        assert (item.failures_then, listing.since(session, item)) == (5, 0)
        assert listing.open_items(session, city.staff["sara"].actor) == []
        assert listing.done_items(session, city.staff["omar"].actor) == [item]


def test_only_who_answers_for_the_unit_agrees_and_says_what(city: Cast) -> None:
    for stranger in ("omar", "salim"):
        with pytest.raises(NotAllowedError):
            agree(city, by=stranger)
    with pytest.raises(CoachingError, match=r"training\.words_missing"):
        agree(city, words=" ")
