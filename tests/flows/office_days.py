"""Days of the small city for stories over many days: people come, are served, and the events are heard."""

import datetime as dt
from typing import Any

from sqlalchemy import select

from govdesk import clock, outbox, wiring
from govdesk.cases.models import Case, Visit
from govdesk.catalog.models import PublicService
from govdesk.db import reading, transaction
from govdesk.people.models import Person
from govdesk.queue import counters, service
from govdesk.queue.models import Ticket
from tests.makers import SUNDAY, Cast, moment


def when(days: int, clock_time: str) -> dt.datetime:
    """A moment so many days after the Sunday of the cast."""
    return moment(clock_time, SUNDAY + dt.timedelta(days=days))


def sit_down(cast: Cast) -> None:
    """Omar sits down at counter 1 of the north, Othman at counter 2, and they stay for all the days."""
    with transaction() as session:
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
        counters.open_counter(session, actor=cast.staff["othman"].actor, counter_id=cast.north_2.id)


def arrive(
    cast: Cast, days: int, at: str, person: Person | None, what: PublicService | None = None, **given: Any
) -> int:
    """Somebody takes a ticket at the north; its id."""
    with clock.at(when(days, at)), transaction() as session:
        told = {"service": what or cast.renewal, "branch": cast.north, "person": person, **given}
        return service.issue(session, actor=cast.staff["reem"].actor, **told).id


def call(cast: Cast, days: int, at: str, officer: str = "omar") -> int:
    """An officer calls the next ticket; its id."""
    with clock.at(when(days, at)), transaction() as session:
        ticket = service.call_next(session, actor=cast.staff[officer].actor)
        assert ticket is not None
        return ticket.id


def act(
    cast: Cast, days: int, at: str, verb: str, ticket_id: int, officer: str = "omar", **given: Any
) -> Ticket:
    """An officer does something with a ticket."""
    with clock.at(when(days, at)), transaction() as session:
        actor = cast.staff[officer].actor
        done: Ticket = getattr(service, verb)(session, actor=actor, ticket_id=ticket_id, **given)
        return done


def serve(
    cast: Cast, days: int, person: Person | None, outcome: str = "resolved", *, at: int = 9, **given: Any
) -> int:
    """A whole visit: arrival on the hour, called after 10 minutes, started after 11, ended after 20."""
    options = {name: given.pop(name) for name in ("what", "object_ref", "appointment") if name in given}
    ticket_id = arrive(cast, days, f"{at:02}:00", person, **options)
    assert call(cast, days, f"{at:02}:10") == ticket_id
    act(cast, days, f"{at:02}:11", "start", ticket_id)
    act(cast, days, f"{at:02}:20", "conclude", ticket_id, outcome=outcome, **given)
    hear(days)
    return ticket_id


def hear(days: int) -> None:
    """Deliver what happened until the end of a day to its listeners."""
    with clock.at(when(days, "23:00")):
        outbox.deliver_due(wiring.HANDLERS)
    reading().rollback()
    waiting = select(outbox.OutboxEvent.last_error).where(outbox.OutboxEvent.last_error.is_not(None))
    assert reading().scalars(waiting).all() == []


def visit_of(ticket_id: int | str) -> Visit:
    """The visit of a ticket."""
    reading().rollback()
    return reading().scalars(select(Visit).where(Visit.visit_no == str(ticket_id))).one()


def visits() -> list[Visit]:
    """All visits, in order."""
    reading().rollback()
    return list(reading().scalars(select(Visit).order_by(Visit.started_at, Visit.id)))


def cases() -> list[Case]:
    """All cases, in order."""
    reading().rollback()
    return list(reading().scalars(select(Case).order_by(Case.opened_at, Case.id)))


def classes() -> list[str]:
    """The classes of all visits, in order."""
    return [visit.class_name for visit in visits()]
