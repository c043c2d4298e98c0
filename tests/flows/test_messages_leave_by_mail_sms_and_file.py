"""Messages leave by a real mail server, a real gateway, or into files where neither is set."""

import dataclasses
import email
import stat
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from govdesk.actor import VISITOR
from govdesk.app import create_app
from govdesk.config import SettingError, Settings
from govdesk.db import db, reading, transaction
from govdesk.notify import codes, delivery, files, mail, sms
from govdesk.notify.letters import ChannelDownError, Letter, NotNowError, OwnFaultError, RefusedError
from govdesk.notify.models import Message
from tests.mail_server import HOST, Gateway, Mailbox, certificate, mail_server, sms_gateway

MAIL = Letter(
    token="token-1", channel="email", language="ar", to="nora@example.org", subject="تذكير\nبموعدك",
    text="غدًا موعدك.\nلا تنسه.", stop_link="https://desk.example.org/appointment/x/messages",
)  # fmt: skip
SMS = Letter(token="token-2", channel="sms", language="ar", to="+966501234512", subject="", text="موعدك غدًا")


@pytest.fixture
def box() -> Mailbox:
    return Mailbox()


def with_settings(app: Flask, **given: Any) -> Settings:
    """Give the running application other settings."""
    app.extensions["govdesk"] = dataclasses.replace(app.extensions["govdesk"], **given)
    changed: Settings = app.extensions["govdesk"]
    return changed


@pytest.fixture
def port(app: Flask, box: Mailbox) -> Iterator[int]:
    with mail_server(box) as port:
        with_settings(
            app, smtp_host=HOST, smtp_port=port, smtp_security="none",
            mail_from="City Desk <desk@example.org>", public_url="https://desk.example.org",
        )  # fmt: skip
        yield port


def test_a_mail_arrives_as_it_was_written(port: int, box: Mailbox) -> None:
    assert mail.send(MAIL) == "<token-1@example.org>"
    (arrived,) = box.mails
    assert isinstance(arrived, EmailMessage)
    assert arrived["From"] == "City Desk <desk@example.org>"
    assert arrived["To"] == "nora@example.org"
    assert arrived["Subject"] == "تذكير بموعدك"
    assert arrived["Message-ID"] == "<token-1@example.org>"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Content-Language"] == "ar"
    assert arrived["List-Unsubscribe"] == "<https://desk.example.org/appointment/x/messages>"
    assert arrived.get_content().splitlines() == ["غدًا موعدك.", "لا تنسه."]


WORDS = st.lists(
    st.sampled_from(("تغيّر", "موعدك:", "رخصة", "القيادة،", "٠٨:٢٠", "Moved", "2", "á", "😀")),
    min_size=1,
    max_size=16,
)


@given(WORDS, st.sampled_from(("مكتب المدينة للخدمات البلدية والقروية والإسكان", "City Desk", "")))
def test_no_space_is_lost_where_a_line_of_the_subject_ends(words: list[str], name: str) -> None:
    letter = dataclasses.replace(MAIL, subject=" ".join(words))
    sender = str(Address(display_name=name, addr_spec="desk@example.org"))
    given_ = Settings(Path(), "sqlite://", "", "", "", mail_from=sender)
    wire = mail.compose(letter, given_).as_bytes()
    read = email.message_from_bytes(wire)
    shown, address = parseaddr(str(make_header(decode_header(read["From"]))))
    assert str(make_header(decode_header(read["Subject"]))) == letter.subject
    assert (shown, address) == (name, "desk@example.org")
    assert max(map(len, wire.splitlines())) <= 78
    assert wire.isascii()


def test_what_cannot_be_switched_off_offers_no_way_to(port: int, box: Mailbox) -> None:
    mail.send(dataclasses.replace(MAIL, stop_link=""))
    assert "List-Unsubscribe" not in box.mails[0]


@pytest.mark.parametrize(
    ("answer", "error"),
    [("550 no such user", RefusedError), ("552 too much", RefusedError), ("450 try later", NotNowError)],
)
@pytest.mark.parametrize("where", ["nora@example.org", "DATA"])
def test_a_refusal_for_good_is_told_from_one_for_now(
    port: int, box: Mailbox, where: str, answer: str, error: type[Exception]
) -> None:
    box.answers[where] = answer
    with pytest.raises(error, match=answer):
        mail.send(MAIL)


def test_a_server_that_does_not_answer_is_nobodys_refusal(app: Flask, port: int) -> None:
    with mail_server(Mailbox()) as gone:
        pass
    with_settings(app, smtp_port=gone)
    with pytest.raises(ChannelDownError):
        mail.send(MAIL)


def test_a_mail_goes_encrypted_and_signed_in(
    app: Flask, box: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, context = certificate(tmp_path)
    options = {"tls_context": context, "authenticator": box.authenticate, "auth_required": True}
    with mail_server(box, require_starttls=True, **options) as port:
        with_settings(app, smtp_host=HOST, smtp_port=port, smtp_username="desk", smtp_password="right")
        with pytest.raises(ChannelDownError, match="CERTIFICATE_VERIFY_FAILED"):
            mail.send(MAIL)  # nobody vouches for this certificate
        monkeypatch.setenv("SSL_CERT_FILE", str(shown))
        mail.send(MAIL)
        with_settings(app, smtp_password="wrong")
        with pytest.raises(ChannelDownError, match="535"):
            mail.send(MAIL)
    assert set(box.signed_in) == {"desk"}
    assert len(box.mails) == 1


def test_a_mail_goes_by_tls_from_the_first_byte(
    app: Flask, box: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(shown))
    with mail_server(box, ssl_context=context) as port:
        with_settings(app, smtp_host=HOST, smtp_port=port, smtp_security="tls")
        mail.send(MAIL)
    assert len(box.mails) == 1


def test_a_gateway_that_wants_a_form_gets_one(app: Flask) -> None:
    gateway = Gateway(lambda _fields: (201, {"sid": "SM1", "status": "queued"}))
    with sms_gateway(gateway) as address:
        with_settings(app, sms_url=address, sms_sender="CityDesk", sms_username="AC1", sms_password="secret")
        assert sms.send(SMS) == "SM1"
    ((headers, fields),) = gateway.requests
    assert fields == {"To": "+966501234512", "From": "CityDesk", "Body": "موعدك غدًا"}
    assert headers["Authorization"] == "Basic QUMxOnNlY3JldA=="
    assert headers["Idempotency-Key"] == "token-2"


def test_a_gateway_that_wants_json_gets_it_and_its_status_is_read(app: Flask) -> None:
    statuses = iter(["0", "1", "6", "4"])
    gateway = Gateway(lambda _fields: (200, {"messages": [{"message-id": "M1", "status": next(statuses)}]}))
    with sms_gateway(gateway) as address:
        with_settings(
            app, sms_url=address, sms_shape="json", sms_sender="CityDesk", sms_username="k", sms_password="s"
        )
        assert sms.send(SMS) == "M1"
        for error in (NotNowError, RefusedError, ChannelDownError):
            with pytest.raises(error) as said:
                sms.send(SMS)
            assert type(said.value) is error
    assert gateway.requests[0][1] == {
        "api_key": "k", "api_secret": "s", "from": "CityDesk", "to": "966501234512", "text": "موعدك غدًا",
        "type": "unicode", "client-ref": "token-2",
    }  # fmt: skip


def test_another_gateway_is_described_in_a_file(app: Flask, instance: Path) -> None:
    (instance / "gateway.toml").write_text(
        'content = "json"\nid_path = "data.id"\n[fields]\nrecipient = "{digits}"\nbody = "{text}"\n'
        '[headers]\nX-Account = "{username}:{password}"\n'
    )
    gateway = Gateway(lambda _fields: (200, {"data": {"id": 7}}))
    with sms_gateway(gateway) as address:
        with_settings(app, sms_url=address, sms_shape="gateway.toml", sms_username="a", sms_password="b")
        assert sms.send(dataclasses.replace(SMS, text="x {to} y")) == "7"
    ((headers, fields),) = gateway.requests
    assert fields == {"recipient": "966501234512", "body": "x {to} y"}
    assert headers["X-Account"] == "a:b"
    with_settings(app, sms_shape="nothing.toml")
    with pytest.raises(SettingError, match=r"setting sms_shape: .*nothing\.toml"):
        sms.send(SMS)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, RefusedError),
        (404, ChannelDownError),
        (422, RefusedError),
        (401, ChannelDownError),
        (403, ChannelDownError),
        (408, OwnFaultError),
        (429, OwnFaultError),
        (500, OwnFaultError),
        (503, OwnFaultError),
    ],
)
def test_what_a_gateway_says_by_its_status(app: Flask, status: int, error: type[Exception]) -> None:
    with sms_gateway(Gateway(lambda _fields: (status, b"why"))) as address:
        with_settings(app, sms_url=address)
        with pytest.raises(error) as said:
            sms.send(SMS)
    assert str(said.value) == f"HTTP {status}: why"
    assert type(said.value) is error


def test_a_gateway_that_blames_the_account_in_a_400_blames_no_number(app: Flask) -> None:
    answers = iter([{"code": 21606}, {"code": 21211}])
    with sms_gateway(Gateway(lambda _fields: (400, next(answers)))) as address:
        with_settings(app, sms_url=address)
        for error in (ChannelDownError, RefusedError):  # the sender is not ours; the number is none
            with pytest.raises(error):
                sms.send(SMS)


def test_where_we_can_be_reached_a_gateway_is_told_where_to_tell_what_became_of_it(app: Flask) -> None:
    gateway = Gateway(lambda _fields: (201, {"sid": "SM1"}))
    with sms_gateway(gateway) as address:
        here = with_settings(app, sms_url=address, public_url="https://desk.example.org")
        sms.send(SMS)
    told = gateway.requests[0][1]["StatusCallback"]
    assert told == f"{sms.receipts_address(here)}?message=token-2"
    assert told.startswith("https://desk.example.org/receipts/sms/")
    assert here.secret_key not in told


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("530 5.7.0 sign in first", OwnFaultError),
        ("550 5.7.1 relaying denied", OwnFaultError),
        ("550 5.1.1 nobody", RefusedError),
    ],
)
def test_a_server_that_does_not_want_us_blames_no_address(
    port: int, box: Mailbox, answer: str, error: type[Exception]
) -> None:
    box.answers["nora@example.org"] = answer
    with pytest.raises(error):
        mail.send(MAIL)


def test_a_gateway_that_is_gone_and_one_of_another_kind_are_down(app: Flask) -> None:
    with sms_gateway(Gateway(lambda _fields: (200, {}))) as address:
        pass
    for url in (address, "file:///etc/passwd"):
        with_settings(app, sms_url=url)
        with pytest.raises(ChannelDownError):
            sms.send(SMS)


def test_without_server_and_gateway_messages_are_files_that_only_we_read(app: Flask, instance: Path) -> None:
    ways = delivery.transports()
    assert {ways["sms"], ways["email"]} == {files.write}
    name = files.write(MAIL)
    written = instance / "outbox" / name
    assert written.read_text("utf-8").splitlines() == [
        "To: nora@example.org", "Language: ar", "Subject: تذكير", "بموعدك", "", "غدًا موعدك.", "لا تنسه.",
    ]  # fmt: skip
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


def test_files_do_not_fill_the_disk(app: Flask, instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "KEPT", 3)
    for number in range(9):
        files.write(dataclasses.replace(SMS, token=f"{number:08}"))
    assert len(list((instance / "outbox").iterdir())) == 3


def test_secrets_of_channels_are_in_no_repr(app: Flask) -> None:
    changed = with_settings(app, smtp_password="hush1", sms_password="hush2")
    assert "hush" not in repr(changed)
    assert "966" not in repr(SMS)


def test_the_whole_way_from_the_table_to_the_mailbox(settings: Settings, box: Mailbox) -> None:
    with mail_server(box) as port:
        mailing = dataclasses.replace(settings, smtp_host=HOST, smtp_port=port, smtp_security="none")
        with create_app(mailing).app_context():
            with transaction() as session:
                codes.send_code(
                    session, actor=VISITOR, purpose="contact", address="nora@example.org", language="ar"
                )
            assert delivery.run_send() == 1
            message = reading().scalars(select(Message)).one()
            assert (message.state, message.shown) == ("sent", "n•••@example.org")
            assert message.provider_id == box.mails[0]["Message-ID"]
            assert message.values is None
            db.session.remove()
            db.engine.dispose()
