"""Every way of writing a return down that could hide it: the class still says what happened (KPI.md §1)."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from govdesk.cases.classes import RepeatRule, VisitRecord
from govdesk.cases.rules import classify
from tests.rules.visit_makers import at, classes, counts, judged, plan, ticket

LONDON, CAIRO, UTC_ZONE = ZoneInfo("Europe/London"), ZoneInfo("Africa/Cairo"), ZoneInfo("UTC")
FIRST = ticket("a", "01-05 09:00", family="licence", case_no="7", branch="A", channel="counter")


# ------------------------------------------------------------------ the return is told as another thing


@pytest.mark.parametrize(
    "told",
    [
        {"service": "renewal", "family": "licence"},  # another code of the same need
        {"case_no": "8"},  # a new case number
        {"case_no": None},
        {"branch": "B", "unit": "B/desk", "channel": "phone"},  # another branch, another way
        {"visitor": "SON"},  # a relative comes
        {"object": "car1"},  # an object that the first visit did not name
        {"service": "passport", "family": "passport", "case_no": "7"},  # recoded, the case number stays
        {"status": "turned_away"},  # sent away at the gate
        {"outcome": "resolved"},
        {"service": "renewal", "family": "licence", "case_no": "8", "visitor": "SON", "branch": "B"},
    ],
)
def test_a_return_told_as_something_else_is_a_repeat(told: dict[str, str | None]) -> None:
    facts = {"family": "licence", "case_no": "7", **told}
    result = judged(FIRST, ticket("b", "01-08 09:00", **facts))
    assert (result["b"].visit_class, result["b"].charged_visit) == ("repeat", "a")
    assert (result["b"].charged_unit, result["b"].charged_channel) == ("unit of a", "counter")
    assert result["a"].is_failed


def test_what_nobody_attended_between_two_visits_parts_them_not() -> None:
    between = [
        ticket(status, f"01-0{6 + place} 09:00", status=status)
        for place, status in enumerate(["no_show", "cancelled", "abandoned"])
    ]
    call = ticket("call", "01-09 09:00", direction="outbound")
    result = judged(FIRST, *between, call, ticket("b", "01-10 09:00", family="licence"))
    assert (result["b"].charged_visit, result["b"].gap_days) == ("a", 5)


# ------------------------------------------------------------------ several tickets of one visit


def test_an_overlapping_ticket_hides_nothing_behind_the_one_it_joins() -> None:
    """An enquiry at the door with the same case number takes the ticket of the real service in."""
    enquiry = ticket("a", "01-05 09:00", "01-05 09:30", service="enquiry", case_no="7")
    licence = ticket("b", "01-05 09:10", "01-05 09:40", case_no="7")
    result = judged(enquiry, licence, ticket("c", "01-08 09:00"))
    assert [result[name].visit_class for name in "abc"] == ["index_new", "merged", "repeat"]
    assert (result["c"].charged_visit, result["c"].charged_unit) == ("a", "unit of b")
    assert result["c"].charged_service == "licence"


def test_an_overlapping_ticket_brings_its_case_number_to_the_visit() -> None:
    tickets = [FIRST, ticket("b", "01-05 09:10", family="licence", case_no="9")]
    assert classes(*tickets, ticket("c", "01-08 09:00", service="passport", case_no="9"))[2] == "repeat"


def test_an_overlapping_ticket_without_object_may_be_about_any() -> None:
    car1 = ticket("a", "01-05 09:00", "01-05 09:30", object="car1")
    result = judged(car1, ticket("b", "01-05 09:10"), ticket("c", "01-08 09:00", object="car2"))
    assert [result[name].visit_class for name in "abc"] == ["index_new", "merged", "repeat"]


def test_a_ticket_that_overlaps_two_visits_joins_the_last_started_that_still_runs() -> None:
    cars = [
        ticket("a", "01-05 09:00", "01-05 12:00", object="car1"),
        ticket("b", "01-05 09:30", "01-05 11:30", object="car2"),
        ticket("c", "01-05 09:40", "01-05 10:00", object="car3"),
    ]
    result = judged(*cars, ticket("d", "01-05 11:00"), ticket("e", "01-07 09:00", object="car2"))
    assert [result[name].head for name in "abcd"] == ["a", "b", "c", "b"]
    assert result["e"].charged_unit == "unit of b"


def test_a_first_ticket_that_was_given_up_hides_no_second_one() -> None:
    """The place was given up in one queue and taken in another: somebody was seen, so it is a visit."""
    for status in ("no_show", "cancelled", "abandoned", "closed_unserved"):
        tickets = [
            ticket("a", "01-05 09:00", status=status),
            ticket("b", "01-05 09:20", transfer_of="a"),
            ticket("c", "01-08 09:00"),
        ]
        assert classes(*tickets) == ["index_new", "merged", "repeat"]
        given_up = [tickets[0], ticket("b", "01-05 09:20", transfer_of="a", status="abandoned"), tickets[2]]
        assert classes(*given_up) == [status, "merged", "index_new"]


def test_a_ticket_passed_on_from_a_call_of_the_office_is_a_visit() -> None:
    call = ticket("call", "01-07 09:00", direction="outbound")
    result = judged(FIRST, call, ticket("b", "01-08 09:00", family="licence", transfer_of="call"))
    assert [result[name].visit_class for name in ("a", "call", "b")] == ["index_new", "outbound", "repeat"]


def test_a_call_of_the_office_within_a_chain_is_no_bridge() -> None:
    call = ticket("call", "01-05 10:00", direction="outbound", transfer_of="a")
    back = ticket("b", "01-08 09:00", family="licence", transfer_of="call")
    assert classes(FIRST, call, back) == ["index_new", "merged", "repeat"]


def test_a_reason_told_at_the_second_counter_counts_as_told_at_the_first() -> None:
    kept: dict[str, Any] = {"plan": plan("01-05 09:10", "01-15")}
    second = ticket("c", "01-15 09:20", transfer_of="b", reason="not_ready")
    result = judged(ticket("a", "01-05 09:00"), ticket("b", "01-15 09:00", **kept), second)
    assert (result["b"].visit_class, result["b"].cause) == ("repeat", "not_ready")
    recalled = ticket("c", "01-15 09:20", transfer_of="b", reason="recall")
    assert classes(ticket("a", "01-05 09:00"), ticket("b", "01-15 09:00"), recalled)[1] == "recall"
    first_told = ticket("b", "01-15 09:00", reason="chase")
    assert classes(ticket("a", "01-05 09:00"), first_told, recalled)[1] == "repeat"


def test_a_chain_told_in_any_order_is_the_same_visit() -> None:
    chain = [
        ticket("a", "01-05 09:00"),
        ticket("b", "01-05 09:20", transfer_of="a"),
        ticket("c", "01-05 09:40", transfer_of="b"),
        ticket("d", "01-05 10:00", transfer_of="b"),  # passed on twice
        ticket("e", "01-07 09:00"),
    ]
    results = [judged(*order) for order in permutations(chain)]
    assert all(result == results[0] for result in results)
    assert [results[0][name].head for name in "abcde"] == ["a", "a", "a", "a", "e"]
    assert results[0]["e"].charged_unit == "unit of d"


def test_a_second_ticket_before_its_first_begins_the_visit() -> None:
    """The clock of one counter was wrong: the visit began with the earlier ticket, 30 days after the last."""
    wrong = ticket("c", "02-04 23:00", transfer_of="b")
    result = judged(ticket("a", "01-05 09:00"), ticket("b", "02-05 09:00"), wrong)
    assert (result["b"].visit_class, result["b"].gap_days, result["c"].visit_class) == (
        "repeat",
        30,
        "merged",
    )


def test_a_transfer_from_a_visit_that_is_not_there_hides_no_return() -> None:
    assert classes(FIRST, ticket("b", "01-08 09:00", family="licence", transfer_of="lost"))[1] == "repeat"


def test_a_ring_of_transfers_with_a_tail_is_one_visit_of_its_earliest_ticket() -> None:
    ring = [
        ticket("a", "01-05 09:00", transfer_of="c"),
        ticket("b", "01-05 09:20", transfer_of="a"),
        ticket("c", "01-05 09:40", transfer_of="b"),
        ticket("d", "01-05 10:00", transfer_of="c"),
    ]
    result = judged(*ring, ticket("e", "01-07 09:00"))
    assert [result[name].head for name in "abcde"] == ["a", "a", "a", "a", "e"]
    assert (result["e"].visit_class, result["e"].charged_unit) == ("repeat", "unit of d")


@pytest.mark.parametrize(
    ("start", "expected"),
    [("01-05 09:14", "merged"), ("01-05 09:15", "repeat"), ("01-05 09:16", "repeat")],
)
def test_tickets_that_touch_are_two_visits(start: str, expected: str) -> None:
    assert classes(ticket("a", "01-05 09:00"), ticket("b", start))[1] == expected


def test_a_ticket_of_no_length_inside_a_visit_is_part_of_it_and_at_its_end_is_not() -> None:
    long = ticket("a", "01-05 09:00", "01-05 10:00")
    assert classes(long, ticket("b", "01-05 09:30", "01-05 09:30")) == ["index_new", "merged"]
    assert classes(long, ticket("b", "01-05 10:00", "01-05 10:00")) == ["index_new", "repeat"]


def test_an_end_before_the_start_is_no_end() -> None:
    backwards = ticket("a", "01-05 09:00", "01-04 09:00")
    result = judged(backwards, ticket("b", "02-04 09:00"))
    assert (result["a"].ended_on, result["b"].gap_days) == (date(2025, 1, 5), 30)


# ------------------------------------------------------------------ plans


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("01-05 08:59", "repeat"),  # before it began
        ("01-05 09:16", "repeat"),  # after it ended
        ("01-14 08:00", "repeat"),  # on the eve, for who had asked
        ("01-15 09:00", "repeat"),  # at the return
        ("01-15 10:00", "repeat"),  # after the return
    ],
)
def test_a_plan_written_at_another_time_counts_for_nothing(written: str, expected: str) -> None:
    result = judged(ticket("a", "01-05 09:00"), ticket("b", "01-15 09:00", plan=plan(written, "01-15")))
    assert result["b"].visit_class == expected
    assert result["a"].is_failed


def test_a_plan_written_during_the_visit_of_somebody_else_counts_for_nothing() -> None:
    relative = ticket("r", "01-06 09:00", beneficiary="B2")
    back = ticket("b", "01-15 09:00", plan=plan("01-06 09:10", "01-15"))
    assert classes(ticket("a", "01-05 09:00"), relative, back)[2] == "repeat"


def test_a_plan_for_another_object_counts_for_nothing() -> None:
    one, other = ticket("a", "01-05 09:00", object="car1"), ticket("o", "01-06 09:00", object="car2")
    back = ticket("b", "01-15 09:00", object="car1", plan=plan("01-06 09:10", "01-15"))
    assert classes(one, other, back)[2] == "repeat"


def test_a_plan_from_a_contact_of_the_office_counts_for_nothing() -> None:
    call = ticket("call", "01-07 09:00", direction="outbound")
    back = ticket("b", "01-15 09:00", plan=plan("01-07 09:10", "01-15"))
    assert classes(ticket("a", "01-05 09:00"), call, back)[2] == "repeat"


def test_a_plan_from_a_visit_of_nobody_known_counts_for_nothing() -> None:
    nobody = ticket("u", "01-07 09:00", beneficiary=None)
    back = ticket("b", "01-15 09:00", plan=plan("01-07 09:10", "01-15"))
    assert classes(ticket("a", "01-05 09:00"), nobody, back)[2] == "repeat"


def test_a_plan_written_at_an_overlapping_ticket_of_the_visit_counts() -> None:
    second = ticket("b", "01-05 09:10", "01-05 10:00")
    back = ticket("c", "01-15 09:00", plan=plan("01-05 09:50", "01-15"))
    assert classes(ticket("a", "01-05 09:00"), second, back)[2] == "planned"


def test_a_plan_allows_what_the_service_returned_to_allows() -> None:
    rules = {"licence": RepeatRule(allowed_reasons=frozenset()), "renewal": RepeatRule()}
    back = ticket("b", "01-15 09:00", service="renewal", family="licence", plan=plan("01-05 09:10", "01-15"))
    assert classify([FIRST, back], lambda service: rules[service])["b"].visit_class == "repeat"


def test_a_plan_is_judged_by_its_own_days_each_time_it_is_named() -> None:
    """The definition asks whether a step was written, not whether somebody came for it before."""
    kept: dict[str, Any] = {"plan": plan("01-05 09:10", "01-15")}
    tickets = [ticket("a", "01-05 09:00")]
    tickets += [ticket(name, f"01-{day} 09:00", **kept) for name, day in (("b", 15), ("c", 20))]
    assert classes(*tickets, ticket("d", "02-15 09:00", **kept)) == [
        "index_new",
        "planned",
        "planned",
        "repeat",
    ]


def test_the_days_of_a_plan_are_those_of_the_branch_that_is_come_to() -> None:
    kept: dict[str, Any] = {"plan": plan("01-05 09:10", "01-15")}
    early = ticket("b", "01-14 22:00", zone=LONDON, **kept)  # one o'clock of the 15th in Riyadh
    assert classes(ticket("a", "01-05 09:00"), early)[1] == "repeat"


# ------------------------------------------------------------------ days: midnight, zones, clock changes


@pytest.mark.parametrize(
    ("zone", "first", "back", "gap", "expected"),
    [
        (LONDON, "03-15 09:00", "04-14 00:00", 30, "repeat"),  # the hour lost on 30 March
        (LONDON, "03-15 09:00", "04-14 23:59", 30, "repeat"),
        (LONDON, "03-15 09:00", "04-15 00:00", 31, "index_new"),
        (LONDON, "10-10 09:00", "11-09 23:59", 30, "repeat"),  # the hour won on 26 October
        (LONDON, "10-10 09:00", "11-10 00:00", 31, "index_new"),
        (CAIRO, "04-10 23:45", "05-10 12:00", 29, "repeat"),  # it ends at midnight, on the 11th
        (CAIRO, "04-10 23:30", "05-10 12:00", 30, "repeat"),
        (CAIRO, "04-24 23:45", "05-25 00:00", 30, "repeat"),  # at midnight it was one o'clock of the 25th
    ],
)
def test_days_are_counted_by_the_calendar_on_the_wall(
    zone: ZoneInfo, first: str, back: str, gap: int, expected: str
) -> None:
    began = at(first, zone)
    ended = began.astimezone(UTC_ZONE).timestamp() + 15 * 60
    one = VisitRecord(
        id="a", beneficiary="B1", service="licence", started_at=began,
        ended_at=began.fromtimestamp(ended, zone), zone=zone,
    )  # fmt: skip
    result = judged(one, ticket("b", back, zone=zone))
    assert (result["b"].gap_days, result["b"].visit_class) == (gap, expected)


def test_maturity_is_counted_from_the_local_day_of_the_end() -> None:
    night = ticket("a", "01-05 23:50", "01-06 00:05")
    assert counts(night, as_of=date(2025, 2, 6)).pending == 1
    assert counts(night, as_of=date(2025, 2, 7)).mature == 1


# ------------------------------------------------------------------ objects


def test_a_visit_without_object_fails_all_that_it_may_have_been_about() -> None:
    result = judged(
        ticket("a", "01-05 09:00", object="car1"),
        ticket("b", "01-06 09:00", object="car2"),
        ticket("c", "01-08 09:00"),
        ticket("d", "01-09 09:00", object="car2"),
    )
    assert [result[name].visit_class for name in "abcd"] == ["index_new", "index_new", "repeat", "repeat"]
    assert [result[name].charged_visit for name in "abcd"] == [None, None, "b", "c"]
    assert [result[name].is_failed for name in "ab"] == [True, True]


# ------------------------------------------------------------------ who is left out


@pytest.mark.parametrize(
    ("told", "failed", "mature", "excluded"),
    [
        ({"withdrawn_on": date(2025, 1, 6)}, 1, 1, 0),  # withdrawn, then back all the same
        ({}, 1, 1, 0),
    ],
)
def test_a_withdrawal_does_not_take_a_failure_back(
    told: dict[str, Any], failed: int, mature: int, excluded: int
) -> None:
    count = counts(
        ticket("a", "01-05 09:00", **told), ticket("b", "01-10 09:00", withdrawn_on=date(2025, 1, 10))
    )
    assert (count.failed, count.mature, count.excluded) == (failed, mature, excluded)


def test_who_is_recalled_is_counted_apart_and_shields_only_the_visit_before() -> None:
    result = judged(
        ticket("a", "01-05 09:00"),
        ticket("b", "01-07 09:00"),
        ticket("c", "06-01 09:00", reason="recall"),
        ticket("d", "06-02 09:00"),
    )
    assert [result[name].visit_class for name in "abcd"] == ["index_new", "repeat", "recall", "repeat"]
    count = counts(*(ticket(n, s) for n, s in (("a", "01-05 09:00"), ("b", "01-07 09:00"))))
    assert (count.failed, count.repeats, count.attended) == (1, 1, 2)


def test_the_shadow_sees_what_recoding_hides() -> None:
    """A family of its own for the return: the figure of the service falls, the shadow does not."""
    tickets = [FIRST, ticket("b", "01-08 09:00", service="other", family="other")]
    assert classes(*tickets)[1] == "index_new"
    assert classes(*tickets, any_service=True)[1] == "repeat"


def test_the_last_ticket_of_a_visit_says_what_came_of_it() -> None:
    """Sent on from a to b and on to c: the last one ended it, whatever the others say."""
    first = ticket("a", "01-05 09:00", "01-05 09:10", outcome="resolved", cause="chase")
    second = ticket("b", "01-05 09:10", "01-05 09:20", transfer_of="a", cause="office_error")
    third = ticket(
        "c", "01-05 09:20", "01-05 09:30", transfer_of="b", outcome="unresolved", cause="system_down"
    )
    result = judged(third, first, second, ticket("d", "01-08 09:00"))
    assert (result["a"].closing, result["a"].outcome) == ("c", "unresolved")
    assert (result["d"].charged_unit, result["d"].cause) == ("unit of c", "system_down")


@pytest.mark.parametrize("how", [{"transfer_of": "b"}, {}])
def test_a_cause_told_at_a_second_counter_counts_for_the_whole_return(how: dict[str, str]) -> None:
    first = ticket("a", "01-05 09:00", cause="system_down")
    back = ticket("b", "01-08 09:00", "01-08 09:20")
    beside = ticket("c", "01-08 09:10", "01-08 09:30", reason="wrong_information", **how)
    result = judged(first, back, beside)
    assert (result["b"].visit_class, result["b"].cause) == ("repeat", "wrong_information")


def test_a_cause_of_the_offices_own_list_is_charged_and_makes_no_planned_step_a_failure() -> None:
    first = ticket("a", "01-05 09:00", "01-05 09:30", cause="system_down")
    back = ticket("b", "01-08 09:00", reason="counter_moved", return_cause="counter_moved")
    assert judged(first, back)["b"].cause == "counter_moved"
    step = plan("01-05 09:20", "01-08")
    planned = judged(first, back._replace(plan=step))["b"]
    assert (planned.visit_class, planned.cause) == ("planned", None)
