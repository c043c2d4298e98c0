"""From figures of complaints, recoveries, recalls, obstacles and returns to the cases that they count."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest

from govdesk.cases.obstacles.models import Obstacle, ObstacleEvent
from govdesk.cases.rebuild.service import reclassify_all
from govdesk.cases.recall.models import Recall, RecallMember, RecallStep
from govdesk.cases.recovery.models import Recovery
from govdesk.db import reading, transaction
from govdesk.feedback.complaints.models import Complaint, ComplaintRound
from govdesk.kpi import service, speed
from govdesk.kpi.behind import paging
from govdesk.kpi.question import Question, Scope
from tests.desk import Desk, Page
from tests.kpi_makers import make_case, make_visit, make_wait
from tests.makers import SUNDAY, Cast, make_person, make_staff, moment

SignIn = Callable[[str], Desk]
DAY = dt.timedelta(days=1)
BEGAN = moment("09:00", SUNDAY - 21 * DAY)
DUE = BEGAN + 7 * DAY
REPAIRS = (
    "complaints_per_thousand", "complaints_in_time", "recovered_in_time", "recall_coverage",
    "obstacles_open", "obstacle_age",
)  # fmt: skip
VISITS = (
    "turned_away_rate", "waiting_p90", "shadow_repeat_rate", "returned_in_90_days", "abandon_returns",
    "net_time_to_resolution", "business_time_to_resolution",
)  # fmt: skip
SECRET = "These are the words of somebody"


@pytest.fixture
def city(cast: Cast) -> Cast:
    """Some of everything, all of the civil department; the head of another one is called lina."""
    with transaction() as session:
        cast.staff["lina"] = make_staff(session, "lina", role="head", department=cast.lands)
        for make in (_complaints, _recoveries, _recall, _obstacles, _visits, _returns):
            make(session, cast)
        reclassify_all(session)
    return cast


def _complaints(session: Any, cast: Cast) -> None:
    """Answered in time, late, answered after today, overdue, withdrawn, and one of no service."""
    answers: list[dt.timedelta | None] = [-DAY, 2 * DAY, 30 * DAY, None, None, None, None, None]
    for number, answered in enumerate(answers):
        state = "withdrawn" if number == 6 else "received" if answered is None else "answered"
        made = Complaint(
            number=f"C{number}", token=f"c{number}", channel="web", branch_id=cast.north.id,
            is_place_known=True, service_id=None if number == 7 else cast.renewal.id, about="wait",
            words=SECRET, wished=SECRET, language="ar", taken_by="visitor", state=state, received_at=BEGAN,
            person_id=make_person(session, name=f"Complainant {number}").id,
        )  # fmt: skip
        made.rounds.append(
            ComplaintRound(
                level=1,
                begun_at=BEGAN,
                acknowledge_due_at=DUE,
                answer_due_at=DUE,
                answered_at=None if answered is None else DUE + answered,
                verdict=None if answered is None else "not_justified",
            )
        )
        session.add(made)


def _recoveries(session: Any, cast: Cast) -> None:
    """Good in time, good late, given up, forgotten, overdue twice."""
    ends = (
        (-DAY, "word"), (DAY, "link"), (-DAY, "unreached"), (-DAY, "forgotten"), (None, None), (None, None),
    )  # fmt: skip
    for number, (closed, how) in enumerate(ends):
        session.add(
            Recovery(
                token=f"r{number}",
                person_id=make_person(session, name=f"Failed {number}").id,
                need="renewal",
                service_id=cast.renewal.id,
                branch_id=cast.north.id,
                language="ar",
                opened_at=BEGAN,
                due_at=DUE,
                first_due_at=DUE,
                closed_by=how,
                closed_at=None if closed is None else DUE + closed,
            )
        )


def _recall(session: Any, cast: Cast) -> None:
    """Made good, made good and undone, reached, tried in vain, unknown, waiting, and good later than now."""
    recall = Recall(
        title="Dates", fault_ar="أ", fault_en="a", asked={}, visits=7, started_at=BEGAN,
        due_on=SUNDAY, telling_at=BEGAN,
    )  # fmt: skip
    session.add(recall)
    session.flush()
    histories: list[list[tuple[str, int, bool | None]]] = [
        [("told", 1, None), ("remedied", 2, None)],
        [("remedied", 1, None), ("undone", 2, None)],
        [("attempt", 1, True)],
        [("attempt", 1, False), ("unreached", 3, None)],
        [("unknown", 0, None)],
        [],
        [("remedied", 40, None)],
    ]
    for number, history in enumerate(histories):
        member = RecallMember(
            token=f"m{number}", recall_id=recall.id, source="live", visit_no=f"{number}", visits=1,
            person_id=make_person(session, name=f"Touched {number}").id, service_id=cast.renewal.id,
            branch_id=cast.north.id, visited_on=SUNDAY - 60 * DAY, language="ar", state="listed",
        )  # fmt: skip
        session.add(member)
        session.flush()
        session.add_all(
            RecallStep(
                recall_id=recall.id,
                member_id=member.id,
                at=BEGAN + days * DAY,
                kind=kind,
                actor="system",
                is_reached=is_reached,
            )
            for kind, days, is_reached in history
        )


def _obstacles(session: Any, cast: Cast) -> None:
    """Open, closed, back again, and one at the harbour."""
    for branch, kinds in (
        (cast.north, ["raised"]),
        (cast.north, ["raised", "closed"]),
        (cast.north, ["raised", "closed", "reopened"]),
        (cast.harbour, ["raised"]),
    ):
        made = Obstacle(
            category="system", words=SECRET, branch_id=branch.id, department_id=cast.civil.id,
            raised_at=BEGAN, due_on=SUNDAY, state="open",
        )  # fmt: skip
        session.add(made)
        session.flush()
        session.add_all(
            ObstacleEvent(obstacle_id=made.id, at=BEGAN + days * DAY, kind=kind, words="", detail={})
            for days, kind in enumerate(kinds)
        )


def _visits(session: Any, cast: Cast) -> None:
    """Waits of 1 to 30 minutes, six who were turned away, seven cases of which three are not met."""
    at: dict[str, Any] = {"branch": cast.north, "service": cast.renewal}
    for minute in range(30):
        make_wait(session, arrived="09:00", called=f"09:{minute + 1:02}", ended="09:50", day="09-01", **at)
    for before in ("x", None, None, None, None, None):
        make_visit(session, "09-02", person=None, status="turned_away", transfer_of=before, **at)
    for days in (1, 2, 3, 4, None, None):
        make_case(session, days=days, **at)
    make_case(session, days=None, withdrawn_on=dt.date(2026, 9, 9), **at)
    make_case(session, branch=cast.harbour, service=cast.passport, days=None)


def _returns(session: Any, cast: Cast) -> None:
    """People of August: who came back for the same or for another need, early or late, or after leaving."""
    at: dict[str, Any] = {"branch": cast.north}
    plan = [
        ("served", None, None), ("served", "08-15", cast.renewal), ("served", "08-15", cast.passport),
        ("served", "09-12", cast.renewal), ("served", "09-20", cast.passport),
        ("abandoned", "08-06", cast.renewal), ("abandoned", "09-20", cast.renewal), ("abandoned", None, None),
        ("served", "08-05", cast.deed), ("abandoned", "08-20", cast.renewal),
        ("abandoned", "08-25", cast.renewal),
    ]  # fmt: skip
    for status, day, what in plan:
        person = make_person(session)
        make_visit(session, "08-03", service=cast.renewal, person=person, status=status, **at)
        if day is not None and what is not None:
            make_visit(session, day, service=what, person=person, reason="other", **at)


def against(question: Question, key: str) -> int:
    """What the figure itself counts against us."""
    if key == "returned_in_90_days":
        tallies = speed.tally(reading(), question, [()])[0]
        return sum(count for (_days, is_back), count in tallies[()].timeline.items() if is_back)
    level = "service_level" if key == "waiting_p90" else key
    row = service.figures(reading(), question, [(level, ())])[0].total
    if key.endswith("_to_resolution") or key.startswith("obstacle"):
        return row.open or 0
    worse = {"waiting_p90", "complaints_in_time", "recovered_in_time", "recall_coverage"}
    return (row.denominator or 0) - (row.numerator or 0) if key in worse else row.numerator or 0


def listed(question: Question, key: str) -> list[int]:
    found, below = [], None
    while True:
        part = paging.part(reading(), question, key, below=below, most=2)
        found += [line.id for line in part.lines]
        below = part.below
        if below is None:
            return found


@pytest.mark.parametrize("key", [*REPAIRS, *VISITS])
def test_a_list_is_as_long_as_its_figure_says(city: Cast, key: str) -> None:
    for name in ("huda", "salim", "sara", "aziz", "lina"):
        scope = Scope.of(city.staff[name].actor)
        for last in (None, SUNDAY, BEGAN.date(), BEGAN.date() + DAY, dt.date(2026, 8, 31)):
            question = service.ask(reading(), to_day=last, scope=scope)
            found = listed(question, key)
            assert len(found) == against(question, key), (name, last)
            assert found == sorted(set(found), reverse=True)
            if name == "lina":
                assert found == []
    assert len(listed(service.ask(reading()), key)) > 1


def rows(page: Page) -> list[str]:
    return page.words("tr")[1:]


def test_who_may_open_it_is_led_there_and_sees_whose_it_is(city: Cast, sign_in: SignIn) -> None:
    ways = {
        "complaints_in_time": ("/work/complaints/", "Complainant 1"),
        "recovered_in_time": ("/work/recovery/", "Failed 1"),
        "recall_coverage": ("/recalls/members/", "Touched 1"),
    }
    desk, auditor = sign_in("huda"), sign_in("aziz")
    for key, (way, name) in ways.items():
        page = desk.get(f"/figures/{key}/cases", language="en", status=200)
        led = [link for link in page.links() if link.startswith(way)]
        assert len(led) == len(rows(page)) > 1
        assert name in page.main
        assert SECRET not in page.main
        for link in led:
            desk.get(link, status=200)
        other = auditor.get(f"/figures/{key}/cases", language="en", status=200)
        assert len(rows(other)) >= len(rows(page))
        assert not [link for link in other.links() if link.startswith(way)]
        assert name.split()[0] not in " ".join(rows(other))
        assert SECRET not in other.main


def test_an_obstacle_is_everybodys_to_open_and_of_no_person(city: Cast, sign_in: SignIn) -> None:
    page = sign_in("aziz").get("/figures/obstacles_open/cases", language="en", status=200)
    assert len(rows(page)) == 3
    assert all("Open the obstacle" in row for row in rows(page))
    assert {"/obstacles/1", "/obstacles/3", "/obstacles/4"} <= set(page.links())
    assert "Open for 21 days: System or program" in page.main
    assert "Person" not in page.main
    assert SECRET not in page.main


def test_of_another_department_nothing_is_seen(city: Cast, sign_in: SignIn) -> None:
    desk = sign_in("lina")
    for key in (*REPAIRS, *VISITS):
        page = desk.get(f"/figures/{key}/cases", language="en", status=200)
        assert rows(page) == []


@pytest.mark.parametrize("key", [*REPAIRS, *VISITS])
def test_both_languages_and_the_file_say_it(city: Cast, sign_in: SignIn, key: str) -> None:
    desk = sign_in("aziz")
    for language in ("ar", "en"):
        assert rows(desk.get(f"/figures/{key}/cases", language=language, status=200))
    text = desk.get(f"/figures/{key}/cases.csv", status=200).data.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert len(lines) == len(listed(service.ask(reading()), key))
    for name in ("Complainant", "Failed", "Touched", SECRET):
        assert name not in text


def test_a_complaint_of_no_service_has_a_line(city: Cast, sign_in: SignIn) -> None:
    page = sign_in("sara").get("/figures/complaints_per_thousand/cases", language="en", status=200)
    assert len(rows(page)) == 8
    assert "Complaint about: Waiting" in page.main


def test_why_there_is_no_list_is_said(city: Cast, sign_in: SignIn) -> None:
    desk = sign_in("huda")
    for key, why in (
        ("visits_avoided", "nobody stands behind them"),
        ("digital_share", "nothing against single cases"),
        ("response_rate", "anonymous"),
    ):
        assert why in desk.get(f"/figures/{key}/cases", language="en", status=200).main
        assert desk.get(f"/figures/{key}/cases.csv").status == 404
