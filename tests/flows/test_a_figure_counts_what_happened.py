"""A figure is what really happened, as far as it was known then; what is not known is said, never guessed."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor, Held
from govdesk.cases.rebuild.service import reclassify_all
from govdesk.db import reading, transaction
from govdesk.kpi import service
from govdesk.kpi.figures import Row
from govdesk.kpi.question import Scope
from govdesk.kpi.registry import MEASURES
from govdesk.people.models import acting
from tests.kpi_makers import make_case, make_visit, make_wait
from tests.makers import Cast, make_person, make_ticket, moment


def total(key: str, **asked: object) -> Row:
    return service.figure(reading(), key, **asked).total  # type: ignore[arg-type]


def by(key: str, *words: str, **asked: object) -> dict[tuple[str | None, ...], Row]:
    figure = service.figure(reading(), key, by=words, **asked)  # type: ignore[arg-type]
    return {tuple(row.group[word] for word in words): row for row in figure.rows}


@pytest.fixture
def summer(cast: Cast) -> Cast:
    """Six people and a stranger at the north, seen from 4 October: mature until 2 September (32 days)."""
    at: dict[str, Any] = {"branch": cast.north, "service": cast.renewal}
    with transaction() as session:
        one, two, three, four, five, six = (make_person(session) for _ in range(6))
        make_visit(session, "08-03", person=one, outcome="unresolved", **at)
        make_visit(session, "08-10", person=one, reason="missing_document", **at)  # 7 days: a repeat
        make_visit(session, "08-04", person=two, **at)
        make_visit(session, "08-05", person=three, outcome="unresolved", cause="system_down", **at)
        make_visit(session, "09-04", person=three, **at)  # 30 days: still a repeat
        make_visit(session, "09-02", person=four, outcome="unresolved", **at)  # 32 days ago: mature, silent
        make_visit(session, "09-03", person=five, **at)  # 31 days ago: pending, although …
        make_visit(session, "09-10", person=five, reason="chase", **at)  # … it has failed already
        make_visit(session, "08-07", person=six, withdrawn_on=dt.date(2026, 8, 20), **at)  # excluded
        make_visit(session, "08-06", person=None, **at)  # unlinked
        reclassify_all(session)
    return cast


def test_the_young_are_in_neither_part(summer: Cast) -> None:
    row = total("repeat_visit_rate")
    assert (row.numerator, row.denominator) == (2, 4)  # one and three, of one to four
    assert row.value == 0.5
    assert row.interval == pytest.approx((0.1500390, 0.8499610))  # Wilson 2 of 4
    assert (row.pending, row.excluded, row.unlinked) == (1, 1, 1)


def test_one_visit_was_enough_for_the_rest(summer: Cast) -> None:
    row = total("first_contact_resolution")
    assert (row.numerator, row.denominator, row.value) == (2, 4, 0.5)


def test_avoidable_visits_need_no_maturity(summer: Cast) -> None:
    row = total("avoidable_visit_share")
    assert (row.numerator, row.denominator) == (
        3,
        9,
    )  # three repeats of six first visits and three repeats


def test_unknown_visitors_give_bounds(summer: Cast) -> None:
    row = total("repeat_visit_rate")
    assert row.data_quality["linkage"] == 0.9  # nine of ten
    assert row.data_quality["comparable"]
    assert row.detail["bounds"] == [2 / 5, 3 / 5]


def test_the_silent_ones_are_counted(summer: Cast) -> None:
    assert total("repeat_visit_rate").detail["silent"] == 1  # four; one and three came back


def test_each_failure_has_one_cause_and_the_causes_add_up(summer: Cast) -> None:
    found = by("repeat_visit_rate", "cause")
    counts = {cause: row.numerator for (cause,), row in found.items()}
    assert counts == {"missing_document": 1, "system_down": 1}
    assert {row.denominator for row in found.values()} == {4}


def test_what_came_later_is_not_known(summer: Cast) -> None:
    then = dt.datetime(2026, 9, 5, 12, tzinfo=dt.UTC)  # mature until 4 August: one and two
    row = total("repeat_visit_rate", as_of=then)
    assert (row.numerator, row.denominator, row.pending, row.excluded) == (1, 2, 4, 0)
    row = total("avoidable_visit_share", as_of=then)
    assert (row.numerator, row.denominator) == (2, 8)


def test_the_period_is_that_of_the_first_visit(summer: Cast) -> None:
    row = total("repeat_visit_rate", from_day=dt.date(2026, 8, 4), to_day=dt.date(2026, 8, 5))
    assert (row.numerator, row.denominator) == (1, 2)  # three, of two and three
    months = by("repeat_visit_rate", "month")
    assert {month: (row.numerator, row.denominator, row.pending) for (month,), row in months.items()} == {
        "2026-08": (2, 3, 0),
        "2026-09": (0, 1, 1),
    }


def test_a_young_month_is_estimated_not_counted(summer: Cast) -> None:
    # of September: four seen for its 30 days without failure; five failed on day 7 of the 29 it was seen
    estimate = by("repeat_visit_rate", "month")[("2026-09",)].detail["provisional"]
    assert estimate["value"] == pytest.approx(0.5)
    assert estimate["n"] == 2


def test_visits_of_finished_needs(summer: Cast) -> None:
    # one: 2 visits; two, four and six: 1 each; three and five came too lately to be finished
    row = total("visits_per_matter")
    assert (row.numerator, row.denominator, row.value, row.pending) == (5, 4, 1.25, 2)
    assert row.detail["one_visit"]["value"] == 0.75


def test_leaving_and_coming_back(cast: Cast) -> None:
    at: dict[str, Any] = {"branch": cast.north, "service": cast.renewal}
    with transaction() as session:
        nora, raj, vera = (session.merge(one) for one in (cast.nora, cast.raj, cast.vera))
        for who, day in ((nora, "08-03"), (raj, "08-03"), (vera, "09-20")):
            make_visit(session, day, person=who, status="abandoned", served_at=None, **at)
        make_visit(session, "08-20", person=nora, **at)
        make_visit(session, "09-03", person=raj, **at)  # 31 days: too late to be a return
        reclassify_all(session)
    row = total("abandon_returns")
    assert (row.numerator, row.denominator, row.pending) == (1, 2, 1)


def test_nobody_sees_another_place(summer: Cast) -> None:
    roles = frozenset({"head"})
    harbour = Actor("staff", "1", roles, branch_ids=frozenset({summer.harbour.id}))
    lands = Actor("staff", "2", roles, department_ids=frozenset({summer.lands.id}))
    civil = Actor("staff", "3", roles, department_ids=frozenset({summer.civil.id}))
    seen = [total("repeat_visit_rate", scope=Scope.of(who)).denominator for who in (harbour, lands, civil)]
    assert seen == [0, 0, 4]


def test_only_the_roles_that_read_figures_open_them_each_in_its_place(summer: Cast) -> None:
    north, harbour = summer.north.id, summer.harbour.id
    civil, lands = summer.civil.id, summer.lands.id
    held: list[tuple[list[Held], int]] = [
        ([("head", None, civil)], 4),
        ([("head", None, civil), ("officer", harbour, None)], 4),  # an officer's branch takes nothing away
        ([("head", None, lands), ("reception", None, None)], 0),  # and a role everywhere adds nothing
        ([("head", None, lands), ("supervisor", north, None)], 4),
        ([("supervisor", harbour, None), ("head", None, lands)], 0),
        ([("officer", north, None)], 0),
        ([("auditor", None, None), ("head", None, lands)], 4),
    ]
    seen = [total("repeat_visit_rate", scope=Scope.of(acting(5, roles))).denominator for roles, _ in held]
    assert seen == [count for _, count in held]


@pytest.fixture
def queue(cast: Cast) -> Cast:
    """Thursday, 1 October, in the renewal's queue (target 15 minutes); and one who waits on the 4th."""
    at: dict[str, Any] = {"branch": cast.north, "service": cast.renewal}
    with transaction() as session:
        make_wait(session, arrived="09:00", called="09:10", ended="09:20", quoted_high=10, **at)  # 10, kept
        make_wait(session, arrived="09:00", called="09:20", ended="09:25", quoted_high=19, **at)  # 20, broken
        appointment = dt.datetime.fromisoformat("2026-10-01T10:00:00+03:00")
        make_wait(
            session, arrived="09:30", called="10:05", ended="10:15", appointment_at=appointment, **at
        )  # 5
        make_wait(
            session, arrived="10:10", called="10:10:45", ended="10:12", appointment_at=appointment, **at
        )
        make_wait(
            session, arrived="09:00", ended="09:16", quoted_high=12, **at
        )  # left after 16: late, broken
        make_wait(session, arrived="09:00", ended="09:10", quoted_high=12, **at)  # left after 10: neither
        make_wait(
            session, arrived="11:00", called="10:59", ended="11:05", **at
        )  # before the arrival: as recorded, -1
        make_wait(
            session, arrived="15:00", ended="23:00", status="closed_unserved", **at
        )  # at night: in none
        reclassify_all(session)
        make_ticket(
            session, arrived_at=moment("08:40"), callable_at=moment("08:40"), order_at=moment("08:40"), **at
        )
    return cast


def test_a_punctual_wait_begins_with_the_appointment(queue: Cast) -> None:
    row = total("waiting_time")  # -1, 0.75, 5, 10, 20 minutes
    assert row.n == 5
    assert row.value == 5  # nearest-rank: the third of five
    assert row.detail["p90"] == 20
    assert row.detail["mean"] == pytest.approx(34.75 / 5)
    assert row.detail["early"] == {"n": 1, "median": 30}


def test_those_who_wait_now_are_not_forgotten(queue: Cast) -> None:
    row = total("waiting_time")
    assert (row.open, row.detail["still_waiting"], row.detail["longest_waiting"]) == (1, 1, 20)
    assert row.detail["left_uncalled"] == 2


@pytest.mark.parametrize(
    ("is_served", "expected"), [(False, (2, 30.0)), (True, (1, 20.0))], ids=["passed on", "served before"]
)
def test_who_was_passed_on_unserved_waits_since_the_arrival(
    queue: Cast, *, is_served: bool, expected: tuple[int, float]
) -> None:
    at: dict[str, Any] = {"branch": queue.north, "service": queue.renewal, "number": "A900"}
    with transaction() as session:
        first = make_ticket(
            session, **at, state="transferred", arrived_at=moment("08:30"), callable_at=moment("08:30"),
            started_at=moment("08:40") if is_served else None, ended_at=moment("08:50"), quoted_high=20.0,
        )  # fmt: skip
        second = make_ticket(
            session, **at, stage=2, state="transferred", arrived_at=moment("08:50"), ended_at=moment("08:55"),
            transferred_from_id=first.id,
        )  # fmt: skip
        make_ticket(
            session, **at, stage=3, arrived_at=moment("08:55"), callable_at=moment("08:55"),
            transferred_from_id=second.id,
        )  # fmt: skip
    row = total("waiting_time")
    assert (row.open, row.detail["longest_waiting"]) == expected
    promises = total("promise_kept").denominator
    assert promises == (3 if is_served else 4)  # the first stage's 20 minutes are over


def test_a_negative_wait_counts_as_recorded_and_is_told(queue: Cast) -> None:
    row = total("waiting_time")
    assert row.detail["set_aside"] == row.data_quality["set_aside"] == 1
    assert row.data_quality["set_aside_share"] == 0.2
    assert row.detail["waited_share"] == 0.8
    without = row.detail["without_set_aside"]
    assert (without["n"], without["value"], without["waited_share"]) == (4, 5, 1)
    assert without["mean"] == pytest.approx(35.75 / 4)


def test_who_waits_beyond_the_time_is_missed(queue: Cast) -> None:
    row = total("service_level")  # in time 10, 5, 0.75; late 20, the one who left after 16, the one of now
    assert (row.numerator, row.denominator) == (3, 6)


def test_a_ticket_closed_at_night_is_in_no_figure(queue: Cast) -> None:
    assert total("waiting_time").data_quality["closed_at_night"] == 1
    assert total("abandonment_rate").data_quality["closed_at_night"] == 1


def test_a_promise_is_broken_by_waiting_too(queue: Cast) -> None:
    row = total("promise_kept")
    assert (row.numerator, row.denominator) == (1, 3)


def test_leaving(queue: Cast) -> None:
    row = total("abandonment_rate")
    assert (row.numerator, row.denominator) == (2, 7)


def test_serving(queue: Cast) -> None:
    row = total("service_time")  # 10, 5, 10, 1.25, 6
    assert (row.n, row.value) == (5, 6)


def test_before_it_ended_a_visit_was_not_known(queue: Cast) -> None:
    then = dt.datetime.fromisoformat("2026-10-01T09:22:00+03:00")
    assert total("waiting_time", as_of=then).n == 1


def make(session: Session, cast: Cast) -> None:
    at: dict[str, Any] = {"branch": cast.north, "service": cast.renewal}
    for days, due in ((1.0, 2), (2.0, 1), (3.0, 3), (4.0, 3)):
        make_case(session, days=days, due=due, **at)
    make_case(
        session, days=None, due=5, opened="2026-09-24T09:00:00+03:00", **at
    )  # open for 10 days, overdue
    make_case(session, days=None, due=30, opened="2026-10-04T08:00:00+03:00", **at)  # open for an hour
    make_case(session, days=-1.0, due=2, is_set_aside=True, **at)


def test_open_cases_count(cast: Cast) -> None:
    with transaction() as session:
        make(session, cast)
    row = total("time_to_resolution")
    # of 7 one ends before it begins: at 0; one is censored after an hour: 5, 4, 3, 2 at risk at days 1 to 4
    # S = 6/7, then .8 .6 .4 .2 of it
    assert (row.n, row.open, row.value) == (7, 2, 3)
    assert row.detail["p90"] is None  # not reached
    assert row.detail["closed_only"]["mean"] == 2
    assert row.detail["oldest_open"] == 10
    assert row.detail["s"] == pytest.approx({"7": 0.2 * 6 / 7, "30": None, "56": None, "100": None})


def test_a_case_that_ends_before_it_begins_counts_as_nothing_and_is_told(cast: Cast) -> None:
    with transaction() as session:
        make(session, cast)
    row = total("time_to_resolution")
    assert row.detail["set_aside"] == row.data_quality["set_aside"] == 1
    assert row.data_quality["set_aside_share"] == pytest.approx(1 / 7)
    without = row.detail["without_set_aside"]
    assert (without["n"], without["value"], without["closed_only"]["mean"]) == (6, 3, 2.5)
    assert without["s"] == pytest.approx({"7": 0.2, "30": None, "56": None, "100": None})


def test_without_such_a_case_there_is_nothing_beside(cast: Cast) -> None:
    with transaction() as session:
        make_case(session, days=1.0, branch=cast.north, service=cast.renewal)
    row = total("time_to_resolution")
    assert (row.detail["set_aside"], row.detail["without_set_aside"]) == (0, None)


def test_then_they_were_still_open(cast: Cast) -> None:
    with transaction() as session:
        make(session, cast)
    then = dt.datetime.fromisoformat("2026-09-03T21:00:00+03:00")  # 2.5 days after: 0, 1, 2 are done
    row = total("time_to_resolution", as_of=then)
    assert (row.n, row.open, row.value) == (5, 2, 2)


def test_an_import_ends_with_its_file(cast: Cast) -> None:
    until = dt.datetime.fromisoformat("2026-09-08T09:00:00+03:00")
    with transaction() as session:
        make_case(session, branch=cast.north, service=cast.renewal, days=None, observed_until=until)
    assert total("time_to_resolution").detail["oldest_open"] == 7


def test_deadlines(cast: Cast) -> None:
    with transaction() as session:
        make(session, cast)
    row = total("sla_attainment")  # met: 1, 3 and the one set aside; late: 2, 4; one overdue, one not due
    assert (row.numerator, row.denominator) == (3, 6)
    assert row.detail == {
        "met": 3, "late": 2, "open_overdue": 1, "open_not_due": 1, "without_deadline": 0
    }  # fmt: skip


def test_working_time_is_that_of_the_branch(cast: Cast) -> None:
    # Tuesday 09:00 to Thursday 09:00 at 08:00 to 16:00: 7 + 8 + 1 hours
    with transaction() as session:
        make_case(session, branch=cast.north, service=cast.renewal, days=2.0)
    assert total("business_time_to_resolution").value == 16
    assert total("net_time_to_resolution").value == 16


def test_no_data_is_never_zero(cast: Cast) -> None:
    for measure in MEASURES:
        row = total(measure.key)
        assert (row.value, row.interval, row.n) == (None, None, 0), measure.key


def test_a_figure_has_the_shape_of_the_interface(cast: Cast) -> None:
    document = service.figure(reading(), "noshow_rate", from_day=dt.date(2026, 10, 1)).as_json()
    assert list(document) == ["key", "definition_version", "as_of", "from", "to", "by", "rows"]
    assert document["as_of"] == "2026-10-04T09:00:00+03:00"
    assert (document["from"], document["to"], document["by"]) == ("2026-10-01", None, [])
    assert set(document["rows"][0]) == {
        "group", "value", "numerator", "denominator", "n", "interval", "unit", "pending", "excluded",
        "unlinked", "open", "data_quality", "detail",
    }  # fmt: skip


def test_an_unknown_figure_is_refused(cast: Cast) -> None:
    with pytest.raises(service.UnknownMeasureError):
        service.figure(reading(), "happiness")


def test_recomputing_changes_no_figure(summer: Cast) -> None:
    before = [total(measure.key) for measure in MEASURES]
    with transaction() as session:
        assert reclassify_all(session) == 0
    assert [total(measure.key) for measure in MEASURES] == before


def test_a_day_is_that_of_the_branch(cast: Cast) -> None:
    with transaction() as session:  # 00:30 on 5 October in Riyadh is 4 October in UTC
        make_case(
            session, branch=cast.north, service=cast.renewal, days=1.0, opened="2026-10-05T00:30:00+03:00"
        )
    with clock.at(dt.datetime(2026, 10, 8, tzinfo=dt.UTC)):
        assert list(by("time_to_resolution", "day")) == [("2026-10-05",)]
        assert total("time_to_resolution", to_day=dt.date(2026, 10, 4)).n == 0
