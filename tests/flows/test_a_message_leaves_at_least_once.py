"""A message leaves only after its commit, at least once; what cannot leave delays itself, or is given up."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from govdesk import clock
from govdesk.config import Settings
from govdesk.db import db, reading, transaction
from govdesk.notify import delivery, rules, service
from govdesk.notify.letters import ChannelDownError, Letter, NotNowError, RefusedError
from govdesk.notify.models import Message
from govdesk.people.models import Person
from tests.flows.messages import EMAIL, PHONE, Postman, give_contact, keys, messages, send
from tests.makers import MORNING, Cast
from tests.processes import together

HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
VALUES = {"service": "X", "branch": "Y", "when": "Z", "reference": "R", "link": "https://x"}


class KilledError(BaseException):
    """The process is gone."""


@pytest.fixture(autouse=True)
def _still(app: Flask, morning: None) -> None:
    """Time moves only when a test says so."""


def queue(
    *abouts: str, address: str | None = PHONE, person: Person | None = None, until: dt.timedelta = 9 * HOUR
) -> None:
    with transaction() as session:
        for about in abouts:
            service.queue(
                session, key="booked", about=about, language="en", values=VALUES, address=address,
                person=person and session.get_one(Person, person.id), expires_at=clock.now() + until,
            )  # fmt: skip


def states() -> dict[str, str]:
    return {message.about: message.state for message in messages()}


def test_what_is_rolled_back_is_never_sent() -> None:
    postman = Postman()
    with pytest.raises(KeyError), transaction() as session:
        service.queue(
            session, key="booked", about="x:1", language="en", values=VALUES, address=PHONE,
            expires_at=clock.now() + HOUR,
        )  # fmt: skip
        session.flush()
        raise KeyError
    assert send(postman) == 0
    assert postman.letters == []


def test_a_message_is_sent_once_and_says_by_which_number_the_provider_knows_it() -> None:
    postman = Postman()
    queue("x:1")
    assert (send(postman), send(postman)) == (1, 0)
    (message,) = messages()
    assert (message.state, message.provider_id, message.attempts) == ("sent", "id-1", 1)
    assert message.shown == "05•• ••• •12"
    assert message.ended_at == clock.now()


def test_no_transaction_is_open_while_a_message_is_sent() -> None:
    queue("x:1", "x:2")
    seen = []

    def look(letter: Letter) -> None:
        with transaction() as session:  # would wait for ever, or refuse to nest
            seen.append(session.scalar(select(func.count()).select_from(Message)))

    assert delivery.send_due({"sms": look}) == 2
    assert seen == [2, 2]


def test_killed_before_the_note_it_goes_out_again_as_the_same_message() -> None:
    letters: list[Letter] = []

    def die(letter: Letter) -> None:
        letters.append(letter)
        raise KilledError

    queue("x:1")
    with pytest.raises(KilledError):
        delivery.send_due({"sms": die})
    db.session.rollback()
    postman = Postman()
    assert send(postman) == 0  # nobody knows whether it is still being sent
    with clock.at(MORNING + delivery.LEASE):
        assert send(postman) == 1
    assert [letter.token for letter in letters] == [letter.token for letter in postman.letters]
    assert messages()[0].attempts == 2


def test_two_who_send_at_once_claim_different_messages() -> None:
    queue(*(f"x:{number}" for number in range(30)))
    with transaction() as session:
        first = set(delivery.claim(session))
    with transaction() as session:
        second = set(delivery.claim(session))
    assert (len(first), len(second), first & second) == (20, 10, set())


def test_processes_that_send_at_once_send_each_message_once(settings: Settings) -> None:
    queue(*(f"x:{number}" for number in range(60)), until=dt.timedelta(days=900))
    sending = (
        "from govdesk.notify import delivery\n"
        "from govdesk import clock\n"
        f"moment = clock.dt.datetime.fromisoformat('{MORNING.isoformat()}')\n"
        "with clock.at(moment):\n"
        "    delivery.send_due({'sms': lambda letter: print(letter.token)})\n"
    )
    printed = [token for output in together(sending, count=3, settings=settings) for token in output.split()]
    assert len(printed) == len(set(printed)) == 60
    assert set(states().values()) == {"sent"}


def test_what_was_dropped_after_the_claim_is_not_sent() -> None:
    postman = Postman()
    queue("x:1", "x:2")

    def send_and_drop(letter: Letter) -> str:
        with transaction() as session:
            service.drop_about(session, "x:2")
        return postman(letter)

    assert delivery.send_due({"sms": send_and_drop}) == 1
    assert states() == {"x:1": "sent", "x:2": "dropped"}


def test_a_poison_message_delays_itself_and_not_the_line() -> None:
    queue("x:1", "x:2", "x:3")
    postman = Postman(ValueError("poison"))
    assert send(postman) == 2
    (poison,) = messages("queued")
    assert (poison.about, poison.last_error) == ("x:1", "ValueError: poison")
    assert poison.due_at == MORNING + MINUTE
    with clock.at(MORNING + MINUTE):
        assert send(postman) == 1


def test_each_attempt_waits_longer_until_it_is_too_late() -> None:
    queue("x:1", until=10 * MINUTE)
    moment, delays = MORNING, []
    while messages()[0].state == "queued":
        with clock.at(moment):
            send(Postman(NotNowError("later")))
        (message,) = messages()
        delays.append((message.due_at - moment) // MINUTE)
        moment = message.due_at
    assert delays[:4] == [1, 2, 4, 8]
    assert (message.state, message.attempts, message.last_error) == ("failed", 4, "later")


def test_what_nobody_tried_before_its_end_is_dropped() -> None:
    queue("x:1", until=MINUTE)
    with clock.at(MORNING + MINUTE):
        assert send(Postman()) == 0
    assert states() == {"x:1": "dropped"}


def test_the_most_urgent_goes_first() -> None:
    queue("x:late", until=9 * HOUR)
    queue("x:soon", until=HOUR)
    asked: list[str] = []
    queue("x:middle", until=2 * HOUR)
    order = {message.token: message.about for message in messages()}
    delivery.send_due({"sms": lambda letter: asked.append(order[letter.token])})
    assert asked == ["x:soon", "x:middle", "x:late"]


def test_a_channel_that_is_down_is_not_asked_for_each_message() -> None:
    queue("x:1", "x:2", "x:3")
    queue("x:4", address=EMAIL)
    asked: list[str] = []

    def down(letter: Letter) -> None:
        asked.append(letter.channel)
        raise ChannelDownError("nobody answers")

    assert delivery.send_due({"sms": down, "email": Postman()}) == 1
    assert asked == ["sms"]
    assert [message.due_at for message in messages("queued")] == [MORNING + rules.FIRST_DELAY] * 3


def test_an_address_that_refuses_for_good_is_told_as_unreached() -> None:
    queue("x:1", "x:2")
    postman = Postman(RefusedError(f"550 {PHONE} is unknown"))
    assert send(postman) == 1
    assert states() == {"x:1": "undeliverable", "x:2": "sent"}
    assert service.unreached(reading(), ["x:1", "x:2"]) == {"x:1": "05•• ••• •12"}
    assert messages()[0].last_error == "550 05•• ••• •12 is unknown"


def test_a_person_with_two_addresses_is_tried_at_the_other(cast: Cast) -> None:
    with transaction() as session:
        give_contact(session, session.get_one(Person, cast.nora.id), email=EMAIL)
    queue("x:1", address=None, person=cast.nora)
    postman = Postman(RefusedError("no such number"))
    assert send(postman) == 1
    assert [(letter.channel, letter.to) for letter in postman.letters] == [("email", EMAIL)]
    assert service.unreached(reading(), ["x:1"]) == {}


def test_two_addresses_that_both_refuse_are_not_asked_in_a_circle(cast: Cast) -> None:
    with transaction() as session:
        give_contact(session, session.get_one(Person, cast.nora.id), email=EMAIL)
    queue("x:1", address=None, person=cast.nora)
    send(Postman(*[RefusedError("no")] * 9))
    assert [message.channel for message in messages("undeliverable")] == ["sms", "email"]
    assert keys("queued") == []
    assert service.unreached(reading(), ["x:1"]) == {"x:1": "n•••@example.org"}


def test_who_is_reached_later_is_not_unreached_any_more(cast: Cast) -> None:
    queue("x:1")
    send(Postman(RefusedError("no")))
    with clock.at(MORNING + MINUTE):
        queue("x:1")
        send(Postman())
    assert service.unreached(reading(), ["x:1"]) == {}


def test_whose_contact_is_gone_when_it_is_due_is_left_alone(cast: Cast) -> None:
    with transaction() as session:
        give_contact(session, session.get_one(Person, cast.nora.id))
    queue("x:1", address=None, person=cast.nora)
    with transaction() as session:
        give_contact(session, session.get_one(Person, cast.nora.id), phone=None)
    assert send(Postman()) == 0
    assert states() == {"x:1": "dropped"}


def test_a_code_is_forgotten_when_it_is_sent() -> None:
    with transaction() as session:
        service.queue(
            session, key="code", about="code:1", language="en",
            values={"code": "123456", "minutes": "10 min"}, address=PHONE,
            expires_at=clock.now() + 10 * MINUTE,
        )  # fmt: skip
    postman = Postman()
    send(postman)
    assert re.search(r"\b123456\b", postman.letters[0].text)
    assert messages()[0].values is None


def test_what_messages_said_is_forgotten_after_a_month_and_they_after_a_year() -> None:
    queue("x:1")
    send(Postman())
    forget = _in_a_transaction(delivery.forget_old)
    with clock.at(MORNING + dt.timedelta(days=31)):
        assert forget() == 0
        assert (messages()[0].values, messages()[0].address) == (None, None)
    with clock.at(MORNING + dt.timedelta(days=401)):
        assert forget() == 1
    assert messages() == []


def test_what_another_key_has_sealed_is_dropped_in_words() -> None:
    queue("x:1")
    with transaction() as session:
        session.connection().exec_driver_sql("UPDATE message SET \"values\" = 'nonsense'")
    assert send(Postman()) == 0
    assert states() == {"x:1": "dropped"}


def _in_a_transaction(act: Callable[..., int]) -> Callable[[], int]:
    def run() -> int:
        with transaction() as session:
            return act(session)

    return run
