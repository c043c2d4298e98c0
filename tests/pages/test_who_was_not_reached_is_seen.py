"""Who could not be reached by a message is seen at the reception and on the person's own page."""

import datetime as dt
from collections.abc import Callable

from govdesk import clock
from govdesk.db import transaction
from govdesk.notify.letters import RefusedError
from govdesk.people.models import Person
from tests.desk import Desk
from tests.flows.messages import Postman, book, give_contact, send
from tests.makers import SUNDAY, Cast, moment

SHOWN = "05•• ••• •12"


def test_a_refused_message_is_seen_by_both_sides(
    cast: Cast, sign_in: Callable[[str], Desk], desk: Desk
) -> None:
    with transaction() as session:
        give_contact(session, session.get_one(Person, cast.nora.id))
    appointment = book(cast, days=1)
    own = f"/appointment/{appointment.link_token}"
    assert SHOWN not in desk.get(own, language="en").main
    send(Postman(RefusedError("550 no such number")))
    assert SHOWN in desk.get(own, language="en").main
    with clock.at(moment("09:00", SUNDAY + dt.timedelta(days=1))):
        hall = sign_in("reem").get("/reception/north", language="en").main
    assert f"our message did not arrive at {SHOWN}" in hall
