"""A return belongs to the unit of the first visit: it sees what happened, and notes what it learnt."""

import pytest

from govdesk import clock
from govdesk.cases.models import Visit
from govdesk.cases.returns import asking, failures
from govdesk.db import reading, transaction
from govdesk.errors import NotFoundError
from tests.flows import office_days as day
from tests.makers import Cast


@pytest.fixture
def back(cast: Cast) -> int:
    """The visit with which Nora came back for a renewal at the north, six days after she was sent home."""
    day.sit_down(cast)
    day.serve(cast, 0, cast.nora, "unresolved", cause="papers")
    ticket_id = day.arrive(cast, 6, "09:00", cast.nora)
    day.call(cast, 6, "09:10")
    with clock.at(day.when(6, "09:20")), transaction() as session:
        asking.conclude(
            session, actor=cast.staff["omar"].actor, ticket_id=ticket_id, outcome="resolved",
            return_reason="papers", return_words="The list did not have it",
        )  # fmt: skip
    day.hear(6)
    return day.visit_of(ticket_id).id


def listed(cast: Cast, who: str, *, is_learnt: bool = False) -> list[int]:
    reading().rollback()
    with clock.at(day.when(7, "09:00")):
        found = failures.of_units(reading(), cast.staff[who].actor, is_learnt=is_learnt)
    return [one.back.id for one in found]


def note(cast: Cast, visit_id: int, kind: str, words: str = "", who: str = "omar") -> None:
    with clock.at(day.when(7, "09:00")), transaction() as session:
        failures.note(session, actor=cast.staff[who].actor, visit_id=visit_id, kind=kind, words=words)


def test_it_stands_in_the_list_of_its_unit_and_in_no_other(cast: Cast, back: int) -> None:
    seen = {who: listed(cast, who) for who in ("omar", "reem", "sara", "huda", "hamad", "salim", "aziz")}
    assert {who for who, found in seen.items() if found == [back]} == {"omar", "reem", "sara", "huda"}
    with clock.at(day.when(7, "09:00")):
        assert failures.count_of_units(reading(), cast.staff["sara"].actor) == 1
        assert failures.causes_of_units(reading(), cast.staff["sara"].actor) == [("papers", 1)]


def test_it_comes_with_the_means_to_learn(cast: Cast, back: int) -> None:
    with clock.at(day.when(7, "09:00")):
        found = failures.one(reading(), cast.staff["omar"].actor, back)
        known = failures.means(reading(), found)
    assert (found.cause, found.first.cause, found.back.gap_days) == ("papers", "papers", 6)
    assert known.words == "The list did not have it"
    assert (known.scenario, known.missing, known.notes) == (None, [], [])


def test_what_was_learnt_is_noted_beside_and_takes_it_from_the_list(cast: Cast, back: int) -> None:
    note(cast, back, "seen")
    note(cast, back, "seen")
    assert listed(cast, "sara") == [back]
    with pytest.raises(failures.LessonError):
        note(cast, back, "learnt", "  ")
    note(cast, back, "learnt", "We read the list out before they leave")
    assert (listed(cast, "sara"), listed(cast, "sara", is_learnt=True)) == ([], [back])
    notes = failures.notes_of(reading(), reading().get_one(Visit, back))
    assert [one.kind for one in notes] == ["seen", "learnt"]
    with pytest.raises(NotFoundError):
        note(cast, back, "learnt", "Not ours", who="hamad")


def test_a_visit_told_anew_keeps_what_was_learnt(cast: Cast, back: int) -> None:
    note(cast, back, "learnt", "We read the list out")
    with clock.at(day.when(8, "09:00")), transaction() as session:
        visit = session.get_one(Visit, back)
        assert [one.words for one in failures.notes_of(session, visit)] == ["We read the list out"]
