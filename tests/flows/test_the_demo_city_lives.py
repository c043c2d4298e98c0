"""The demo city: made by the services, the same for the same seed, and in the middle of a working day."""

import datetime as dt
from collections import Counter as Tally
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk import clock, schema, wiring
from govdesk.app import create_app
from govdesk.audit import verify
from govdesk.cases.models import Visit
from govdesk.config import Settings
from govdesk.db import reading
from govdesk.demo import city, presence
from govdesk.feedback.answers.models import Answer, Response
from govdesk.queue.hall_models import HallAlert
from govdesk.queue.models import Ticket, TicketEvent

RIYADH = ZoneInfo("Asia/Riyadh")
PRESENT = dt.datetime(2026, 10, 14, 10, 42, tzinfo=RIYADH)  # a Wednesday


def found(days: int, seed: int = 1) -> None:
    city.found_city(
        seed=seed,
        days=days,
        scale=0.6,
        present=PRESENT,
        handlers=wiring.HANDLERS,
        tell=lambda _day, _days: None,
    )


@pytest.fixture(autouse=True)
def _the_clock_goes_back() -> Any:
    yield
    clock.shift(dt.timedelta())


def everything() -> list[str]:
    """What happened, without secrets and without rows' numbers."""
    visits = select(
        Visit.started_at,
        Visit.ended_at,
        Visit.status,
        Visit.class_name,
        Visit.unit,
        Visit.family,
        Visit.reason,
    )
    events = select(TicketEvent.at, TicketEvent.kind, TicketEvent.actor)
    answers = select(
        Response.week, Response.occasion, Response.mode, Answer.question, Answer.number, Answer.choice
    ).join(Answer, Answer.response_id == Response.id)
    found_rows = [row for query in (visits, events, answers) for row in reading().execute(query)]
    return sorted(str(tuple(row)) for row in found_rows)


def test_today_people_wait_are_called_and_are_served_and_the_past_has_returns(app: Flask) -> None:
    found(days=20)
    states = Tally(reading().scalars(select(Ticket.state)))
    assert states["waiting"] >= 3
    assert states["serving"] >= 3
    assert states["served"] >= 100
    assert states["abandoned"] + states["noshow"] >= 1
    classes = Tally(reading().scalars(select(Visit.class_name)))
    assert classes["index_new"] > 100
    for name in ("repeat", "planned", "no_show", "unlinked"):
        assert classes[name] > 0, name
    modes = Tally(reading().scalars(select(Response.mode)))
    assert modes["qr"] >= 10
    assert not list(verify(reading()))
    assert "idle" in reading().scalars(select(HallAlert.kind).where(HallAlert.ended_at.is_(None))).all()
    last = reading().scalars(select(TicketEvent.at).order_by(TicketEvent.at.desc()).limit(1)).one()
    assert dt.timedelta() <= PRESENT - last < dt.timedelta(minutes=10)


def test_the_same_seed_makes_the_same_city(app: Flask, settings: Settings, tmp_path: Any) -> None:
    found(days=3)
    first = everything()
    other = Settings(
        **{
            **{name: getattr(settings, name) for name in Settings.__dataclass_fields__},
            "instance": tmp_path,
            "database_url": f"sqlite:///{tmp_path / 'other.sqlite3'}",
        }
    )
    with create_app(other).app_context():
        schema.upgrade()
        found(days=3)
        assert everything() == first
        assert len(first) > 50


def test_a_city_is_not_made_over_an_office(app: Flask) -> None:
    found(days=0)
    with pytest.raises(city.NotEmptyError):
        found(days=0)


@pytest.mark.parametrize(
    ("now", "present"),
    [
        ("2026-10-14T11:00", "2026-10-14T11:00"),  # Wednesday at eleven: the world's own time will do
        ("2026-10-14T20:00", "2026-10-14T10:42"),
        ("2026-10-14T06:00", "2026-10-13T10:42"),
        ("2026-10-17T11:00", "2026-10-15T10:42"),  # Saturday: back to Thursday
        ("2026-10-18T05:00", "2026-10-15T10:42"),  # Sunday before opening: back over the weekend
    ],
)
def test_the_present_is_a_busy_hour_of_a_working_day(now: str, present: str) -> None:
    moment = dt.datetime.fromisoformat(now).replace(tzinfo=RIYADH)
    assert presence.present_moment(moment) == dt.datetime.fromisoformat(present).replace(tzinfo=RIYADH)


def test_the_city_sleeps_while_no_server_runs(app: Flask) -> None:
    found(days=0)
    last = reading().scalars(select(TicketEvent.at).order_by(TicketEvent.at.desc()).limit(1)).one()
    presence.wake()
    assert abs(clock.now() - last) < dt.timedelta(seconds=5)
