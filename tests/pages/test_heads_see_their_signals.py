"""A signal waits on the overview and in the list of work until it was seen, and says by whom."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.kpi.marks import watching
from govdesk.kpi.marks.models import SignalSeen
from govdesk.kpi.targets import service as targets
from govdesk.kpi.targets.service import Place
from tests.desk import Desk
from tests.kpi_makers import make_visit
from tests.makers import RIYADH, Cast

SignIn = Callable[[str], Desk]
FIRST = dt.date(2026, 7, 5)


@pytest.fixture
def jump(cast: Cast) -> Cast:
    """Twelve calm weeks and one in which nine of twenty left; the job has run."""
    with transaction() as session:
        targets.set_target(
            session, actor=cast.staff["huda"].actor, measure="abandonment_rate", value=0.5,
            owner=cast.staff["sara"], due_on=None, reason="the plan", place=Place(None, cast.civil.id),
        )  # fmt: skip
        for place, left in enumerate([2, 1] * 6 + [9]):
            day = FIRST + dt.timedelta(weeks=place, days=1)
            for one in range(20):
                make_visit(
                    session, f"{day:%m-%d}", branch=cast.north, service=cast.renewal, person=None,
                    status="abandoned" if one < left else "served",
                )  # fmt: skip
    with clock.at(dt.datetime(2026, 10, 4, 8, tzinfo=RIYADH)):
        assert watching.run_watch() == 1
    return cast


def test_it_waits_until_it_was_seen(jump: Cast, sign_in: SignIn) -> None:
    huda = sign_in("huda")
    assert "1 signal waits for you" in huda.get("/figures", language="en", status=200).main
    assert "Signals of figures 1" in huda.get("/work", language="en", status=200).main
    page = huda.get("/figures/signals", language="en", status=200)
    assert "Truly worse" in page.main
    assert "45.0%" in page.main
    assert "Nobody has seen it yet" in page.main
    huda.post(
        page.forms()[-1].get("action") or "",
        {"words": "The printer stood still."},
        page="/figures/signals",
        status=302,
    )
    page = huda.get("/figures/signals", language="en", status=200)
    assert "The printer stood still." in page.main
    assert "waits for you" not in huda.get("/figures", language="en").main


def test_another_branch_neither_sees_nor_answers_it(jump: Cast, sign_in: SignIn) -> None:
    salim = sign_in("salim")
    assert "No signal" in salim.get("/figures/signals", language="en", status=200).main
    assert salim.send("/figures/signals/1/seen", {"words": ""}).status in {400, 403}
    assert reading().scalars(select(SignalSeen)).all() == []
