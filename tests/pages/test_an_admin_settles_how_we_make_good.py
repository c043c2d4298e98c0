"""Deadlines, the catalogue of redress and the instances of complaints are edited as rows."""

from collections.abc import Callable

import pytest

from govdesk.cases.recovery import deadlines
from govdesk.cases.recovery.models import RedressKind
from govdesk.db import reading
from govdesk.feedback.complaints.models import ComplaintInstance
from tests.desk import Desk
from tests.makers import Cast


@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_line_is_edited_and_what_cannot_be_is_said(
    sign_in: Callable[[str], Desk], cast: Cast, language: str
) -> None:
    adam = sign_in("adam")
    page = adam.get("/admin/recovery", language=language)
    line = "/admin/recovery/redress/fee_refund"
    assert line in page.links()
    wrong = adam.post(line, {"front_limit": "900", "supervisor_limit": "٥٠٠"}, status=422)
    assert set(wrong.errors()) == {"supervisor_limit"}
    adam.post(line, {"front_limit": "", "supervisor_limit": "٢٠٠", "head_limit": "900"}, status=302)
    kind = reading().get_one(RedressKind, "fee_refund")
    assert (kind.front_limit, kind.supervisor_limit, kind.head_limit) == (None, 200, 900)
    new = {"code": "parking", "name_ar": "موقف", "name_en": "Parking", "front_limit": "0"}
    adam.post("/admin/recovery/redress/new", new, status=302)
    assert reading().get_one(RedressKind, "parking").has_cost is False
    adam.post("/admin/recovery/deadlines/left", {"working_hours": "4"}, status=302)
    assert deadlines.settled_hours(reading(), "left") == 4
    adam.post("/admin/recovery/instances/1", {"answer_days": "3"}, status=302)
    reading().rollback()
    assert reading().get_one(ComplaintInstance, 1).answer_days == 3
    adam.get("/admin/recovery/deadlines/nonsense", status=404)
    sign_in("sara").get("/admin/recovery", status=403)
