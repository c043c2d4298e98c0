"""What is missing in the records is counted, branch by branch, each as a share of what it is counted in."""

from typing import Any

from govdesk.db import reading, transaction
from govdesk.kpi import quality, service
from tests.kpi_makers import make_visit, make_wait
from tests.makers import Cast, make_person


def test_each_flaw_is_a_share_of_its_own_whole(cast: Cast) -> None:
    north: dict[str, Any] = {"branch": cast.north, "service": cast.renewal}
    with transaction() as session:
        who, neighbour = make_person(session), make_person(session)
        make_visit(session, "10-01", person=who, outcome="resolved", entered_after=3, **north)
        make_visit(
            session, "10-01", person=neighbour, linked_by="contact", outcome=None, entered_after=2, **north
        )
        make_visit(session, "10-01", person=None, by_hand=["case"], has_edited_times=True, **north)
        make_visit(session, "10-01", person=None, status="closed_unserved", **north)
        make_visit(session, "10-01", person=None, status="cancelled", **north)  # no visit
        make_wait(
            session, branch=cast.harbour, service=cast.renewal, arrived="09:00", called="09:10",
            ended="09:20", outcome="resolved", is_set_aside=True,
        )  # fmt: skip
    whole, harbour, there = quality.by_branch(reading(), service.ask(reading()))
    assert (whole.branch, harbour.branch, there.branch) == (None, "harbour", "north")
    assert (whole.counts["visits"], there.counts["visits"], there.counts["attended"]) == (5, 4, 3)
    shares = {flaw: there.share(flaw) for flaw in quality.FLAWS}
    del shares["without_arrival"]  # as the maker has it
    assert shares == {
        "unlinked": 1 / 3, "probable": 1 / 3, "without_outcome": 1 / 3, "set_aside": 0, "at_night": 1 / 4,
        "edited_times": 1 / 4, "entered_late": 1 / 4, "by_hand": 1 / 4, "unknown": None,
    }  # fmt: skip
    assert harbour.share("set_aside") == 1
    assert harbour.share("without_arrival") == 0


def test_without_records_there_is_no_share(cast: Cast) -> None:
    (whole,) = quality.by_branch(reading(), service.ask(reading()))
    assert all(whole.share(flaw) is None for flaw in quality.FLAWS)
