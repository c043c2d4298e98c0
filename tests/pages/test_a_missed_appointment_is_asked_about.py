"""Who did not come says why with one touch; reception sees it and can excuse."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.booking import waiting
from govdesk.booking.absence.models import Absence
from govdesk.booking.models import Appointment
from govdesk.db import transaction
from tests.desk import Desk
from tests.makers import MORNING, SUNDAY, Cast, make_appointment, make_slot, moment

YESTERDAY = SUNDAY - dt.timedelta(days=1)


@pytest.fixture
def missed(app: Flask, cast: Cast) -> Appointment:
    """Nora did not come yesterday."""
    with transaction() as session:
        slot = make_slot(
            session, branch=cast.north, service=cast.renewal, starts_at=moment("10:00", YESTERDAY)
        )
        return make_appointment(session, slot=slot, person=cast.nora, state="noshow")


def known(appointment: Appointment) -> Absence | None:
    with transaction() as session:
        return session.get(Absence, appointment.id)


def test_one_touch_answers_and_looking_answers_nothing(desk: Desk, missed: Appointment) -> None:
    path = f"/appointment/{missed.link_token}/why"
    page = desk.get(path, language="en")
    assert len(page.all("button")) >= 6
    assert known(missed) is None
    done = desk.follow(desk.submit(page, {"reason": "not_seen"}, action=path, status=302))
    assert "we do not count you as absent" in done.main
    row = known(missed)
    assert row is not None
    assert row.reason == "not_seen"
    again = desk.follow(desk.submit(done, {"reason": "forgot"}, action=path, status=302))
    assert "I forgot" in again.main


def test_who_was_not_missed_is_asked_nothing(desk: Desk, cast: Cast) -> None:
    with transaction() as session:
        slot = make_slot(session, branch=cast.north, service=cast.renewal)
        token = make_appointment(session, slot=slot, person=cast.raj).link_token
    assert desk.get(f"/appointment/{token}/why", status=302).location == f"/appointment/{token}"


def test_a_strange_answer_is_refused(desk: Desk, missed: Appointment) -> None:
    path = f"/appointment/{missed.link_token}/why"
    desk.submit(desk.get(path), {"reason": "nonsense"}, action=path, status=422)
    assert known(missed) is None


def test_after_two_weeks_nobody_asks(desk: Desk, missed: Appointment) -> None:
    with clock.at(MORNING + dt.timedelta(days=20)):
        page = desk.get(f"/appointment/{missed.link_token}/why", language="en")
    assert "too long past" in page.main
    assert not page.forms() or all("why" not in page.action(form) for form in page.forms())


def test_the_page_of_the_appointment_leads_there(desk: Desk, missed: Appointment) -> None:
    page = desk.get(f"/appointment/{missed.link_token}")
    assert f"/appointment/{missed.link_token}/why" in page.links()


def test_reception_sees_who_did_not_come_and_excuses(
    sign_in: Callable[[str], Desk], missed: Appointment
) -> None:
    reem = sign_in("reem")
    page = reem.get("/reception/north/missed", language="en")
    assert missed.reference in page.main
    done = reem.follow(
        reem.submit(page, {"reason": "other"}, action=f"/reception/north/missed/{missed.id}", status=302)
    )
    assert "Excused" in done.main
    row = known(missed)
    assert row is not None
    assert (row.is_excused, row.told_by) == (True, "staff")


def test_another_branch_excuses_nobody_here(sign_in: Callable[[str], Desk], missed: Appointment) -> None:
    rana = sign_in("rana")
    assert rana.get("/reception/north/missed").status == 403
    shown = rana.get("/reception/harbour/missed")
    assert missed.reference not in shown.main


def test_reception_sees_the_line_and_its_reasons(sign_in: Callable[[str], Desk], cast: Cast) -> None:
    with transaction() as session:
        entry = waiting.join(
            session, actor=VISITOR, service=cast.renewal, person=cast.nora, branch_ids=[cast.north.id],
            first_on=SUNDAY, last_on=SUNDAY + dt.timedelta(days=7), people=3,
        )  # fmt: skip
    page = sign_in("reem").get("/reception/north/waiting", language="en")
    assert entry.reference in page.main
    empty = sign_in("rana").get("/reception/harbour/waiting", language="en")
    assert "Nobody is waiting" in empty.main
