"""An offer of help takes its steps in order: asked for, tried, solved or answered, and then no more."""

import pytest

from govdesk.cases.returns.rules import ENDINGS, STEPS, leads_to


@pytest.mark.parametrize(
    ("state", "step", "target"),
    [
        ("offered", "wished", "asked"),
        ("offered", "coming", "coming"),
        ("coming", "wished", "asked"),  # who changes their mind
        ("asked", "not_reached", "asked"),
        ("asked", "answered", "answered"),
        ("asked", "solved", "solved"),
        ("solved", "wished", None),
        ("answered", "solved", None),
        ("offered", "solved", None),  # nobody asked
    ],
)
def test_each_step_leads_from_some_states_only(state: str, step: str, target: str | None) -> None:
    assert leads_to(step, state) == target


def test_every_ending_is_a_step_and_what_is_solved_stays_so() -> None:
    assert set(ENDINGS) <= set(STEPS)
    assert [step for step in STEPS if leads_to(step, "solved") is not None] == []
