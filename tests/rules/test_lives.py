"""The curves of cases by group: the reference's shares and its numbers under observation."""

from __future__ import annotations

from typing import Any

import pytest

from govdesk.kpi.lives import lives_of
from govdesk.kpi.survival import kaplan_meier
from tests.rules.expected_files import cases, expected_json

REFERENCE = [one for one in expected_json("km.json").get("cases", []) if "S" in one]


@pytest.mark.parametrize("one", cases(REFERENCE), ids=lambda one: one["name"])
def test_a_reference_curve(one: dict[str, Any]) -> None:
    pairs = [
        (float(days), bool(is_closed))
        for days, is_closed in zip(one["durations"], one["closed"], strict=True)
    ]
    found = lives_of(kaplan_meier(pairs))
    for days, share in one["S"].items():
        assert found.at(float(days)) == pytest.approx(share, abs=1e-9)
        assert found.at_risk(float(days)) == sum(length >= float(days) for length, _ in pairs)


def test_beyond_the_last_observation_nothing_is_known() -> None:
    open_one, all_closed = (lives_of(kaplan_meier([(1, True), (3, ended)])) for ended in (False, True))
    assert (open_one.at(4), all_closed.at(4)) == (None, 0.0)
    assert (open_one.at_risk(3), open_one.at_risk(4), open_one.n) == (1, 0, 2)


def test_without_cases_there_is_no_curve() -> None:
    nothing = lives_of(kaplan_meier([]))
    assert (nothing.steps, nothing.n, nothing.at(0)) == ([], 0, None)
