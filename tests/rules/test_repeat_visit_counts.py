"""From classes to figures: who failed, who is still too young to judge, who is left out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.cases.classes import Classified, Plan, RepeatRule, Verdict, VisitRecord
from govdesk.cases.counts import matter_counts, repeat_counts, time_to_repeat
from govdesk.cases.rules import classify
from govdesk.kpi.survival import kaplan_meier
from tests.rules.expected_files import cases, expected_json
from tests.rules.visit_makers import RIYADH, counts, judged, plan, ticket

FIRST = ticket("a", "01-05 09:00")
REFERENCE = expected_json("repeat_cases.json")
RENAMED = {"group": "service", "start": "started_at", "end": "ended_at"}


def read_visit(given_visit: dict[str, Any], zone: ZoneInfo) -> VisitRecord:
    facts = {RENAMED.get(key, key): value for key, value in given_visit.items()}
    for key in ("started_at", "ended_at"):
        facts[key] = datetime.fromisoformat(facts[key]).replace(tzinfo=zone)
    if written := facts.get("plan"):
        facts["plan"] = Plan(
            made_at=datetime.fromisoformat(written["made_at"]).replace(tzinfo=zone),
            due=date.fromisoformat(written["due"]),
            reason=written["reason"],
        )
    return VisitRecord(**facts, zone=zone)


@pytest.mark.parametrize("case", cases(REFERENCE.get("cases")), ids=lambda case: case["name"])
def test_a_worked_case_of_the_definition(case: dict[str, Any]) -> None:
    rule = RepeatRule(
        window_days=case.get("W", REFERENCE["W"]),
        lag_days=REFERENCE["lag_days"],
        allowed_reasons=frozenset(REFERENCE["allowed_plan_reasons"]),
        cycle_days=case.get("cycle_days"),
    )
    zone = ZoneInfo(REFERENCE["tz"])
    result = classify([read_visit(visit, zone) for visit in case["visits"]], lambda _: rule)
    count = repeat_counts(result.values(), date.fromisoformat(case.get("as_of", REFERENCE["default_as_of"])))
    expected = case["expected"]
    assert {name: result[name].visit_class for name in expected.get("classes", {})} == expected.get(
        "classes", {}
    )
    assert {name: result[name].charged_unit for name in expected.get("attr", {})} == expected.get("attr", {})
    assert [count.failed, count.mature] == expected["m1"]
    assert [count.repeats, count.attended] == expected["m2"]
    assert count.pending == expected.get("pending", 0)
    assert count.unlinked == expected.get("unlinked", 0)
    assert count.abandon_returns == expected.get("abandon", 0)


@pytest.mark.parametrize(
    ("as_of", "verdict"),
    [(date(2025, 2, 5), Verdict.PENDING), (date(2025, 2, 6), Verdict.FAILED)],
)
def test_a_failure_counts_only_after_window_and_lag(as_of: date, verdict: Verdict) -> None:
    result = judged(FIRST, ticket("b", "01-07 09:00"))
    assert result["a"].verdict(as_of) is verdict
    assert result["b"].verdict(as_of) is None


def test_maturity_follows_the_window_and_lag_of_the_service() -> None:
    assert counts(FIRST, as_of=date(2025, 1, 15), window_days=7, lag_days=3).mature == 1
    assert counts(FIRST, as_of=date(2025, 1, 14), window_days=7, lag_days=3).pending == 1


@pytest.mark.parametrize(
    ("withdrawn", "excluded"),
    [("2025-01-04", 0), ("2025-01-05", 1), ("2025-02-04", 1), ("2025-02-05", 0)],
)
def test_withdrawn_inside_the_window_is_left_out(withdrawn: str, excluded: int) -> None:
    count = counts(ticket("a", "01-05 09:00", withdrawn_on=date.fromisoformat(withdrawn)))
    assert (count.excluded, count.mature) == (excluded, 1 - excluded)


def test_withdrawn_after_a_return_is_a_failure_all_the_same() -> None:
    count = counts(ticket("a", "01-05 09:00", withdrawn_on=date(2025, 1, 20)), ticket("b", "01-10 09:00"))
    assert (count.failed, count.mature, count.excluded) == (1, 1, 0)


def test_withdrawn_then_back_for_a_new_need_is_left_out() -> None:
    count = counts(ticket("a", "01-05 09:00", withdrawn_on=date(2025, 1, 20)), ticket("b", "04-10 09:00"))
    assert (count.failed, count.mature, count.excluded) == (0, 1, 1)


def test_withdrawn_but_young_is_pending() -> None:
    count = counts(ticket("a", "01-05 09:00", withdrawn_on=date(2025, 1, 6)), as_of=date(2025, 1, 10))
    assert (count.pending, count.excluded) == (1, 0)


def test_visits_after_the_day_are_left_out() -> None:
    count = counts(FIRST, ticket("b", "01-10 09:00"), ticket("c", "06-01 09:00"), as_of=date(2025, 1, 9))
    assert (count.attended, count.repeats, count.pending) == (1, 0, 1)


def test_a_failure_must_fall_inside_the_window_of_the_index_itself() -> None:
    """The return is a repeat of b; a, about another car, had been at peace for 40 days."""
    result = judged(
        ticket("a", "01-05 09:00", object="car1"),
        ticket("b", "02-12 09:00", object="car2"),
        ticket("c", "02-14 09:00"),
    )
    assert (result["c"].charged_visit, result["a"].next_visit) == ("b", "c")
    assert [result[i].is_failed for i in "ab"] == [False, True]


@pytest.mark.parametrize(
    ("back", "returns"),
    [("01-05 12:00", 1), ("02-04 09:00", 1), ("02-05 09:00", 0)],
)
def test_who_left_and_came_back_is_counted_inside_the_window(back: str, returns: int) -> None:
    left = ticket("a", "01-05 09:00", status="abandoned")
    assert counts(left, ticket("b", back)).abandon_returns == returns


def test_who_left_and_came_for_something_else_did_not_come_back() -> None:
    left = ticket("a", "01-05 09:00", status="abandoned")
    assert counts(left, ticket("b", "01-06 09:00", service="passport")).abandon_returns == 0
    assert counts(left, ticket("b", "01-06 09:00", status="no_show")).abandon_returns == 0


def test_visits_per_finished_matter() -> None:
    result = judged(
        FIRST,
        ticket("b", "01-15 09:00", plan=plan("01-05 09:10", "01-15")),
        ticket("c", "01-18 09:00"),
        ticket("d", "03-30 09:00"),
        ticket("e", "06-20 09:00"),
    )
    count = matter_counts(result.values(), date(2025, 6, 30))
    assert (count.finished, count.visits, count.with_one_visit) == (2, 4, 1)


def test_silent_are_those_left_unresolved_without_return() -> None:
    silent = ticket("a", "01-05 09:00", outcome="unresolved")
    assert counts(silent).silent == 1
    assert counts(silent, ticket("b", "01-06 09:00", outcome="resolved")).silent == 0
    assert counts(silent, as_of=date(2025, 1, 20)).silent == 0


def test_unlinked_visitors_give_bounds() -> None:
    tickets = [FIRST, ticket("b", "01-06 09:00")]
    tickets += [ticket(f"u{i}", "01-06 10:00", beneficiary=None) for i in range(3)]
    count = counts(*tickets)
    assert (count.linkage, count.is_comparable, count.bounds) == (0.4, False, (0.25, 1.0))


def test_no_visits_are_no_data() -> None:
    count = counts()
    assert (count.linkage, count.bounds, count.is_comparable) == (None, None, False)


def test_the_provisional_figure_agrees_with_the_mature_one() -> None:
    tickets = [ticket(f"a{i}", "01-05 09:00", beneficiary=f"P{i}") for i in range(5)]
    tickets.append(ticket("b", "02-04 09:00", beneficiary="P0"))
    result = judged(*tickets)
    observed = time_to_repeat(result.values(), date(2025, 2, 6))
    assert sorted(observed) == [(30, False)] * 4 + [(30, True)]
    assert kaplan_meier(observed).at(30) == 0.8


def test_a_repeat_inside_the_recording_lag_is_not_yet_seen() -> None:
    result = judged(FIRST, ticket("b", "01-09 09:00"))
    assert time_to_repeat(result.values(), date(2025, 1, 10)) == [(3, False)]
    assert time_to_repeat(result.values(), date(2025, 1, 11)) == [(4, True)]
    assert time_to_repeat(result.values(), date(2025, 1, 6)) == []


# ------------------------------------------------------------------ what holds for any visits

EPOCH = datetime(2025, 1, 1, tzinfo=RIYADH)
visits = st.builds(
    lambda person, minute, length, facts, status, reason, step: {
        "beneficiary": person,
        "started_at": EPOCH + timedelta(minutes=minute),
        "ended_at": EPOCH + timedelta(minutes=minute + length),
        **facts,
        "status": status,
        "reason": reason,
        "plan": step,
    },
    st.sampled_from(["B1", "B2", "", None]),
    st.integers(0, 90 * 24 * 4).map(lambda quarter: quarter * 15),
    st.sampled_from([0, 15, 15, 90, 2000]),
    st.fixed_dictionaries(
        {
            "service": st.sampled_from(["s1", "s2"]),
            "family": st.sampled_from(["", "f"]),
            "object": st.sampled_from([None, "", "car1", "car2", "car3"]),
            "case_no": st.sampled_from(["", "7", "8"]),
        },
    ),
    st.sampled_from(["served", "served", "turned_away", "no_show", "abandoned"]),
    st.sampled_from([None, "chase", "recall"]),
    st.none()
    | st.builds(
        lambda minute, days: Plan(
            made_at=EPOCH + timedelta(minutes=minute),
            due=(EPOCH + timedelta(minutes=minute, days=days)).date(),
            reason="instalment",
        ),
        st.integers(0, 90 * 24 * 4).map(lambda quarter: quarter * 15),
        st.integers(0, 40),
    ),
)


@st.composite
def visit_lists(draw: st.DrawFn, most: int = 14) -> list[VisitRecord]:
    drawn = draw(st.lists(visits, max_size=most))
    made = []
    for place, facts in enumerate(drawn):
        origin = draw(st.none() | st.none() | st.integers(0, place - 1)) if place else None
        transfer_of = None if origin is None else f"v{origin:02}"
        made.append(VisitRecord(id=f"v{place:02}", zone=RIYADH, transfer_of=transfer_of, **facts))
    return made


def by_rule(_: str) -> RepeatRule:
    return RepeatRule()


@settings(deadline=None)
@given(visit_lists().flatmap(lambda made: st.tuples(st.just(made), st.permutations(made))))
def test_the_order_of_the_input_does_not_matter(both: tuple[list[VisitRecord], list[VisitRecord]]) -> None:
    assert classify(both[0], by_rule) == classify(both[1], by_rule)


@settings(deadline=None)
@given(visit_lists())
def test_one_beneficiary_at_a_time_gives_what_all_together_give(made: list[VisitRecord]) -> None:
    whole = classify(made, by_rule)
    people: dict[str | None, list[VisitRecord]] = {}
    for record in made:
        people.setdefault(whole[record.id].beneficiary, []).append(record)
    piecewise: dict[str, Classified] = {}
    for records in people.values():
        piecewise |= classify(records, by_rule)
    assert piecewise == whole


@settings(deadline=None)
@given(visit_lists(), st.integers(0, 120))
def test_every_index_has_exactly_one_verdict(made: list[VisitRecord], age: int) -> None:
    result = classify(made, by_rule)
    as_of = (EPOCH + timedelta(days=age)).date()
    count = repeat_counts(result.values(), as_of)
    indexes = sum(one.is_index and one.started_on <= as_of for one in result.values())
    assert count.mature + count.pending + count.excluded == indexes
    assert count.failed <= count.mature
    assert len(result) == len(made)


@settings(deadline=None)
@given(visit_lists())
def test_a_verdict_once_mature_stands(made: list[VisitRecord]) -> None:
    made = [VisitRecord(**{**fields(one), "transfer_of": None}) for one in made]
    result = classify(made, by_rule)
    for name, one in result.items():
        if one.is_index:
            due = one.ended_on + timedelta(days=32)
            known = classify([visit for visit in made if visit.started_at.date() <= due], by_rule)
            assert known[name].verdict(due) is one.verdict(due + timedelta(days=400))


@settings(deadline=None)
@given(visit_lists(), st.data())
def test_a_new_case_number_on_the_return_hides_no_repeat(
    made: list[VisitRecord], data: st.DataObject
) -> None:
    plain = [VisitRecord(**{**fields(one), "case_no": None}) for one in made]
    recoded = [
        VisitRecord(**{**fields(one), "case_no": data.draw(st.text("123", max_size=1))}) for one in made
    ]
    before, after = classify(plain, by_rule), classify(recoded, by_rule)
    hidden = {
        name
        for name, one in before.items()
        if one.visit_class == "repeat" and after[name].visit_class == "index_new"
    }
    assert not hidden


def fields(record: VisitRecord) -> dict[str, Any]:
    return record._asdict()


Tickets = list[VisitRecord]


def naive_classes(made: list[VisitRecord]) -> dict[str, str | None]:
    """The definition read aloud: no index, no shortcut, every earlier visit looked at."""
    known = {one.id: one for one in made}
    chains: dict[str, Tickets] = {}
    for one in sorted(made, key=lambda v: (v.started_at, v.ended_at, v.id)):
        root = one  # the transfers drawn here form no ring
        while root.transfer_of:
            root = known[root.transfer_of]
        chains.setdefault(root.id, []).append(one)
    seen: list[Tickets] = []
    out: dict[str, str | None] = {one.id: "merged" for one in made}
    for head, chain in sorted(chains.items(), key=lambda item: (start(item[1]), end(item[1]), item[0])):
        chain.sort(key=lambda one: one.id != head)  # what the first ticket says comes first
        people = [one.beneficiary for one in chain if one.beneficiary]
        if not people or not any(one.status in {"served", "turned_away"} for one in chain):
            out[head] = None
            continue
        visit = [VisitRecord(**{**fields(one), "beneficiary": people[0]}) for one in chain]
        same = [p for p in seen if any(same_by_definition(a, b) for a in p for b in visit)]
        host = [p for p in same if end(p) > start(visit) or start(p) == start(visit)]
        if host:
            host[-1].extend(visit)
            continue
        seen.append(visit)
        out[head] = class_by_definition(visit, same)
    return out


def start(visit: Tickets) -> datetime:
    return min(ticket.started_at for ticket in visit)


def end(visit: Tickets) -> datetime:
    return max(max(ticket.started_at, ticket.ended_at) for ticket in visit)


def same_by_definition(one: VisitRecord, other: VisitRecord) -> bool:
    if one.beneficiary != other.beneficiary:
        return False
    if one.case_no and one.case_no == other.case_no:
        return True
    same_family = (one.family or one.service) == (other.family or other.service)
    return same_family and (not one.object or not other.object or one.object == other.object)


def class_by_definition(visit: Tickets, same: list[Tickets]) -> str:
    if not same:
        return "index_new"
    day = start(visit).date()
    gap = (day - end(same[-1]).date()).days
    reasons = [one.reason for one in visit if one.reason] + [None]
    if reasons[0] == "recall":
        return "recall"
    step = next((one.plan for one in visit if one.plan), None)
    if (
        step is not None
        and reasons[0] != "chase"
        and step.due <= day <= step.due + timedelta(days=30)
        and any(start(p) <= step.made_at <= end(p) for p in same)
    ):
        return "planned"
    return "index_new" if gap > 30 else "repeat"


@settings(deadline=None)
@given(visit_lists(most=20))
def test_the_classifier_agrees_with_the_definition_read_aloud(made: list[VisitRecord]) -> None:
    result = classify(made, by_rule)
    for name, expected in naive_classes(made).items():
        if expected is not None:
            assert result[name].visit_class == expected
