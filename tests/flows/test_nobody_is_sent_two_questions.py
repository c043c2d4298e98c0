"""Several deliverers at once, or one that is killed: whoever is to be asked is asked, and once."""

import datetime as dt
from collections import Counter

import pytest
from flask import Flask

from govdesk import clock
from govdesk.catalog.models import Branch, PublicService
from govdesk.config import Settings
from govdesk.db import transaction
from govdesk.feedback.asking import sending, service
from tests.flows.asked import ask_everybody, invitations, questions
from tests.makers import Cast, make_person
from tests.processes import BEGIN, Running, environ, together

PEOPLE = 25
SEND = """
from govdesk.feedback.asking import sending
print(sending.run_send())
"""
DIE = """
import os, signal
from govdesk.feedback.asking import sending
left, really = int(sys.argv[1]), sending.queue
def queue(session, invitation, **given):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return really(session, invitation, **given)
sending.queue = queue
sending.run_send()
"""


@pytest.fixture
def crowd(app: Flask, cast: Cast) -> list[int]:
    """People who had two ends each, ten minutes ago."""
    ask_everybody()
    ended = clock.world() - dt.timedelta(minutes=10)
    with clock.at(ended), transaction() as session:
        branch = session.get_one(Branch, cast.north.id)
        renewal = session.get_one(PublicService, cast.renewal.id)
        people = [make_person(session, phone=f"+96650{number:07}") for number in range(PEOPLE)]
        for person in people:
            for what in ("ticket", "case"):
                service.invite(
                    session, kind="after_service", about=f"{what}:{person.id}", occasion="served",
                    person=person, branch=branch, service=renewal, language="en", ended_at=ended,
                )  # fmt: skip
        return [person.id for person in people]


def asked() -> Counter[int | None]:
    return Counter(message.person_id for message in questions())


def states() -> Counter[tuple[str, str | None]]:
    return Counter((one.state, one.why_spared) for one in invitations())


def test_three_deliverers_at_once_ask_everybody_once(crowd: list[int], settings: Settings) -> None:
    told = together(SEND, count=3, settings=settings)
    assert sum(int(line) for line in told) == PEOPLE
    assert asked() == dict.fromkeys(crowd, 1)
    assert states() == {("sent", None): PEOPLE, ("spared", "fatigue"): PEOPLE}


@pytest.mark.parametrize("at", [1, sending.BATCH + 2])
def test_a_deliverer_that_is_killed_has_asked_nobody_twice_and_loses_nobody(
    crowd: list[int], settings: Settings, at: int
) -> None:
    begin = BEGIN.replace("ready.wait()\n", "")
    killed = Running(begin + DIE, str(at), env=environ(settings)).ended()
    assert killed.returncode == -9, killed.stderr
    before = sum(asked().values())
    assert 0 <= before < PEOPLE
    assert states()["due", None] >= PEOPLE
    with clock.at(clock.world()):
        assert sending.run_send() == PEOPLE - before
    assert asked() == dict.fromkeys(crowd, 1)
    assert states() == {("sent", None): PEOPLE, ("spared", "fatigue"): PEOPLE}
