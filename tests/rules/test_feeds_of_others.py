"""What this product publishes is what it reads; how soon a feed is read again."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from govdesk.kpi.feeds import rules
from govdesk.kpi.periods.document import is_whole
from tests.feeds import coded, figure, index, published

PUBLISHED = Path(__file__).parents[1] / "published"


def test_a_published_example_is_read_as_it_was_written() -> None:
    listed = rules.parsed((PUBLISHED / "figures.json").read_bytes())
    home = listed["periods"][0]["url"]
    index = rules.read_index(listed, home)
    assert index.name_ar
    assert index.licence
    entry = next(one for one in index.entries if one.period == "2026-10")
    found = rules.read_document(rules.parsed((PUBLISHED / "2026-10.json").read_bytes()), entry)
    told = rules.told(found)
    written = {figure["key"] for figure in found["figures"] if not figure["by"]}
    assert set(told) == written
    assert all(one.why or one.value is not None for one in told.values())


def read(*figures: dict[str, Any]) -> dict[str, rules.Told]:
    found = published("2026-09", figures=figures)
    listed = rules.read_index(index([found], "https://a.example"), "https://a.example/figures.json")
    return rules.told(rules.read_document(found, listed.entries[0]))


def test_counts_by_common_code_are_read_as_far_as_they_are_shown() -> None:
    told = read(
        figure("noshow_rate", 30, 200),
        coded("noshow_rate", {"n:A": (20, 100), "n:B": None, "n:C": (4, 50)}),
        coded("service_level", {"n:A": (1, 20)}),  # of which the whole is not told
        figure("csat", 30, 200),
        coded("csat", {"n:A": (20, 100)}, definition_version="v2"),  # another question
    )
    assert told["noshow_rate"].codes == {"n:A": (20, 100), "n:C": (4, 50)}
    assert told["csat"].codes == {}
    assert set(told) == {"noshow_rate", "csat"}


def test_what_was_published_before_there_were_codes_is_read_as_ever() -> None:
    found = json.loads((PUBLISHED / "2026-10.json").read_text("utf-8"))
    assert "common_codes" not in found
    assert all(one.codes == {} for one in rules.told(found).values())


def test_a_document_with_codes_reads_without_them_as_one_that_has_none() -> None:
    # an older installation reads what has the same format, fits its seal and is broken down by nothing
    plain = published("2026-09", figures=[figure("noshow_rate", 30, 200)])
    more = published(
        "2026-09", figures=[figure("noshow_rate", 30, 200), coded("noshow_rate", {"n:A": (20, 100)})]
    )
    assert more["format"] == plain["format"] == "govdesk-figures/1"
    assert is_whole(more)
    whole = [one for one in more["figures"] if not one["by"]]
    assert whole == plain["figures"]
    assert {**more, "figures": whole, "hash": ""} == {**plain, "hash": ""}


@pytest.mark.parametrize(
    "wrong",
    [
        coded("noshow_rate", {"n:A": (30, 20)}),
        coded("noshow_rate", {"<b>": (2, 20)}),
        coded("noshow_rate", {"n:A": (-2, 20)}),
        {**coded("noshow_rate", {}), "rows": [{"group": {}}]},
        {**coded("noshow_rate", {}), "rows": coded("noshow_rate", {"n:A": (1, 20)})["rows"] * 2},
        coded("noshow_rate", {f"n:{place}": (1, 20) for place in range(rules.MOST_CODES + 1)}),
    ],
)
def test_codes_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(rules.ProblemError, match="not_a_feed"):
        read(figure("noshow_rate", 30, 200), wrong)


def test_a_changed_number_breaks_the_seal() -> None:
    found = json.loads((PUBLISHED / "2026-10.json").read_text("utf-8"))
    entry = rules.Entry("2026-10", found["version"], "", found["hash"], "https://a.example/")
    found["figures"][0]["rows"][0]["n"] = 11
    with pytest.raises(rules.ProblemError, match="seal"):
        rules.read_document(found, entry)


@pytest.mark.parametrize(("failures", "minutes"), [(0, 360), (1, 15), (2, 30), (4, 120), (6, 360), (99, 360)])
def test_a_feed_that_fails_is_tried_sooner_and_then_later(failures: int, minutes: int) -> None:
    assert rules.next_after(failures) == dt.timedelta(minutes=minutes)
