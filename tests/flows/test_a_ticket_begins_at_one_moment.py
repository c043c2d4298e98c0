"""A ticket is given at one moment: arrival, place in the order and quote do not drift apart."""

from flask import Flask

from govdesk.actor import SYSTEM
from govdesk.db import transaction
from govdesk.queue import service as queue
from tests.makers import make_cast


def test_arrival_place_and_quote_have_the_same_moment(app: Flask) -> None:
    with transaction() as session:  # while the clock runs
        cast = make_cast(session)
        ticket = queue.issue(session, actor=SYSTEM, branch=cast.north, service=cast.renewal, at_door=True)
        assert ticket.order_at == ticket.callable_at == ticket.arrived_at
        assert ticket.quoted_at in {None, ticket.arrived_at}
