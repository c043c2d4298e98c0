"""A one-time code proves an address: six digits, ten minutes, five tries, and once."""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.db import reading, transaction
from govdesk.errors import TooManyError
from govdesk.notify import codes
from govdesk.notify.models import Message, OneTimeCode
from tests.makers import MORNING

PHONE = "+966501234512"
MINUTE = dt.timedelta(minutes=1)
LATER = MORNING + MINUTE


@pytest.fixture(autouse=True)
def _still(app: Flask, morning: None) -> None:
    """Time moves only when a test says so."""


def send(address: str = PHONE, purpose: str = "contact", language: str = "ar") -> str:
    """Send a code; what its message says."""
    with transaction() as session:
        codes.send_code(session, actor=VISITOR, purpose=purpose, address=address, language=language)
        values = session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one().values
    assert values is not None
    return str(values["code"])


def verify(code: str, address: str = PHONE, purpose: str = "contact") -> codes.Verdict:
    with transaction() as session:
        return codes.verify(session, actor=VISITOR, purpose=purpose, address=address, code=code)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_the_right_code_proves_once() -> None:
    code = send()
    assert len(code) == 6
    assert code.isdecimal()
    assert verify(code) == "right"
    assert verify(code) == "expired"


def test_arabic_digits_and_spaces_are_welcome() -> None:
    code = send()
    arabic = code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert verify(f" {arabic[:3]} {arabic[3:]} ") == "right"


def test_after_five_wrong_tries_even_the_right_code_proves_nothing() -> None:
    code = send()
    assert [verify(wrong(code)) for _ in range(6)] == ["wrong"] * 5 + ["spent"]
    assert verify(code) == "spent"


def test_a_code_lives_ten_minutes() -> None:
    code = send()
    with clock.at(MORNING + 10 * MINUTE):
        assert verify(code) == "expired"
    with clock.at(MORNING + 10 * MINUTE - dt.timedelta(seconds=1)):
        assert verify(code) == "right"


def test_a_code_proves_only_its_own_address_and_purpose() -> None:
    code = send()
    assert verify(code, address="+966501234513") == "expired"
    assert verify(code, purpose="other") == "expired"
    assert verify(code) == "right"


def test_a_new_code_ends_the_one_before() -> None:
    first = send()
    with clock.at(LATER):
        second = send()
        assert verify(first) == ("right" if first == second else "wrong")
        assert verify(second) == ("expired" if first == second else "right")


def test_an_address_gets_one_in_half_a_minute_and_five_in_an_hour() -> None:
    send()
    with pytest.raises(TooManyError) as soon:
        send()
    assert soon.value.params == {"seconds": 30}
    for number in range(1, 5):
        with clock.at(MORNING + number * MINUTE):
            send()
    with clock.at(MORNING + 10 * MINUTE), pytest.raises(TooManyError) as many:
        send()
    assert many.value.params == {"seconds": 50 * 60}
    with clock.at(MORNING + 61 * MINUTE):
        send()


def test_the_table_holds_neither_code_nor_address() -> None:
    code = send(address="Nora@example.org")
    (kept,) = reading().execute(select(OneTimeCode.__table__)).all()
    sealed = reading().connection().exec_driver_sql('SELECT address, "values" FROM message').one()
    told = " ".join(map(str, (*kept, *sealed)))
    assert code not in told
    assert "example" not in told.lower()


def test_the_message_says_the_code_in_the_language_asked_for_and_leaves_at_any_hour() -> None:
    with clock.at(MORNING + dt.timedelta(hours=14)):  # 23:00
        send(address="nora@example.org", language="en")
        message = reading().scalars(select(Message)).one()
        assert message.values is not None
        assert message.values["minutes"] == "10 min"
        assert (message.channel, message.language, message.due_at) == ("email", "en", clock.now())
        assert message.expires_at == clock.now() + 10 * MINUTE


def test_old_codes_are_forgotten() -> None:
    send()
    with clock.at(MORNING + dt.timedelta(days=3)), transaction() as session:
        assert codes.forget_old(session) == 1
    assert reading().scalars(select(OneTimeCode)).all() == []
