"""A figure by one more way, chosen in the address; and why it is as it is, the most frequent cause first."""

import datetime as dt
from collections.abc import Callable

import pytest

from govdesk.booking.absence.models import Absence
from govdesk.db import transaction
from govdesk.faces.head import further
from govdesk.feedback.complaints.models import Complaint
from govdesk.kpi.registry import MEASURES
from govdesk.queue.unserved_models import UnservedAnswer
from tests.desk import Desk
from tests.kpi_makers import make_case, make_wait
from tests.makers import MORNING, Cast, make_appointment, make_slot, make_ticket, moment

SignIn = Callable[[str], Desk]


@pytest.fixture
def waits(cast: Cast) -> Cast:
    """Ten from the kiosk waited 10 minutes at nine, ten with an appointment 2 minutes at ten."""
    with transaction() as session:
        for hour, wait, channel in (("09", "10", "kiosk"), ("10", "02", "appointment")):
            for _ in range(10):
                make_wait(
                    session, branch=cast.north, service=cast.renewal, arrived=f"{hour}:00",
                    called=f"{hour}:{wait}", ended=f"{hour}:30", channel=channel,
                )  # fmt: skip
    return cast


def test_ways_of_coming_stand_side_by_side(waits: Cast, sign_in: SignIn) -> None:
    huda = sign_in("huda")
    page = huda.get("/figures/waiting_time?by=channel", language="en", status=200)
    table = page.words("table", "intervals")[-1]
    assert table.index("appointment 2 minutes") < table.index("kiosk 10 minutes")  # by name, not by merit
    file = huda.get("/figures/waiting_time.csv?by=channel", status=200).data.decode("utf-8-sig")
    assert "channel" in file.splitlines()[0]
    assert huda.get("/figures/waiting_time.xlsx?by=channel", status=200).data[:2] == b"PK"


def test_hours_stand_in_the_order_of_the_day(waits: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures/waiting_time?by=hour", language="en", status=200)
    table = page.words("table", "intervals")[-1]
    assert table.index("09:00 ") < table.index("10:00 ")


def test_the_way_goes_along_with_the_filters(waits: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures/waiting_time?by=unit&period=12", language="en", status=200)
    kept = [one.get("value") for one in page.all("input") if one.get("name") == "by"]
    assert kept == ["unit"]
    assert any("period=12" in link and "by=hour" in link for link in page.links())


def test_what_is_no_way_of_it_is_as_if_not_said(waits: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures/waiting_time?by=cause", language="en", status=200)
    assert not [one for one in page.all("input") if one.get("name") == "by"]


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("key", sorted({measure.family: measure.key for measure in MEASURES}.values()))
def test_every_way_is_named_in_both_languages(waits: Cast, sign_in: SignIn, key: str, language: str) -> None:
    for word in further.ways(key):
        page = sign_in("huda").get(f"/figures/{key}?by={word}", language=language, status=200)
        assert "marks.by_" not in page.html


def complaint(cast: Cast, number: int, about: str) -> Complaint:
    return Complaint(
        number=f"C-{number}", token=f"token-{number}", channel="web", branch_id=cast.north.id,
        is_place_known=True, service_id=cast.renewal.id, about=about, words="", wished="", language="ar",
        taken_by="visitor", state="received", received_at=moment("08:30"),
    )  # fmt: skip


@pytest.mark.parametrize("language", ["ar", "en"])
def test_what_people_complain_of_is_told_but_no_subject_of_few(
    waits: Cast, sign_in: SignIn, language: str
) -> None:
    with transaction() as session:
        subjects = ["wait"] * 9 + ["staff"] * 6 + ["fees"] * 3 + ["place"] * 2
        session.add_all(complaint(waits, place, about) for place, about in enumerate(subjects))
    page = sign_in("huda").get("/figures/complaints_per_thousand", language=language, status=200)
    if language == "en":
        rows = page.words("table", "pareto")[0]
        assert "15 complaints by what they are about" in rows
        assert rows.index("9 60%") < rows.index("6 100%")
        assert "fee" not in rows.lower()


def test_the_longest_part_of_a_need_comes_first(cast: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        for _ in range(6):
            make_case(session, branch=cast.north, service=cast.passport, days=2, due=1)
    for key in ("time_to_resolution", "sla_attainment"):
        page = sign_in("huda").get(f"/figures/{key}", language="en", status=200)
        table = page.words("table", "pareto")[0]
        assert "Mean of 6 resolved cases" in table
        assert "Back office 2 days 00:00:00 100%" in table  # no visit is known of it


@pytest.mark.parametrize("language", ["ar", "en"])
def test_why_people_left_is_told_as_they_say(cast: Cast, sign_in: SignIn, language: str) -> None:
    reasons = ["too_long"] * 8 + ["not_called"] * 5 + ["had_to_go"] * 2 + ["other"] * 3 + [None] * 2
    with transaction() as session:
        for place, reason in enumerate(reasons):
            ticket = make_ticket(session, branch=cast.north, service=cast.renewal, state="abandoned")
            session.add(
                UnservedAnswer(ticket_id=ticket.id, is_needed=place % 2 == 0, reason=reason, told_at=MORNING)
            )
            make_wait(session, branch=cast.north, service=cast.renewal, arrived="09:00", ended="09:30")
    page = sign_in("huda").get("/figures/abandonment_rate", language=language, status=200)
    if language == "en":
        table = page.words("table", "pareto")[0]
        assert "13 reasons as people gave them" in table
        assert table.index("too long 8 62%") < table.index("call 5 100%")
        assert "had to go" not in table


def test_why_people_missed_their_appointment_is_told_without_the_excused(cast: Cast, sign_in: SignIn) -> None:
    told = [("forgot", False)] * 6 + [("no_way", True)] * 7 + [("waited_left", False)] * 8
    with transaction() as session:
        for place, (reason, is_excused) in enumerate(told):
            at = MORNING - dt.timedelta(days=1, minutes=place)
            slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=at)
            one = make_appointment(session, slot=slot, state="noshow")
            session.add(
                Absence(
                    appointment_id=one.id, reason=reason, told_by="person", told_at=at, is_excused=is_excused
                )
            )
    page = sign_in("huda").get("/figures/noshow_rate", language="en", status=200)
    assert "6 reasons as people gave them" in page.words("table", "pareto")[0]
