"""The class of a visit, rule by rule, in the order of the definition."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest

from govdesk.cases.classes import FAILURE_REASONS, PLAN_REASONS, RepeatRule, VisitRecord
from govdesk.cases.rules import classify, same_matter
from tests.rules.visit_makers import RIYADH, at, classes, judged, plan, ticket

LONDON = ZoneInfo("Europe/London")
FIRST = ticket("a", "01-05 09:00")


def test_a_first_visit_is_a_new_need() -> None:
    assert classes(FIRST) == ["index_new"]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("01-05 09:15", "repeat"),  # half-open: beginning when the first ended is no overlap
        ("01-05 11:00", "repeat"),
        ("02-04 23:59", "repeat"),  # day 30
        ("02-05 00:00", "index_new"),  # day 31
        ("01-05 09:14", "merged"),
    ],
)
def test_a_return_is_judged_by_local_days(start: str, expected: str) -> None:
    assert classes(FIRST, ticket("b", start)) == ["index_new", expected]


def test_the_gap_runs_from_the_end_of_the_visit_before() -> None:
    over_midnight = ticket("a", "01-05 23:50", "01-06 00:10")
    result = judged(over_midnight, ticket("b", "02-05 09:00"))
    assert (result["b"].visit_class, result["b"].gap_days) == ("repeat", 30)


# ------------------------------------------------------------------ transfer and overlap


def test_a_chain_of_transfers_is_one_visit_closed_by_its_last_unit() -> None:
    result = judged(
        FIRST,
        ticket("b", "01-05 09:20", transfer_of="a"),
        ticket("c", "01-05 10:00", transfer_of="b"),
        ticket("d", "01-09 09:00"),
    )
    assert [result[i].visit_class for i in "abcd"] == ["index_new", "merged", "merged", "repeat"]
    assert [result[i].head for i in "abc"] == ["a", "a", "a"]
    assert (result["d"].charged_visit, result["d"].charged_unit) == ("a", "unit of c")


def test_the_end_of_a_transferred_visit_is_the_latest_end() -> None:
    result = judged(FIRST, ticket("b", "01-06 09:00", transfer_of="a"), ticket("c", "02-05 09:00"))
    assert (result["a"].ended_on, result["c"].gap_days) == (date(2025, 1, 6), 30)


def test_the_unit_is_the_one_that_closed_it_not_the_last_to_begin() -> None:
    long = ticket("a", "01-05 09:00", "01-05 12:00")
    result = judged(long, ticket("b", "01-05 09:20", transfer_of="a"), ticket("c", "01-06 09:00"))
    assert result["c"].charged_unit == "unit of a"


def test_of_two_that_end_together_the_one_that_began_later_closed() -> None:
    result = judged(
        ticket("a", "01-05 09:00", "01-05 10:00"),
        ticket("b", "01-05 09:30", "01-05 10:00", transfer_of="a"),
        ticket("c", "01-06 09:00"),
    )
    assert result["c"].charged_unit == "unit of b"


def test_a_transferred_ticket_is_merged_before_anything_else_is_asked() -> None:
    for given in ({"direction": "outbound"}, {"status": "abandoned"}, {"beneficiary": None}):
        assert classes(FIRST, ticket("b", "01-05 09:20", transfer_of="a", **given)) == ["index_new", "merged"]


def test_a_transfer_from_a_ticket_that_is_not_in_the_data_stands_for_itself() -> None:
    assert classes(ticket("b", "01-05 09:20", transfer_of="a")) == ["index_new"]


def test_a_ring_of_transfers_keeps_its_earliest_ticket() -> None:
    ring = [ticket("b", "01-05 09:20", transfer_of="a"), ticket("a", "01-05 09:00", transfer_of="b")]
    assert classes(*ring) == ["merged", "index_new"]
    assert classes(ticket("a", "01-05 09:00", transfer_of="a")) == ["index_new"]


def test_a_beneficiary_known_only_at_the_second_counter_links_the_visit() -> None:
    nameless = ticket("a", "01-05 09:00", beneficiary="")
    assert classes(nameless, ticket("b", "01-05 09:20", transfer_of="a"), ticket("c", "01-06 09:00")) == [
        "index_new",
        "merged",
        "repeat",
    ]


def test_a_visit_is_about_the_matters_of_all_its_transferred_tickets() -> None:
    moved = ticket("b", "01-05 09:20", transfer_of="a", service="passport")
    result = judged(FIRST, moved, ticket("c", "01-08 09:00", service="passport"))
    assert (result["c"].visit_class, result["c"].charged_service) == ("repeat", "passport")


def test_two_tickets_at_once_for_one_matter_are_one_visit() -> None:
    result = judged(
        ticket("a", "01-05 09:00", "01-05 10:00"),
        ticket("b", "01-05 09:30", "01-05 11:00"),
        ticket("c", "01-05 10:30"),
        ticket("d", "01-07 09:00"),
    )
    assert [result[i].visit_class for i in "abcd"] == ["index_new", "merged", "merged", "repeat"]
    assert result["d"].charged_unit == "unit of b"


def test_tickets_of_one_instant_are_one_visit_even_without_length() -> None:
    assert classes(ticket("a", "01-05 09:00", "01-05 09:00"), ticket("b", "01-05 09:00")) == [
        "index_new",
        "merged",
    ]


def test_two_tickets_at_once_for_two_matters_are_two_visits() -> None:
    assert classes(FIRST, ticket("b", "01-05 09:05", service="passport")) == ["index_new", "index_new"]


def test_overlap_is_found_behind_a_shorter_visit_of_another_object() -> None:
    result = classes(
        ticket("a", "01-05 09:00", "01-05 12:00", object="car1"),
        ticket("b", "01-05 09:30", "01-05 09:40", object="car2"),
        ticket("c", "01-05 11:00"),
    )
    assert result == ["index_new", "index_new", "merged"]


@pytest.mark.parametrize("status", ["no_show", "cancelled", "abandoned", "closed_unserved"])
def test_an_unattended_ticket_overlapping_a_visit_keeps_its_status(status: str) -> None:
    assert classes(FIRST, ticket("b", "01-05 09:05", status=status)) == ["index_new", status]


# ------------------------------------------------------------------ direction, status, link


def test_a_contact_made_by_the_office_is_no_visit() -> None:
    call = ticket("b", "01-07 09:00", direction="outbound", beneficiary=None, status="no_show")
    assert classes(FIRST, call, ticket("c", "01-08 09:00")) == ["index_new", "outbound", "repeat"]


@pytest.mark.parametrize("status", ["no_show", "cancelled", "abandoned", "closed_unserved"])
def test_what_was_not_attended_is_neither_return_nor_first_visit(status: str) -> None:
    tickets = [ticket("a", "01-05 09:00", status=status), ticket("b", "01-06 09:00")]
    assert classes(*tickets) == [status, "index_new"]
    assert (
        classes(*(ticket(i, f"01-0{i} 09:00", status=status, beneficiary="") for i in "12")) == [status] * 2
    )


def test_turned_away_at_the_gate_is_an_attended_visit() -> None:
    assert classes(ticket("a", "01-05 09:00", status="turned_away"), ticket("b", "01-06 09:00")) == [
        "index_new",
        "repeat",
    ]


@pytest.mark.parametrize("missing", [None, ""])
def test_without_beneficiary_a_visit_is_unlinked(missing: str | None) -> None:
    same_visitor = ticket("b", "01-06 09:00", beneficiary=missing, visitor="B1", case_no="7")
    assert classes(FIRST, same_visitor) == ["index_new", "unlinked"]


def test_the_text_na_is_a_beneficiary_like_any_other() -> None:
    assert classes(
        ticket("a", "01-05 09:00", beneficiary="NA"), ticket("b", "01-06 09:00", beneficiary="NA")
    ) == [
        "index_new",
        "repeat",
    ]


# ------------------------------------------------------------------ same matter


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({}, {}, True),
        ({"beneficiary": "B1"}, {"beneficiary": "B2"}, False),
        ({"beneficiary": ""}, {"beneficiary": ""}, False),
        ({"visitor": "B1"}, {"visitor": "SON"}, True),
        ({"object": "car1"}, {"object": "car1"}, True),
        ({"object": "car1"}, {"object": "car2"}, False),
        ({"object": "car1"}, {"object": ""}, True),
        ({"object": None}, {"object": "car1"}, True),
        ({"object": "NA"}, {"object": "car1"}, False),
        ({"case_no": "7"}, {"case_no": "8"}, True),  # reopening under another number hides nothing
        ({"case_no": "7", "object": "car1"}, {"case_no": "7", "object": "car2"}, True),
        ({"case_no": "7"}, {"case_no": "7", "service": "passport"}, True),  # recoding hides nothing
        ({"case_no": ""}, {"case_no": "", "service": "passport"}, False),
        ({"family": "car"}, {"family": "car", "service": "plates"}, True),
        ({"family": "car"}, {"family": "road"}, False),
        ({"family": "licence", "service": "renewal"}, {"family": ""}, True),  # family defaults to the service
    ],
)
def test_same_matter(first: dict[str, str], second: dict[str, str], *, expected: bool) -> None:
    one, other = ticket("a", "01-05 09:00", **first), ticket("b", "01-06 09:00", **second)
    assert same_matter(one, other) is same_matter(other, one) is expected
    if one.beneficiary:
        assert classes(one, other) == ["index_new", "repeat" if expected else "index_new"]


def test_a_visit_without_object_returns_to_the_latest_of_its_family() -> None:
    result = judged(
        ticket("a", "01-05 09:00", object="car1"),
        ticket("b", "01-06 09:00", object="car2"),
        ticket("c", "01-08 09:00"),
        ticket("d", "01-09 09:00", object="car1"),
    )
    assert [result[i].previous for i in "abcd"] == [None, None, "b", "c"]


# ------------------------------------------------------------------ the rules in their order


@pytest.mark.parametrize("start", ["01-05 10:00", "02-04 09:00", "12-24 09:00"])
def test_a_recall_is_a_recall_at_any_gap(start: str) -> None:
    assert classes(FIRST, ticket("b", start, reason="recall")) == ["index_new", "recall"]


def test_a_recall_of_someone_never_seen_is_a_first_visit() -> None:
    assert classes(ticket("a", "01-05 09:00", reason="recall")) == ["index_new"]


def test_a_recall_comes_before_cycle_and_plan() -> None:
    back = ticket("b", "02-02 09:00", reason="recall", plan=plan("01-05 09:10", "02-02"))
    assert classes(FIRST, back, cycle_days=30) == ["index_new", "recall"]


def test_a_return_after_a_recall_is_charged_to_the_recall() -> None:
    result = judged(FIRST, ticket("b", "01-25 09:00", reason="recall"), ticket("c", "01-30 09:00"))
    assert (result["c"].visit_class, result["c"].charged_visit, result["c"].index_visit) == (
        "repeat",
        "b",
        "a",
    )
    assert not result["a"].is_failed


@pytest.mark.parametrize(
    ("cycle", "start", "expected"),
    [
        (30, "01-28 09:00", "repeat"),  # 23 days
        (30, "01-29 09:00", "index_new"),  # 24 = 0.8 × 30
        (7, "01-10 09:00", "repeat"),  # 5 < 5.6
        (7, "01-11 09:00", "index_new"),  # 6
        (None, "01-29 09:00", "repeat"),
    ],
)
def test_the_next_turn_of_a_recurring_service_is_a_new_need(
    cycle: int | None, start: str, expected: str
) -> None:
    assert classes(FIRST, ticket("b", start), cycle_days=cycle) == ["index_new", expected]


def test_a_cycle_comes_before_a_plan() -> None:
    back = ticket("b", "02-02 09:00", plan=plan("01-05 09:10", "02-02"))
    assert classes(FIRST, back, cycle_days=30) == ["index_new", "index_new"]


@pytest.mark.parametrize(
    ("made_at", "expected"),
    [
        ("01-05 08:59", "repeat"),
        ("01-05 09:00", "planned"),  # both ends included
        ("01-05 09:15", "planned"),
        ("01-05 09:16", "repeat"),  # a plan written after the visit counts for nothing
        ("01-15 09:05", "repeat"),  # written during the return itself
    ],
)
def test_a_plan_must_have_been_written_during_the_visit(made_at: str, expected: str) -> None:
    assert classes(FIRST, ticket("b", "01-15 09:00", plan=plan(made_at, "01-15"))) == ["index_new", expected]


@pytest.mark.parametrize(
    ("start", "due", "expected"),
    [
        ("01-14 23:59", "01-15", "repeat"),
        ("01-15 00:00", "01-15", "planned"),
        ("02-14 23:59", "01-15", "planned"),  # due + 30
        ("02-15 00:00", "01-15", "index_new"),  # too late for the plan, and for a repeat
        ("02-04 09:00", "01-04", "repeat"),  # due + 31, gap 30
        ("08-01 09:00", "08-01", "planned"),  # at any gap
    ],
)
def test_a_planned_step_is_kept_from_its_due_day_for_the_window(start: str, due: str, expected: str) -> None:
    assert classes(FIRST, ticket("b", start, plan=plan("01-05 09:10", due))) == ["index_new", expected]


@pytest.mark.parametrize("reason", sorted(FAILURE_REASONS))
def test_who_comes_for_a_failure_reason_did_not_come_for_the_plan(reason: str) -> None:
    back = ticket("b", "01-15 09:00", plan=plan("01-05 09:10", "01-15"), reason=reason)
    result = judged(FIRST, back)
    assert (result["b"].visit_class, result["b"].cause) == ("repeat", reason)


@pytest.mark.parametrize("reason", ["", "something_else"])
def test_another_reason_leaves_the_plan_standing(reason: str) -> None:
    back = ticket("b", "01-15 09:00", plan=plan("01-05 09:10", "01-15"), reason=reason)
    assert classes(FIRST, back) == ["index_new", "planned"]


@pytest.mark.parametrize("reason", [*sorted(PLAN_REASONS), "come_back_later", ""])
def test_only_an_allowed_reason_makes_a_plan(reason: str) -> None:
    back = ticket("b", "01-15 09:00", plan=plan("01-05 09:10", "01-15", reason))
    assert classes(FIRST, back)[1] == ("planned" if reason in PLAN_REASONS else "repeat")
    assert classes(FIRST, back, allowed_reasons=frozenset({"other"}))[1] == "repeat"


def test_a_plan_may_come_from_any_earlier_visit_of_the_matter() -> None:
    back = ticket("c", "01-20 09:00", plan=plan("01-05 09:10", "01-20"))
    assert classes(FIRST, ticket("b", "01-10 09:00"), back) == ["index_new", "repeat", "planned"]


def test_a_plan_from_a_visit_of_another_matter_counts_for_nothing() -> None:
    other = ticket("p", "01-05 12:00", service="passport")
    back = ticket("c", "01-20 09:00", plan=plan("01-05 12:10", "01-20"))
    assert classes(FIRST, other, back) == ["index_new", "index_new", "repeat"]


@pytest.mark.parametrize("status", ["no_show", "abandoned", "closed_unserved"])
def test_a_plan_from_a_visit_that_was_not_attended_counts_for_nothing(status: str) -> None:
    missed = ticket("m", "01-07 09:00", status=status)
    back = ticket("c", "01-20 09:00", plan=plan("01-07 09:10", "01-20"))
    assert classes(FIRST, missed, back) == ["index_new", status, "repeat"]


def test_a_plan_written_at_the_second_counter_of_a_transfer_counts() -> None:
    back = ticket("c", "01-20 09:00", plan=plan("01-05 09:30", "01-20"))
    assert classes(FIRST, ticket("b", "01-05 09:20", transfer_of="a"), back)[2] == "planned"
    assert classes(FIRST, back)[1] == "repeat"


def test_a_plan_is_found_behind_a_later_shorter_visit() -> None:
    long = ticket("a", "01-05 09:00", "01-05 12:00")
    aside = ticket("p", "01-05 10:00", service="passport")
    back = ticket("c", "01-20 09:00", plan=plan("01-05 11:00", "01-20"))
    assert classes(long, aside, back)[2] == "planned"


# ------------------------------------------------------------------ what a repeat is charged with


def test_a_repeat_is_charged_to_the_visit_before_and_belongs_to_its_index() -> None:
    result = judged(
        FIRST,
        ticket("b", "01-10 09:00"),
        ticket("c", "01-17 09:00"),
        ticket("d", "03-01 09:00"),
        ticket("e", "03-02 09:00"),
    )
    assert [result[i].visit_class for i in "abcde"] == [
        "index_new",
        "repeat",
        "repeat",
        "index_new",
        "repeat",
    ]
    assert [result[i].charged_visit for i in "abcde"] == [None, "a", "b", None, "d"]
    assert [result[i].index_visit for i in "abcde"] == ["a", "a", "a", "d", "d"]


def test_a_planned_step_is_an_index_of_its_own_and_can_fail() -> None:
    step = ticket("b", "01-15 09:00", plan=plan("01-05 09:10", "01-15"))
    result = judged(FIRST, step, ticket("c", "01-18 09:00"))
    assert (result["c"].index_visit, result["c"].charged_visit) == ("b", "b")
    assert [result[i].is_failed for i in "ab"] == [False, True]
    assert [result[i].matter for i in "abc"] == ["a", "a", "a"]


def test_the_cause_is_what_the_person_says_else_what_the_officer_wrote() -> None:
    written = ticket("a", "01-05 09:00", cause="missing_document")
    assert judged(written, ticket("b", "01-06 09:00", reason="chase"))["b"].cause == "chase"
    assert judged(written, ticket("b", "01-06 09:00"))["b"].cause == "missing_document"
    assert judged(FIRST, ticket("b", "01-06 09:00"))["b"].cause is None


def test_channel_and_unit_are_those_that_closed_the_visit_charged() -> None:
    first = ticket("a", "01-05 09:00", channel="counter", unit="A/1", branch="A")
    second = ticket("b", "01-06 09:00", channel="phone", unit="B/2", branch="B")
    result = judged(first, second)["b"]
    assert (result.charged_unit, result.charged_channel, result.charged_service) == (
        "A/1",
        "counter",
        "licence",
    )


def test_another_service_code_with_a_shorter_window_hides_no_return() -> None:
    rules = {"licence": RepeatRule(), "other": RepeatRule(window_days=7, cycle_days=7)}
    recoded = ticket("b", "01-20 09:00", service="other", family="licence")
    assert classify([FIRST, recoded], lambda service: rules[service])["b"].visit_class == "repeat"


# ------------------------------------------------------------------ the shadow


def test_in_the_shadow_any_service_is_the_same_matter() -> None:
    tickets = [
        FIRST,
        ticket("b", "01-08 09:00", service="passport", object="x"),
        ticket("c", "01-08 09:05", service="id"),
    ]
    assert classes(*tickets) == ["index_new", "index_new", "index_new"]
    assert classes(*tickets, any_service=True) == ["index_new", "repeat", "merged"]


# ------------------------------------------------------------------ zones, ties, wrong input


def test_days_are_cut_in_the_branch_of_each_visit() -> None:
    first = ticket("a", "01-05 22:30", zone=LONDON)  # already the 6th in Riyadh
    same_moment_later = ticket("b", "02-05 00:30")  # still the 4th in London
    result = judged(first, same_moment_later)
    assert (result["b"].gap_days, result["b"].visit_class) == (31, "index_new")


def test_utc_moments_are_cut_in_the_zone_of_the_branch() -> None:
    moment = datetime(2025, 1, 5, 22, 0, tzinfo=UTC)
    night = VisitRecord(
        id="a",
        beneficiary="B1",
        service="licence",
        started_at=moment,
        ended_at=moment + timedelta(hours=1),
        zone=RIYADH,
    )
    assert judged(night)["a"].ended_on == date(2025, 1, 6)


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    early = at("10-26 01:10", LONDON)
    late = early.replace(minute=5, fold=1)  # 55 minutes after, though its wall clock shows less
    first = ticket("a", "10-26 01:10", "10-26 01:20", zone=LONDON)
    second = VisitRecord(
        id="b",
        beneficiary="B1",
        service="licence",
        started_at=late,
        ended_at=late + timedelta(minutes=5),
        zone=LONDON,
    )
    result = judged(second, first)
    assert [result[i].visit_class for i in "ab"] == ["index_new", "repeat"]


def test_ties_do_not_depend_on_the_order_of_the_input() -> None:
    tickets = [
        ticket("c", "01-05 09:00"),
        ticket("a", "01-05 09:00"),
        ticket("b", "01-05 09:00", "01-05 09:30"),
        ticket("d", "01-05 09:00", object="car"),
    ]
    results = [judged(*order) for order in permutations(tickets)]
    assert all(result == results[0] for result in results)
    assert results[0]["a"].visit_class == "index_new"


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        classes(FIRST, FIRST)
    with pytest.raises(ValueError, match="unknown status"):
        classes(ticket("a", "01-05 09:00", status="waiting"))
    naive = datetime(2025, 1, 5, 9)  # noqa: DTZ001 (the point of the test)
    with pytest.raises(ValueError, match="time zone"):
        classes(
            VisitRecord(id="a", beneficiary="B", service="s", started_at=naive, ended_at=naive, zone=RIYADH)
        )
