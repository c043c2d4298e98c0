"""What this product publishes is what it reads; how soon a feed is read again."""

import datetime as dt
import json
from pathlib import Path

import pytest

from govdesk.kpi.feeds import rules

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


def test_a_changed_number_breaks_the_seal() -> None:
    found = json.loads((PUBLISHED / "2026-10.json").read_text("utf-8"))
    entry = rules.Entry("2026-10", found["version"], "", found["hash"], "https://a.example/")
    found["figures"][0]["rows"][0]["n"] = 11
    with pytest.raises(rules.ProblemError, match="seal"):
        rules.read_document(found, entry)


@pytest.mark.parametrize(("failures", "minutes"), [(0, 360), (1, 15), (2, 30), (4, 120), (6, 360), (99, 360)])
def test_a_feed_that_fails_is_tried_sooner_and_then_later(failures: int, minutes: int) -> None:
    assert rules.next_after(failures) == dt.timedelta(minutes=minutes)
