"""Officers in a process of their own: each calls and concludes until nobody waits; prints the calls."""

import datetime as dt
import sys
import threading

from flask import Flask

from govdesk import clock
from govdesk.app import create_app
from govdesk.db import transaction
from govdesk.people.models import Staff
from govdesk.queue import service

MORNING = dt.datetime(2026, 10, 4, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=3)))


def serve(app: Flask, staff_id: int, calls: list[int]) -> None:
    """One officer at work: as on the page, a conclusion and the next call are one transaction."""
    done: int | None = None
    with app.app_context(), clock.at(MORNING):
        while True:
            with transaction() as session:
                actor = session.get_one(Staff, staff_id).actor
                if done is not None:
                    service.conclude(session, actor=actor, ticket_id=done, outcome="resolved")
                ticket = service.call_next(session, actor=actor)
            if ticket is None:
                return
            done = ticket.id
            calls.append(done)


def main() -> None:
    """Work until the queue is empty."""
    app = create_app()
    calls: list[int] = []
    hands = [threading.Thread(target=serve, args=(app, int(staff_id), calls)) for staff_id in sys.argv[1:]]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    sys.stdout.write(f"{len(calls)}\n")


if __name__ == "__main__":
    main()
