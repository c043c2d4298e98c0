"""Notes and decisions stand at their day: numbered over the chart, told in words; withdrawn, never gone."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk.audit import AuditEntry
from govdesk.db import reading, transaction
from govdesk.kpi.marks import service
from govdesk.kpi.marks.models import FigureNote
from govdesk.kpi.targets.service import Place
from tests.desk import Desk
from tests.kpi_makers import make_wait
from tests.makers import Cast

SignIn = Callable[[str], Desk]
PAGE = "/figures/waiting_time/notes"
GIVEN = {"kind": "decision", "on_day": "2026-09-15", "words": "A second counter in the morning."}


@pytest.fixture
def city(cast: Cast) -> Cast:
    with transaction() as session:
        for minute in range(12):
            make_wait(
                session, branch=cast.north, service=cast.renewal, arrived="09:00", day="09-15",
                called=f"09:{minute + 1:02}", ended="09:30",
            )  # fmt: skip
    return cast


def test_a_note_stands_on_the_axis_and_in_words(city: Cast, sign_in: SignIn) -> None:
    huda = sign_in("huda")
    huda.post(PAGE, GIVEN, status=302)
    page = huda.get("/figures/waiting_time", language="en", status=200)
    assert "1 15 September · Decision: A second counter in the morning." in " ".join(page.words("li"))
    assert '"name": "mark"' in page.html
    assert GIVEN["words"] not in huda.get("/figures/service_level", language="en").main
    actions = set(reading().scalars(select(AuditEntry.action)))
    assert "note.written" in actions


def test_one_for_every_figure_of_the_place_is_on_every_figure(city: Cast, sign_in: SignIn) -> None:
    huda = sign_in("huda")
    huda.post(PAGE, {**GIVEN, "everywhere": "y"}, status=302)
    assert GIVEN["words"] in huda.get("/figures/service_level", language="en").main


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"words": ""}, "fill"),
        ({"on_day": "2029-01-01"}, "a year ahead"),
        ({"on_day": "tomorrow"}, "write a date"),
        ({"words": "x" * 301}, "too long"),
    ],
)
def test_what_cannot_be_is_told_beside_it(
    city: Cast, sign_in: SignIn, wrong: dict[str, str], sentence: str
) -> None:
    page = sign_in("huda").post(PAGE, {**GIVEN, **wrong}, language="en", status=200)
    assert sentence in " ".join(page.errors().values())
    assert reading().query(FigureNote).count() == 0
    assert "September" in page.html or GIVEN["on_day"] in page.html or "on_day" in wrong


def test_a_note_is_withdrawn_with_a_reason_and_stays_written(city: Cast, sign_in: SignIn) -> None:
    huda = sign_in("huda")
    huda.post(PAGE, GIVEN, status=302)
    note = reading().scalars(select(FigureNote)).unique().one()
    huda.post(f"{PAGE}/withdraw", {"note": note.id, "reason": "It never opened."}, page=PAGE, status=302)
    assert GIVEN["words"] not in huda.get("/figures/waiting_time", language="en").main
    reading().rollback()
    kept = reading().scalars(select(FigureNote)).unique().one()
    assert kept.withdrawal is not None
    assert kept.withdrawal.reason == "It never opened."


def test_a_wider_place_is_seen_in_the_narrower_and_not_the_other_way(city: Cast, sign_in: SignIn) -> None:
    actor = city.staff["adam"].actor
    for place, words in ((Place(), "Everywhere."), (Place(city.harbour.id), "At the harbour.")):
        with transaction() as session:
            service.write(
                session, actor=actor, measure="waiting_time", on_day=dt.date(2026, 9, 15), kind="note",
                words=words, place=place,
            )  # fmt: skip
    sara = sign_in("sara").get(PAGE, language="en", status=200)
    assert "Everywhere." in sara.main
    assert "At the harbour." not in sara.main
    assert "Write it down" not in sara.main


def test_a_stranger_writes_nothing(city: Cast, sign_in: SignIn) -> None:
    assert sign_in("sara").send(PAGE, GIVEN).status in {400, 403}
    assert reading().query(FigureNote).count() == 0
