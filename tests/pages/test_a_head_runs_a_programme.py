"""A programme is begun, rehearsed, followed and stopped on its pages; others do not see it."""

import datetime as dt
from collections.abc import Callable

import pytest

from govdesk import clock
from govdesk.catalog.models import Branch, Department, PublicService
from govdesk.db import transaction
from govdesk.feedback.asking import rehearsals, waves
from tests.desk import Desk, preset
from tests.kpi_makers import make_visit
from tests.makers import Cast, make_person, make_questionnaire, make_staff, moment

SignIn = Callable[[str], Desk]
TYPED = {
    "name_ar": "رضا الناس", "name_en": "How people were served", "every": "month", "calendar": "gregorian",
    "starts_on": "2026-09-01", "half_width": "0.05", "rate": "30", "panels": "1", "spread_days": "3",
    "open_days": "14",
}  # fmt: skip


@pytest.fixture
def asked(cast: Cast) -> str:
    """The number of what Civil Affairs asks in waves; thirty people came in September."""
    with transaction() as session:
        branch = session.get_one(Branch, cast.north.id)
        renewal = session.get_one(PublicService, cast.renewal.id)
        for number in range(30):
            person = make_person(session, phone=f"+96650{number:07}" if number else None)
            channel = ("kiosk", "appointment")[number % 2]
            make_visit(session, "09-10", branch=branch, service=renewal, person=person, channel=channel)
        civil = session.get_one(Department, cast.civil.id)
        return str(make_questionnaire(session, "periodic", department=civil).id)


def begun(huda: Desk, asked: str) -> str:
    """The address of a programme that huda begins."""
    page = huda.get("/programmes/new", status=200)
    rehearsal = huda.submit(page, {**TYPED, "questionnaire": asked, "department": "civil"}, status=302)
    return (rehearsal.location or "").removesuffix("/rehearse")


def test_a_programme_is_rehearsed_before_anything_is_sent(sign_in: SignIn, asked: str) -> None:
    huda = sign_in("huda")
    assert "No programme yet" in huda.get("/programmes", language="en", status=200).main
    form = huda.get("/programmes/new", status=200)
    wrong = {"questionnaire": asked, "department": "civil", "open_days": "6", "rate": "0"}
    assert set(huda.submit(form, {**TYPED, **wrong}, status=422).errors()) == {"rate"}
    short = huda.submit(form, {**TYPED, **wrong, "rate": "30"}, status=422)
    assert set(short.errors()) == {"open_days"}
    assert preset(short.form(names=TYPED))["name_en"] == TYPED["name_en"]
    long_ago = huda.submit(form, {**TYPED, **wrong, "starts_on": "2020-01-01", "rate": "3", "open_days": "9"})
    assert set(long_ago.errors()) == {"starts_on"}
    address = begun(huda, asked)
    shown = huda.get(f"{address}/rehearse", language="en", status=200)
    assert "this is its sample" in shown.main
    assert "Would be asked: 29" in shown.main
    assert "no phone number or e-mail: 1" in shown.main
    assert "Identity renewal · kiosk" in shown.main
    october = huda.get(f"{address}/rehearse?period=2026-10-01", language="en", status=200)
    assert "This period is not over" in october.main


def test_its_waves_are_followed_and_cancelled(sign_in: SignIn, asked: str) -> None:
    huda = sign_in("huda")
    address = begun(huda, asked)
    with clock.at(moment("08:00")):
        waves.run_waves()
    shown = huda.get(address, language="en", status=200)
    assert "Wave 1" in shown.main
    wave = next(link for link in shown.links() if "/waves/" in link)
    assert "Still to be asked 29" in huda.get(wave, language="en", status=200).main
    sure = huda.get(f"{wave}/cancel", language="en", status=200)
    assert "29 who were not asked yet" in sure.main
    assert (
        "It was cancelled by hand" in huda.follow(huda.submit(sure, action=f"{wave}/cancel", status=302)).main
    )
    huda.submit(sure, action=f"{wave}/cancel", status=302)  # pressed again
    huda.submit(huda.get(address), action=f"{address}/stop", status=302)
    assert "It is stopped" in huda.get(address, language="en", status=200).main
    huda.submit(huda.get(address), action=f"{address}/resume", status=302)
    edited = huda.get(f"{address}/edit", status=200)
    assert preset(edited.form(names={"rate": ""}))["rate"] == "30"
    huda.submit(edited, {"panels": "2", "half_width": "0.1"}, status=302)
    assert "± 10 points" in huda.get(f"{address}/rehearse", language="en", status=200).main
    assert "Wave 1" in huda.get("/programmes", language="en", status=200).main


def test_others_do_not_run_it(cast: Cast, sign_in: SignIn, asked: str) -> None:
    address = begun(sign_in("huda"), asked)
    sign_in("sara").get(address, status=403)
    with transaction() as session:
        make_staff(session, "lara", role="head", department=session.get_one(Department, cast.lands.id))
    sign_in("lara").get(address, status=404)
    assert sign_in("adam").get(address, status=200)


def test_a_hijri_programme_names_its_months(sign_in: SignIn, asked: str) -> None:
    huda = sign_in("huda")
    page = huda.get("/programmes/new", status=200)
    hijri = {**TYPED, "questionnaire": asked, "department": "civil", "calendar": "hijri"}
    made = huda.submit(page, hijri, status=302)
    shown = huda.get((made.location or "").removesuffix("/rehearse"), language="en", status=200)
    assert "1448" in shown.main
    assert dt.date(2026, 9, 12).strftime("%-d %B") in shown.main


@pytest.mark.parametrize(("language", "waits", "said"), [
    ("en", "Reading who came", "Would be asked: 29"), ("ar", "نقرأ من راجع", "سيُسأل: ٢٩"),
])  # fmt: skip
def test_a_large_period_is_rehearsed_beside_the_page(
    sign_in: SignIn, asked: str, monkeypatch: pytest.MonkeyPatch, language: str, waits: str, said: str
) -> None:
    huda = sign_in("huda")
    address = f"{begun(huda, asked)}/rehearse"
    at_once = huda.get(address, language=language, status=200)
    assert said in at_once.main
    monkeypatch.setattr(rehearsals, "AT_ONCE", 10)
    before = huda.get(address, language=language, status=200)
    assert said not in before.main
    on_its_way = huda.follow(huda.submit(before, {}, action=address, status=302))
    assert waits in on_its_way.main
    with clock.at(moment("08:00")):
        assert [rehearsals.run_rehearse(), rehearsals.run_rehearse()] == [1, 0]
    ready = huda.get(address, language=language, status=200)
    assert said in ready.main
    assert ready.words("td") == at_once.words("td")
