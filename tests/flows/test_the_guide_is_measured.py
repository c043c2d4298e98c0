"""What the guide spares and tells is counted by hand here, and by the figures."""

import datetime as dt
from collections.abc import Iterator

import pytest
from flask import Flask

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.cases import service as visits
from govdesk.catalog import scenarios
from govdesk.catalog.models import PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.db import reading, transaction
from govdesk.kpi import service
from govdesk.kpi.figures import Row
from govdesk.kpi.groups import UnknownGroupingError
from govdesk.kpi.question import Scope
from govdesk.queue import reasons
from tests.makers import MORNING, Cast, make_ticket

DAY = MORNING.date()


@pytest.fixture
def day(cast: Cast) -> Iterator[Cast]:
    """Four visits of renewal: two for a lost card (one lacks two papers), one to book, one unknown; one more
    for a passport; three people go online, one of them the next morning, and one need not come.
    """
    with clock.at(MORNING):
        with transaction() as session:
            renewal = session.get_one(PublicService, cast.renewal.id)
            known: dict[str, Scenario] = {}
            for code, action in (
                ("lost", "bring"),
                ("book", "book"),
                ("online", "online"),
                ("fines", "not_eligible"),
            ):
                known[code] = scenarios.describe_scenario(
                    session, actor=SYSTEM, service=renewal, code=code, name_ar=code, name_en=code,
                    action=action, link="https://example.org", advice_ar="لأن", advice_en="because",
                )  # fmt: skip
            for code in ("report", "photo"):
                scenarios.describe_paper(
                    session, actor=SYSTEM, scenario=known["lost"], code=code, name_ar=code, name_en=code
                )
            papers = [paper.id for paper in known["lost"].papers]
            made = []
            wanted: tuple[tuple[PublicService, str | None, list[int]], ...] = (
                (cast.renewal, "lost", papers), (cast.renewal, "lost", []), (cast.renewal, "book", []),
                (cast.renewal, None, []), (cast.passport, None, []),
            )  # fmt: skip
            for wanted_service, reason, lacking in wanted:
                ticket = make_ticket(
                    session, branch=cast.north, service=wanted_service, state="serving",
                    scenario_id=known[reason].id if reason else None,
                )  # fmt: skip
                if lacking:
                    reasons.note_missing(session, actor=SYSTEM, ticket_id=ticket.id, paper_ids=lacking)
                ticket.state, ticket.outcome, ticket.ended_at = "served", "resolved", clock.now()
                made.append(ticket.id)
        with transaction() as session:
            for ticket_id in made:
                visits.record_ticket(session, {"ticket_id": ticket_id})
        press(known["online"], known["online"], known["fines"])
        with clock.at(MORNING + dt.timedelta(days=1)):
            press(known["online"])
        yield cast


def press(*pressed: Scenario) -> None:
    with transaction() as session:
        for scenario in pressed:
            scenarios.avoid_visit(session, scenario=scenario)


def total(key: str, scope: Scope | None = None) -> Row:
    return service.figure(reading(), key, from_day=DAY, to_day=DAY, scope=scope or Scope()).total


def by(key: str, word: str) -> dict[str | None, tuple[int | None, int | None]]:
    found = service.figure(reading(), key, from_day=DAY, to_day=DAY, by=[word])
    return {row.group[word]: (row.numerator, row.denominator) for row in found.rows}


def test_three_needs_of_eight_ended_in_the_guide(day: Cast) -> None:
    row = total("visits_avoided")
    assert (row.numerator, row.denominator, row.n) == (3, 8, 8)
    assert row.interval == pytest.approx((0.1368, 0.6943), abs=0.0001)  # Wilson 3 of 8
    assert by("visits_avoided", "service") == {"renewal": (3, 7), "passport": (0, 1)}
    assert by("visits_avoided", "scenario")["renewal/online"] == (2, 2)


def test_what_is_pressed_later_is_not_known_yet(day: Cast) -> None:
    next_day = DAY + dt.timedelta(days=1)
    early = service.figure(reading(), "visits_avoided", to_day=next_day, as_of=MORNING).total
    assert early.numerator == 3
    with clock.at(MORNING + dt.timedelta(days=2)):
        assert service.figure(reading(), "visits_avoided", to_day=next_day).total.numerator == 4


def test_a_single_branch_avoids_no_visits_and_says_no_data(day: Cast) -> None:
    row = total("visits_avoided", Scope(branch_id=day.north.id))
    assert (row.value, row.n) == (None, 0)
    with pytest.raises(UnknownGroupingError):
        by("visits_avoided", "branch")


def test_three_of_five_visits_have_a_reason(day: Cast) -> None:
    row = total("scenario_share")
    assert (row.numerator, row.denominator, row.value) == (3, 5, 0.6)
    assert by("scenario_share", "service") == {"renewal": (3, 4), "passport": (0, 1)}


def test_one_of_two_who_should_have_brought_papers_lacked_one(day: Cast) -> None:
    row = total("papers_missing")
    assert (row.numerator, row.denominator, row.value) == (1, 2, 0.5)
    assert by("papers_missing", "scenario") == {
        "renewal/lost": (1, 2), "renewal/book": (0, 0), None: (0, 0),
    }  # fmt: skip


def test_without_a_guide_there_is_no_data(app: Flask, cast: Cast, morning: None) -> None:
    for key in ("visits_avoided", "scenario_share", "papers_missing"):
        assert total(key).value is None
