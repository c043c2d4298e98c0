"""Links that are only probable are counted apart, with bounds that trust them no more than none."""

from typing import Any, cast

import pytest

from govdesk.kpi.repeats import Tally, first_contact_resolution, repeat_visit_rate

SEEN = Tally(
    failed=4, mature=10, attended=12, unlinked=2, unlinked_mature=2, probable=3, probable_mature=2,
    probable_failed=1,
)  # fmt: skip
ASKED = cast("Any", None)


def test_the_share_of_probable_links_stands_beside_the_rate() -> None:
    row = repeat_visit_rate(SEEN, ASKED)
    assert row["data_quality"]["probable"] == 3 / 12
    assert row["data_quality"]["linkage"] == 12 / 14


def test_the_bounds_widen_where_a_probable_link_is_not_trusted() -> None:
    detail = repeat_visit_rate(SEEN, ASKED)["detail"]
    assert detail["bounds"] == [4 / 12, 6 / 12]
    assert detail["bounds_certain"] == [3 / 12, 7 / 12]
    turned = first_contact_resolution(SEEN, ASKED)["detail"]
    assert turned["bounds_certain"] == pytest.approx([5 / 12, 9 / 12])


def test_without_anybody_there_is_no_data() -> None:
    row = repeat_visit_rate(Tally(), ASKED)
    assert row["detail"]["bounds_certain"] is None
    assert row["data_quality"]["probable"] is None
