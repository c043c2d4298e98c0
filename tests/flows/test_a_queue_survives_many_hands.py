"""Many officers, in several real processes, over one queue: each ticket is called once, none is lost."""

import threading
from collections import Counter as Tally
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from govdesk.config import Settings
from govdesk.db import reading, transaction
from govdesk.people.models import Staff
from govdesk.queue import counters, service
from govdesk.queue.errors import CounterBusyError
from govdesk.queue.models import Ticket, TicketEvent
from tests import processes
from tests.makers import Cast, make_counter, make_staff, make_ticket

OFFICER = Path(__file__).parent / "officer_process.py"
WAITING, OFFICERS = 180, 16


def prepare(cast: Cast) -> list[int]:
    with transaction() as session:
        branch = session.merge(cast.north)
        renewal = session.merge(cast.renewal)
        staff = []
        for number in range(10, 10 + OFFICERS):
            officer = make_staff(session, f"hand{number}", role="officer", branch=branch)
            desk = make_counter(session, branch=branch, number=number)
            counters.open_counter(session, actor=officer.actor, counter_id=desk.id)
            staff.append(officer.id)
        for _ in range(WAITING):
            make_ticket(session, branch=branch, service=renewal)
    return staff


def called() -> Tally[int]:
    return Tally(reading().scalars(select(TicketEvent.ticket_id).where(TicketEvent.kind == "called")))


def test_processes_press_next_until_nobody_waits(app: Flask, cast: Cast, settings: Settings) -> None:
    staff = prepare(cast)
    script, env = OFFICER.read_text(), processes.environ(settings)
    running = [processes.Running(script, *map(str, some), env=env) for some in (staff[::2], staff[1::2])]
    done = [process.ended() for process in running]
    assert [process.returncode for process in done] == [0, 0], [process.stderr for process in done]
    tally = called()
    assert len(tally) == WAITING, "none is lost"
    assert set(tally.values()) == {1}, "each is called once"
    assert sum(int(process.stdout) for process in done) == WAITING, "each call was answered to one officer"
    states = set(reading().scalars(select(Ticket.state)))
    assert states == {"served"}


def test_a_hurried_officer_gets_one_ticket(app: Flask, cast: Cast) -> None:
    staff = prepare(cast)
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def press() -> None:
        with app.app_context():
            start.wait()
            try:
                with transaction() as session:
                    ticket = service.call_next(session, actor=session.get_one(Staff, staff[0]).actor)
                    outcomes.append("called" if ticket else "empty")
            except CounterBusyError:
                outcomes.append("busy")

    hands = [threading.Thread(target=press) for _ in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert sorted(outcomes) == ["busy", "busy", "busy", "called"]
    assert sum(called().values()) == 1
