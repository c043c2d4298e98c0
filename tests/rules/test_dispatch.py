"""Who is called next, and why: the written rule, as tables, and what must hold of every policy."""

import datetime as dt
from collections import Counter
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.queue import policy as policies
from govdesk.queue.dispatch import ANYBODY, Choice, Head, Officer, ahead, decide, order
from govdesk.queue.policy import CLASSES, PATIENCE, PLAIN, ClassRule, Help, Policy, PolicyError

NINE = dt.datetime(2026, 10, 14, 9, 0, tzinfo=dt.UTC)
LICENCE, CARD = 1, 2
_ids = count(1)
TURNS = Policy(
    form="turns",
    priority=ClassRule(3, None),
    displaced=ClassRule(1, None),
    our_mistake=ClassRule(1, None),
    appointment=ClassRule(2, None),
    walk_in=ClassRule(1, None),
)


def minutes(length: float) -> dt.timedelta:
    return dt.timedelta(minutes=length)


def waits(length: float, call_class: str = "walk_in", **given: Any) -> Head:
    """Somebody who has waited so many minutes at nine; less than nothing is an appointment to come."""
    since = NINE - minutes(length)
    values = {
        "service_id": LICENCE,
        "language": "ar",
        "order_at": since,
        "callable_at": since,
        "since": since,
    }
    return Head(ticket_id=next(_ids), call_class=call_class, **{**values, **given})


def call(
    *heads: Head, lately: tuple[str, ...] = (), officer: Officer = ANYBODY, by: Policy = TURNS
) -> Choice:
    choice = decide(heads, lately, officer, NINE, by)
    assert choice is not None
    return choice


def test_nobody_is_called_where_nobody_waits() -> None:
    assert decide([], [], ANYBODY, NINE, TURNS) is None
    assert decide([], [], ANYBODY, NINE, PLAIN) is None


def test_in_one_order_who_stands_earliest_is_called() -> None:
    walk_in, appointment = waits(20), waits(10, "appointment", order_at=NINE - minutes(25))
    choice = call(walk_in, appointment, by=PLAIN)
    assert (choice.head, choice.code, choice.overtook) == (appointment, "appointment", (walk_in.ticket_id,))


def test_a_future_appointment_is_not_called_and_at_its_minute_it_is() -> None:
    assert decide([waits(-1, "appointment")], [], ANYBODY, NINE, TURNS) is None
    assert call(waits(0, "appointment")).code == "appointment"


def test_an_early_window_calls_who_is_early_only_when_nobody_due_waits() -> None:
    policy = replace(TURNS, early=10)
    early, due = waits(-10, "appointment"), waits(0)
    assert call(early, due, by=policy).head == due
    assert call(early, by=policy).head == early
    assert decide([waits(-11, "appointment")], [], ANYBODY, NINE, policy) is None


@pytest.mark.parametrize(
    ("lately", "called", "turn"),
    [
        ((), "priority", 1),
        (("priority",), "appointment", 1),
        (("appointment", "priority"), "walk_in", 1),
        (("walk_in", "appointment", "priority"), "priority", 2),
        (("priority", "walk_in", "appointment", "priority"), "appointment", 2),
        (("appointment", "priority", "walk_in", "appointment", "priority"), "priority", 3),
    ],
)
def test_classes_take_turns_three_two_one(lately: tuple[str, ...], called: str, turn: int) -> None:
    heads = waits(3, "priority"), waits(2, "appointment"), waits(1)
    choice = call(*heads, lately=lately)
    assert (choice.head.call_class, choice.code, choice.numbers["turn"]) == (called, "turn", turn)


def test_only_one_round_of_calls_is_remembered() -> None:
    heads = waits(3, "priority"), waits(2, "walk_in")
    full = ("walk_in",) * TURNS.memory
    assert call(*heads, lately=(*full, *("priority",) * 50)).head.call_class == "priority"


def test_who_has_waited_past_the_ageing_of_the_class_overtakes_the_turns() -> None:
    policy = replace(TURNS, walk_in=ClassRule(1, 40))
    urgent, old, young = waits(39, "priority"), waits(40), waits(39)
    choice = call(urgent, old, by=policy)
    assert (choice.head, choice.code, dict(choice.numbers)) == (
        old,
        "aged",
        {"class": "walk_in", "after": 40},
    )
    assert call(urgent, young, by=policy).head == urgent


def test_of_two_past_their_ageing_the_one_whose_time_came_first_goes() -> None:
    policy = replace(TURNS, walk_in=ClassRule(1, 40), priority=ClassRule(3, 10))
    assert call(waits(12, "priority"), waits(41), by=policy).head.call_class == "priority"
    assert call(waits(11, "priority"), waits(42), by=policy).head.call_class == "walk_in"


def test_past_the_ceiling_the_longest_wait_goes_first_whatever_its_class() -> None:
    choice = call(waits(59, "priority"), waits(60), waits(61, "appointment"))
    assert (choice.head.call_class, choice.code, dict(choice.numbers)) == (
        "appointment", "ceiling", {"after": 60},
    )  # fmt: skip
    assert choice.overtook == ()


def test_a_call_names_the_heads_who_wait_longer() -> None:
    first, second, later = waits(30), waits(20, "appointment"), waits(5, "priority")
    assert call(first, second, later).overtook == (first.ticket_id, second.ticket_id)


def test_an_officer_serves_the_services_of_the_counter() -> None:
    officer = Officer(own=frozenset({CARD}))
    assert call(waits(50), waits(1, service_id=CARD), officer=officer).head.service_id == CARD
    assert decide([waits(50)], [], officer, NINE, TURNS) is None


def test_when_the_longest_wait_passes_its_limit_others_help() -> None:
    officer, policy = Officer(own=frozenset({CARD})), replace(TURNS, helps=(Help(LICENCE, 20),))
    own = waits(1, service_id=CARD)
    assert call(waits(20), own, officer=officer, by=policy).head == own
    choice = call(waits(21), own, officer=officer, by=policy)
    assert (choice.head.service_id, choice.numbers["help"]) == (LICENCE, 20)


def test_nobody_helps_with_what_they_may_not_serve() -> None:
    policy = replace(TURNS, helps=(Help(LICENCE, 20),))
    officer = Officer(own=frozenset({CARD}), skills=frozenset({CARD}))
    assert decide([waits(59)], [], officer, NINE, policy) is None


def test_an_officer_calls_who_speaks_the_same_language_but_nobody_waits_too_long_for_it() -> None:
    policy, officer = replace(PLAIN, language=15), Officer(languages=frozenset({"ar"}))
    other, same = waits(14, language="en"), waits(3)
    choice = call(other, same, officer=officer, by=policy)
    assert (choice.head, choice.numbers["language"]) == (same, "ar")
    assert call(waits(15, language="en"), same, officer=officer, by=policy).head.language == "en"
    assert call(other, officer=officer, by=policy).head == other


def test_the_ceiling_is_not_kept_waiting_by_a_language() -> None:
    policy, officer = replace(TURNS, ceiling=30, language=60), Officer(languages=frozenset({"ar"}))
    assert call(waits(30, language="en"), waits(3), officer=officer, by=policy).code == "ceiling"


def test_the_order_run_ahead_is_the_order_of_the_calls() -> None:
    heads = [waits(n, name) for n, name in enumerate(("priority", "appointment", "walk_in") * 3, start=1)]
    run = order(heads, [], NINE, TURNS)
    assert [choice.head.call_class for choice in run] == [
        "priority", "appointment", "walk_in", "priority", "appointment", "priority", "appointment",
        "walk_in", "walk_in",
    ]  # fmt: skip
    early = waits(-5, "appointment")
    assert order([early, *heads], [], NINE, TURNS)[-1] == Choice(early, "early")
    assert order(heads, [], NINE, TURNS, limit=2) == run[:2]


def test_ahead_of_a_newcomer_are_those_who_would_be_called_before() -> None:
    old, urgent, new = waits(30), waits(1, "priority"), waits(0)
    assert ahead(new, [old, urgent], [], NINE, TURNS) == [urgent, old]
    assert ahead(waits(0, "priority"), [old], ["walk_in"], NINE, TURNS) == []


heads_drawn = st.lists(
    st.builds(
        waits,
        st.integers(0, 110),
        st.sampled_from(CLASSES),
        service_id=st.sampled_from((LICENCE, CARD)),
        language=st.sampled_from(("ar", "en")),
    ),
    min_size=1,
    max_size=12,
)
rules_drawn = st.builds(ClassRule, st.integers(1, 6), st.none() | st.integers(1, 29))
turns_drawn = st.builds(
    Policy,
    form=st.just("turns"),
    ceiling=st.integers(30, 120),
    late=st.just(10),
    language=st.integers(0, 60),
    **dict.fromkeys(CLASSES, rules_drawn),
)
lately_drawn = st.lists(st.sampled_from(CLASSES), max_size=30)


@given(heads=heads_drawn, lately=lately_drawn, policy=turns_drawn, turned=st.integers(0, 11))
def test_the_decision_depends_on_nothing_but_what_it_is_given(
    heads: list[Head], lately: list[str], policy: Policy, turned: int
) -> None:
    moved = heads[turned % len(heads) :] + heads[: turned % len(heads)]
    assert decide(heads, lately, ANYBODY, NINE, policy) == decide(moved, lately, ANYBODY, NINE, policy)


@given(heads=heads_drawn, lately=lately_drawn, policy=turns_drawn)
def test_past_the_ceiling_nobody_is_passed_by_who_waits_less(
    heads: list[Head], lately: list[str], policy: Policy
) -> None:
    chosen = decide(heads, lately, ANYBODY, NINE, policy)
    assert chosen is not None
    longest = max(NINE - head.since for head in heads)
    if longest >= minutes(policy.ceiling):
        assert (chosen.code, NINE - chosen.head.since) == ("ceiling", longest)


@given(heads=heads_drawn, lately=lately_drawn, policy=turns_drawn, longer=st.integers(0, 60))
def test_to_have_waited_longer_is_never_worse(
    heads: list[Head], lately: list[str], policy: Policy, longer: int
) -> None:
    chosen = decide(heads, lately, ANYBODY, NINE, policy)
    assert chosen is not None
    since = chosen.head.since - minutes(longer)
    older = replace(chosen.head, since=since, order_at=since, callable_at=since)
    again = decide([older, *(one for one in heads if one != chosen.head)], lately, ANYBODY, NINE, policy)
    assert again is not None
    assert again.head == older


@given(policy=turns_drawn, data=st.data())
@settings(max_examples=50)
def test_while_every_class_waits_each_has_its_turns_in_every_round(
    policy: Policy, data: st.DataObject
) -> None:
    ageless: dict[str, Any] = {name: replace(policy.rule(name), ageing=None) for name in CLASSES}
    plain = replace(policy, **ageless)
    heads = [waits(data.draw(st.integers(0, 20)), name) for name in CLASSES]
    whole = plain.memory + 1
    lately: list[str] = []
    for _ in range(4 * whole):
        choice = decide(heads, lately, ANYBODY, NINE, plain)
        assert choice is not None
        lately = [choice.head.call_class, *lately]
    for begin in range(len(lately) - whole + 1):
        had = Counter(lately[begin : begin + whole])
        assert had == {name: plain.rule(name).turns for name in CLASSES}


@given(policy=turns_drawn, behind=st.integers(0, 5))
@settings(max_examples=40)
def test_no_stream_of_others_keeps_a_walk_in_past_the_ceiling(policy: Policy, behind: int) -> None:
    """One call a minute; every minute one of each other class comes. Who stands before may go first."""
    stream: list[Head] = [waits(behind - n, "walk_in") for n in range(behind + 1)]
    last, lately = stream[-1], list[str]()
    for minute in range(policy.ceiling + behind + 1):
        now = NINE + minutes(minute)
        stream += [waits(-minute, name) for name in CLASSES if name != "walk_in"]
        lines: dict[tuple[str, int, str], Head] = {}
        for head in stream:
            lines.setdefault(head.line, head)
        choice = decide(lines.values(), lately, ANYBODY, now, policy)
        assert choice is not None
        if choice.head == last:
            return
        stream.remove(choice.head)
        lately = [choice.head.call_class, *lately]
    older = [head for head in stream if head.since < last.since]
    assert older, "it was passed by somebody who came after it"


@given(
    starts=st.lists(st.integers(0, 30), min_size=4, max_size=4),
    gap=st.integers(0, 600),
    late=st.integers(0, 120),
)
def test_a_walk_in_of_two_hours_is_passed_by_no_appointment_due_since(
    starts: list[int], gap: int, late: int
) -> None:
    classes = {name: ClassRule(1, None, start) for name, start in zip(CLASSES, starts, strict=False)}
    policy = Policy(late=late, **classes)  # type: ignore[arg-type]
    assert policies.problems(policy) == []
    everything: dict[str, Any] = {
        "has_priority": True,
        "is_displaced": True,
        "is_our_mistake": True,
        "policy": policy,
    }
    due = NINE + minutes(PATIENCE + gap)
    stood = policies.place(NINE, None, has_priority=False, policy=policy)
    assert policies.place(due, due, **everything) >= stood


def test_a_walk_in_stands_by_arrival() -> None:
    assert policies.place(NINE, None, has_priority=False) == NINE


def test_a_punctual_appointment_stands_fifteen_minutes_early_and_a_priority_thirty() -> None:
    assert policies.place(NINE - minutes(30), NINE, has_priority=False) == NINE - minutes(15)
    assert policies.place(NINE, None, has_priority=True) == NINE - minutes(30)
    assert policies.place(NINE, NINE, has_priority=True) == NINE - minutes(45)


def test_an_appointment_ten_minutes_late_is_still_punctual_and_eleven_is_a_walk_in() -> None:
    assert policies.place(NINE + minutes(10), NINE, has_priority=False) == NINE - minutes(15)
    assert policies.place(NINE + minutes(11), NINE, has_priority=False) == NINE + minutes(11)


def test_where_classes_take_turns_everybody_stands_from_when_they_wait() -> None:
    for has_priority in (False, True):
        early = policies.place(NINE - minutes(9), NINE, has_priority=has_priority, policy=TURNS)
        assert (early, policies.place(NINE, None, has_priority=has_priority, policy=TURNS)) == (NINE, NINE)


@pytest.mark.parametrize(
    ("arrived", "due", "facts", "is_class"),
    [
        (0, None, {}, "walk_in"),
        (0, 0, {}, "appointment"),
        (10, 0, {}, "appointment"),
        (11, 0, {}, "walk_in"),
        (0, 0, {"is_our_mistake": True}, "our_mistake"),
        (0, 0, {"is_our_mistake": True, "is_displaced": True}, "displaced"),
        (11, 0, {"is_displaced": True}, "walk_in"),
        (0, 0, {"is_displaced": True, "has_priority": True}, "priority"),
    ],
)
def test_a_ticket_is_of_the_first_class_that_fits(
    arrived: int, due: int | None, facts: dict[str, Any], is_class: str
) -> None:
    due_at = None if due is None else NINE + minutes(due)
    assert policies.class_of(NINE + minutes(arrived), due_at, **{"has_priority": False, **facts}) == is_class


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"form": "lottery"}, "form"),
        ({"ceiling": 121}, "ceiling"),
        ({"ceiling": 4}, "ceiling"),
        ({"early": -1}, "early"),
        ({"late": 121}, "late"),
        ({"language": 61}, "language"),
        ({"walk_in": ClassRule(0)}, "walk_in_turns"),
        ({"walk_in": ClassRule(21)}, "walk_in_turns"),
        ({"form": "turns", "walk_in": ClassRule(1, 60)}, "walk_in_ageing"),
        ({"walk_in": ClassRule(1, None, 5)}, "walk_in_head_start"),
        ({"priority": ClassRule(1, None, 90)}, "priority_head_start"),
        ({"helps": (Help(1, 0),)}, "help_0_after"),
        ({"helps": (Help(1, 5), Help(1, 9))}, "helps"),
    ],
)
def test_what_does_not_hold_together_is_refused_beside_its_field(changed: dict[str, Any], field: str) -> None:
    assert [problem.field for problem in policies.problems(replace(PLAIN, **changed))] == [field]


@given(policy=turns_drawn)
def test_a_stored_policy_reads_as_it_was_written(policy: Policy) -> None:
    whole = replace(policy, helps=(Help(LICENCE, 20),))
    assert policies.of_document(policies.document(whole)) == whole


@pytest.mark.parametrize("stored", [{"speed": 3}, {"walk_in": 3}, {"helps": [{"service": 1}]}, {"late": "x"}])
def test_a_stored_policy_that_makes_no_sense_is_refused(stored: dict[str, Any]) -> None:
    with pytest.raises(PolicyError):
        policies.of_document(stored)


def test_the_plain_policy_holds_and_is_the_order_of_one_queue() -> None:
    assert policies.problems(PLAIN) == []
    assert PLAIN.is_plain
    assert not TURNS.is_plain
