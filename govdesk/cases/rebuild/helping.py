"""Processes that judge parts of the visits side by side, while the one that asked them writes."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from sqlalchemy import Connection, create_engine
from sqlalchemy.orm import Session

from govdesk.cases.rebuild import judging
from govdesk.cases.rebuild.judging import Found
from govdesk.cases.rebuild.reading import Knots, Part
from govdesk.cases.records import Places
from govdesk.db import prepare_engine


@dataclass(frozen=True, slots=True)
class _Seat:
    """What a helper has at hand."""

    connection: Connection
    places: Places
    knots: Knots


_seats: list[_Seat] = []  # of a helper, its own


def side_by_side(
    connection: Connection, parts: Sequence[Part], knots: Knots, helpers: int
) -> Iterator[Found]:
    """Judge parts in so many processes; gives what each found, in order.

    Every helper reads by a connection of its own what was committed, so this transaction must have changed
    nothing before. Until it ends nobody else writes visits or cases: on SQLite because there is one writer,
    on PostgreSQL because it locks both tables against writing (not against reading).
    Processes are begun afresh: one that is split off would share SQLite's locks with this one.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE visit, case_file IN SHARE ROW EXCLUSIVE MODE")
    address = connection.engine.url.render_as_string(hide_password=False)
    with ProcessPoolExecutor(helpers, get_context("spawn"), _sit_down, (address, knots)) as pool:
        yield from pool.map(_look, parts)


def _sit_down(address: str, knots: Knots) -> None:
    engine = create_engine(address, hide_parameters=True)
    prepare_engine(engine)
    connection = engine.connect()
    with Session(connection) as session:
        places = Places(session)
    _seats.append(_Seat(connection, places, knots))


def _look(part: Part) -> Found:
    seat = _seats[0]
    return judging.look(seat.connection, part, seat.knots, seat.places)
