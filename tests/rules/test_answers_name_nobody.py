"""What somebody wrote loses numbers, addresses and names; what is known of them loses what is rare."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.feedback.answers.coarsening import FEWEST, ORDER, OTHER, coarsened
from govdesk.feedback.answers.masking import masked, names_in

NAMES = names_in(["Omar Al-Harbi", "عمر الحربي", "Head of department", "رئيسة الإدارة"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Call 0501234567 please", "Call *** please"),
        ("Call +966 50 123 4567.", "Call ***."),
        ("رقمي ٠٥٠١٢٣٤٥٦٧ شكرًا", "رقمي *** شكرًا"),
        ("My identity is 1087654321!", "My identity is ***!"),
        ("Passport A1234567 was lost", "Passport *** was lost"),
        ("Write to nora.k@example.org, thanks", "Write to ***, thanks"),
        ("Omar was kind, OMAR's desk too", "*** was kind, ***'s desk too"),
        ("شكرًا لعمر وللحربي", "شكرًا *** ***"),
        ("The head of the department was kind", "The head of the department was kind"),
        ("We waited 45 minutes at counter 12 on 3 May", "We waited 45 minutes at counter 12 on 3 May"),
        ("انتظرنا ٤٥ دقيقة", "انتظرنا ٤٥ دقيقة"),
        ("", ""),
    ],
)
def test_who_wrote_and_who_is_meant_is_masked(text: str, expected: str) -> None:
    assert masked(text, NAMES) == expected


def answer(**facts: object) -> dict[str, object]:
    return {**dict.fromkeys(ORDER), "mode": "sms", **facts}


def test_a_fact_that_five_share_stays() -> None:
    five = [answer(channel="kiosk", branch_id=1) for _ in range(5)]
    assert [one["channel"] for one in coarsened(five, ["mode"])] == ["kiosk"] * 5


def test_a_rare_language_goes_before_the_branch_does() -> None:
    answers = [answer(language="ar", branch_id=1) for _ in range(5)] + [answer(language="en", branch_id=1)]
    found = coarsened([*answers, *[answer(branch_id=1) for _ in range(4)]], ["mode"])
    assert [one["language"] for one in found] == ["ar"] * 5 + [None] * 5
    assert {one["branch_id"] for one in found} == {1}


def test_who_is_rare_to_the_end_keeps_nothing() -> None:
    (alone,) = coarsened([answer(branch_id=1, service_id=2, language="ar")], ["mode"])
    assert (alone.pop("mode"), set(alone.values())) == (OTHER, {None})


def test_who_alone_was_asked_by_email_is_not_found_by_that() -> None:
    answers = [answer(mode="sms", branch_id=1) for _ in range(20)] + [answer(mode="email", branch_id=1)]
    found = coarsened(answers, ["mode"])
    assert Counter(one["mode"] for one in found) == {"sms": 16, OTHER: 5}


def test_whoever_is_left_over_is_joined_by_others() -> None:
    answers = [answer(branch_id=1) for _ in range(6)] + [answer(branch_id=2)]
    assert Counter(one["branch_id"] for one in coarsened(answers)) == {None: 7}
    more = [*answers, *[answer(branch_id=1) for _ in range(3)]]
    assert Counter(one["branch_id"] for one in coarsened(more)) == {1: 5, None: 5}


@given(
    st.lists(st.fixed_dictionaries({name: st.sampled_from([None, 1, 2, 3]) for name in ORDER}), max_size=40)
)
def test_every_combination_that_is_left_is_shared(answers: list[dict[str, object]]) -> None:
    shared = Counter(tuple(one.values()) for one in coarsened(answers))
    assert min(shared.values(), default=FEWEST) >= min(FEWEST, len(answers) or FEWEST)
