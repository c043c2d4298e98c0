"""Each period a sample of everyone who had an end is asked, once, whatever happens to the machine between."""

import dataclasses
import datetime as dt
from collections import Counter

import pytest
from sqlalchemy import select

from govdesk import audit, clock
from govdesk.actor import SYSTEM
from govdesk.catalog.models import Branch, PublicService
from govdesk.config import Settings
from govdesk.db import reading, transaction
from govdesk.feedback.asking import programmes, rehearsing, sampling, service, waves
from govdesk.feedback.asking.models import Programme, Wave
from govdesk.feedback.asking.periods import Period
from govdesk.feedback.asking.programmes import Terms
from govdesk.notify import service as messages
from govdesk.notify.kinds import QUESTIONS
from govdesk.people.models import Person
from tests.flows.asked import hear, invitations, questions, send
from tests.kpi_makers import make_visit
from tests.makers import Cast, make_person, make_questionnaire, moment
from tests.processes import BEGIN, Running, environ, together

SEPTEMBER = Period(dt.date(2026, 9, 1), dt.date(2026, 9, 30))
FIRST = dt.date(2026, 10, 1)
MONTHLY = Terms(
    every="month", calendar="gregorian", starts_on=dt.date(2026, 9, 1), half_width=0.05, expected_rate=0.5,
    panels=1, spread_days=3, open_days=14,
)  # fmt: skip
PREPARE = """
import datetime
from govdesk import clock
from govdesk.feedback.asking import preparing, waves
preparing.BATCH = 10
with clock.at(datetime.datetime.fromisoformat(sys.argv[1])):
    print(waves.run_waves())
"""
DIE = """
import os, signal
from govdesk.feedback.asking import preparing
left, really = 4, preparing._invitation
def invitation(draw, asked):
    global left
    left -= asked.one.person_id % 10 == 0
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return really(draw, asked)
preparing._invitation = invitation
"""


def begin(cast: Cast, terms: Terms = MONTHLY, kind: str = "periodic") -> int:
    """A programme over all services."""
    with clock.at(moment("09:00", dt.date(2026, 9, 1))), transaction() as session:
        return programmes.create(
            session, actor=cast.staff["adam"].actor, questionnaire=make_questionnaire(session, kind),
            name_ar="رضا الناس", name_en="How people were served", department=None, terms=terms,
        ).id  # fmt: skip


def people_came(cast: Cast, count: int = 60, day: str = "09-10") -> list[int]:
    """People who came by different ways for different services, with different ends."""
    ends = ("served", "served", "turned_away", "no_show", "abandoned", "closed_unserved")
    with transaction() as session:
        branch = session.get_one(Branch, cast.north.id)
        services = [session.get_one(PublicService, one.id) for one in (cast.renewal, cast.deed)]
        people = [make_person(session, phone=f"+96650{number:07}") for number in range(count)]
        for number, person in enumerate(people):
            make_visit(
                session, day, branch=branch, service=services[number % 3 == 0], person=person,
                channel=("kiosk", "appointment")[number % 2], status=ends[number % len(ends)],
            )  # fmt: skip
        return [person.id for person in people]


def run(at: str, day: dt.date = FIRST) -> str:
    with clock.at(moment(at, day)):
        told = waves.run_waves()
        hear()
        return told


def rounds() -> list[Wave]:
    reading().rollback()
    return list(reading().scalars(select(Wave).order_by(Wave.from_on)))


def counted() -> Counter[tuple[str, str | None]]:
    return Counter((one.state, one.why_spared) for one in invitations())


def test_a_wave_opens_when_its_month_is_over_and_asks_at_nine(cast: Cast) -> None:
    begin(cast)
    ids = people_came(cast)
    assert run("23:00", SEPTEMBER.to_on) == "0 opened, 0 people prepared, 0 closed"
    assert run("05:59") == "0 opened, 0 people prepared, 0 closed"
    assert run("06:00") == "1 opened, 60 people prepared, 0 closed"
    assert run("06:01") == "0 opened, 0 people prepared, 0 closed"
    (wave,) = rounds()
    assert (wave.state, wave.number, wave.panel, wave.population, wave.drawn) == ("open", 1, 1, 60, 60)
    assert (wave.from_on, wave.to_on) == (SEPTEMBER.from_on, SEPTEMBER.to_on)
    assert (wave.opens_at, wave.closes_at) == (
        moment("09:00", FIRST),
        moment("00:00", FIRST + dt.timedelta(days=14)),
    )
    made = invitations()
    assert sorted(one.person_id for one in made if one.person_id) == ids
    assert {one.occasion for one in made} == {"served", "turned_away", "noshow", "left", "unserved"}
    assert {one.stratum for one in made} == {
        "renewal/kiosk",
        "renewal/appointment",
        "deed/kiosk",
        "deed/appointment",
    }
    days = Counter(clock.local_day(one.send_after, "Asia/Riyadh") for one in made)
    assert set(days) == {FIRST, FIRST + dt.timedelta(days=1), FIRST + dt.timedelta(days=2)}
    assert send("08:59", FIRST) == 0
    assert send("17:00", FIRST) == days[FIRST]
    assert {message.key for message in questions()} == {"question_wave"}
    assert send("17:00", FIRST + dt.timedelta(days=2)) == 60 - days[FIRST]
    assert run("00:00", FIRST + dt.timedelta(days=14)) == "0 opened, 0 people prepared, 1 closed"
    assert rounds()[0].closed_at is not None


def test_a_rehearsal_is_the_wave_as_it_will_be(cast: Cast) -> None:
    programme_id = begin(cast, dataclasses.replace(MONTHLY, half_width=0.2, panels=2))
    ids = people_came(cast, 120)
    with transaction() as session:
        shy = session.get_one(Person, ids[0])
        messages.stop(session, actor=SYSTEM, person=shy, what=QUESTIONS)
        unreachable = make_person(session)
        renewal = session.get_one(PublicService, cast.renewal.id)
        make_visit(session, "09-11", branch=cast.north, service=renewal, person=unreachable, channel="kiosk")
    with clock.at(moment("06:00", FIRST)):
        found = rehearsing.rehearse(reading(), reading().get_one(Programme, programme_id), SEPTEMBER)
        reading().rollback()
    assert invitations() == []
    assert run("06:00").startswith("1 opened")
    (wave,) = rounds()
    made = invitations()
    assert (found.population, found.drawn) == (wave.population, wave.drawn) == (121, len(made))
    assert {line.stratum.name: line.asked for line in found.lines if line.asked} == Counter(
        one.stratum for one in made if one.state == "due"
    )
    assert found.spared == Counter(one.why_spared for one in made if one.state == "spared")
    assert wave.spared == found.spared.total()
    # ± 20 points of 121 people: 24.01 / (1 + 23.01 / 121) = 20.2, so 21 answers of 42 asked, at least 10 of
    # each stratum of the panel
    assert found.needed == 21
    assert all(line.stratum.drawn >= min(sampling.LEAST, line.stratum.reachable) for line in found.lines)
    assert found.half_width == sampling.half_width(found.asked * 0.5, 121)


def test_nobody_is_asked_too_often(cast: Cast) -> None:
    begin(cast)
    ids = people_came(cast, 5)
    with clock.at(moment("10:00", dt.date(2026, 8, 1))), transaction() as session:
        make_questionnaire(session)
        asked = service.invite(
            session, kind="after_service", about="ticket:1", occasion="served", language="en",
            person=session.get_one(Person, ids[0]), branch=None, service=None, ended_at=clock.now(),
        )  # fmt: skip
        assert asked is not None
        service.show(session, invitation=asked, mode="page")
    run("06:00")
    in_wave = [one for one in invitations() if one.wave_id]
    assert {one.person_id: one.why_spared for one in in_wave} == {
        ids[0]: "fatigue",
        **dict.fromkeys(ids[1:]),
    }
    assert rounds()[0].spared == 1


def test_one_wave_is_opened_for_each_month_that_was_missed_and_the_rest_say_why_not(cast: Cast) -> None:
    begin(cast)
    people_came(cast, 4, "10-12")
    people_came(cast, 3, "11-12")
    late = dt.date(2026, 12, 10)
    assert run("06:00", late) == "3 opened, 7 people prepared, 0 closed"
    told = [(one.number, one.state, one.why_not) for one in rounds()]
    assert told == [(1, "cancelled", "too_late"), (2, "open", None), (3, "open", None)]
    assert run("06:01", late) == "0 opened, 0 people prepared, 0 closed"
    assert rounds()[1].opens_at == moment("09:00", late)
    assert list(audit.verify(reading())) == []


def test_a_month_in_which_nobody_came_has_no_wave(cast: Cast) -> None:
    begin(cast)
    run("06:00")
    (wave,) = rounds()
    assert (wave.state, wave.why_not, wave.population) == ("cancelled", "nobody", 0)


def test_a_stopped_programme_opens_nothing(cast: Cast) -> None:
    programme_id = begin(cast)
    people_came(cast, 4)
    with transaction() as session:
        programme = session.get_one(Programme, programme_id)
        programmes.stop(session, actor=cast.staff["adam"].actor, programme=programme)
    assert run("06:00").startswith("0 opened")
    with transaction() as session:
        programme = session.get_one(Programme, programme_id)
        programmes.resume(session, actor=cast.staff["adam"].actor, programme=programme)
    assert run("06:30").startswith("1 opened")


def test_a_cancelled_wave_asks_nobody_else(cast: Cast) -> None:
    begin(cast)
    people_came(cast, 12)
    run("06:00")
    sent = send("17:00", FIRST)
    with clock.at(moment("18:00", FIRST)), transaction() as session:
        wave = session.scalars(select(Wave)).one()
        waves.cancel(session, actor=cast.staff["adam"].actor, wave=wave)
        with pytest.raises(waves.WaveOverError):
            waves.cancel(session, actor=cast.staff["adam"].actor, wave=wave)
    assert send("17:00", FIRST + dt.timedelta(days=2)) == 0
    assert counted() == Counter({("sent", None): sent, ("expired", None): 12 - sent})  # sent may be none
    with clock.at(moment("18:01", FIRST)):
        assert not any(service.is_open(one) for one in invitations())
    assert run("06:00", FIRST + dt.timedelta(days=20)).endswith("0 closed")


def test_a_preparation_that_is_killed_goes_on_where_it_was(cast: Cast, settings: Settings) -> None:
    begin(cast)
    ids = people_came(cast)
    at = moment("06:00", FIRST).isoformat()
    begin_alone = BEGIN.replace("ready.wait()\n", "")
    killed = Running(begin_alone + DIE + PREPARE, at, env=environ(settings)).ended()
    assert killed.returncode == -9, killed.stderr
    (wave,) = rounds()
    assert wave.state == "preparing"
    written = wave.drawn
    assert 0 < written == len(invitations()) < len(ids)
    assert send("10:00", FIRST) == 0  # nothing leaves before all is prepared
    assert run("06:02") == f"0 opened, {len(ids) - written} people prepared, 0 closed"
    assert sorted(one.person_id for one in invitations() if one.person_id) == ids
    assert [(one.state, one.drawn) for one in rounds()] == [("open", len(ids))]


def test_two_that_prepare_at_once_double_nobody(cast: Cast, settings: Settings) -> None:
    begin(cast)
    ids = people_came(cast)
    together(PREPARE, count=2, settings=settings, arguments=[moment("06:00", FIRST).isoformat()])
    run("06:01")  # who found the other further had stopped
    assert sorted(one.person_id for one in invitations() if one.person_id) == ids
    assert [(one.state, one.drawn, one.number) for one in rounds()] == [("open", len(ids), 1)]
