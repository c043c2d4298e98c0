"""`govdesk doctor` shows every setting with its origin and finds what is wrong."""

import dataclasses
import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import update

from govdesk import audit, checkup, clock, outbox, schema
from govdesk.actor import SYSTEM
from govdesk.audit import AuditEntry
from govdesk.config import Settings
from govdesk.db import transaction
from govdesk.notify import delivery, service
from govdesk.notify.letters import ChannelDownError
from tests.flows.messages import Postman
from tests.mail_server import Mailbox, mail_server
from tests.processes import environ, govdesk
from tests.tampering import unguarded

HOUR = dt.timedelta(hours=1)


def ills() -> dict[str, str]:
    return {finding.what: finding.sentence for finding in checkup.examine() if not finding.is_well}


def test_a_sound_installation_has_no_ills(app: Flask) -> None:
    assert ills() == {}


def test_secrets_and_passwords_are_not_shown(app: Flask) -> None:
    told = " ".join(finding.sentence for finding in checkup.examine())
    settings: Settings = app.extensions["govdesk"]
    assert settings.secret_key not in told
    assert settings.audit_key not in told
    assert checkup._shown("postgresql+psycopg://desk:pass@db/govdesk") == "postgresql+psycopg://…@db/govdesk"


@pytest.mark.tampers
def test_a_broken_chain_is_found(app: Flask) -> None:
    with transaction() as session:
        audit.record(session, actor=SYSTEM, action="test.done", subject="test:1")
    with transaction() as session, unguarded(session):
        session.execute(update(AuditEntry).values(actor="somebody"))
    assert ills() == {"audit": "entry 1: changed"}


def test_a_stuck_event_is_found(app: Flask) -> None:
    with transaction() as session:
        outbox.emit(session, "test.happened", n=1)
        session.flush()
        session.execute(update(outbox.OutboxEvent).values(attempts=3))
    assert ills() == {"outbox": "1 events failed three times or more"}


@pytest.mark.tampers
def test_a_database_without_its_migrations_is_found(app: Flask) -> None:
    schema.downgrade("base")
    assert set(ills()) == {"migrations"}
    schema.upgrade()
    assert ills() == {}


def test_the_command_says_well_or_wrong_by_its_exit_status(settings: Settings) -> None:
    well = govdesk("doctor", env=environ(settings))
    assert (well.returncode, well.stderr) == (0, "")
    assert "setting port: 8000 [default]" in well.stdout
    wrong = govdesk("doctor", env=environ(settings, GOVDESK_AUDIT_KEY="44" * 32))
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("WRONG audit")


def test_cookies_that_travel_openly_behind_a_proxy_get_a_word(settings: Settings) -> None:
    behind = environ(settings, GOVDESK_PUBLIC_URL="https://desk.example.org")
    doubted = govdesk("doctor", env=behind)
    assert (doubted.returncode, doubted.stderr) == (0, "")
    assert "warn  cookies: public_url is HTTPS" in doubted.stdout
    assert "warn" not in govdesk("doctor", env={**behind, "GOVDESK_TRUSTED_PROXIES": "1"}).stdout


def test_a_wrong_setting_is_one_sentence(settings: Settings) -> None:
    answer = govdesk("doctor", env=environ(settings, GOVDESK_PORT="eight"))
    assert (answer.returncode, answer.stderr) == (1, "setting port: 'eight' is not a whole number\n")


def test_the_doctor_asks_the_mail_server(settings: Settings) -> None:
    with mail_server(Mailbox()) as port:
        mailing = environ(
            settings, GOVDESK_SMTP_HOST="127.0.0.1", GOVDESK_SMTP_PORT=str(port),
            GOVDESK_SMTP_SECURITY="none", GOVDESK_SMTP_PASSWORD="hush",
        )  # fmt: skip
        well = govdesk("doctor", env=mailing)
    assert (well.returncode, well.stderr) == (0, "")
    assert f"ok    mail: 127.0.0.1:{port} answers (none)" in well.stdout
    assert (
        "warn  links: public_url is not set; links in messages begin with http://127.0.0.1:8000"
        in well.stdout
    )
    assert "hush" not in well.stdout
    gone = govdesk("doctor", env=mailing)
    assert gone.returncode == 1
    assert gone.stderr.startswith(f"WRONG mail: 127.0.0.1:{port} does not answer as set")


def test_a_gateway_that_nobody_described_is_found(settings: Settings) -> None:
    wrong = govdesk("doctor", env=environ(settings, GOVDESK_SMS_URL="http://x", GOVDESK_SMS_SHAPE="pigeon"))
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("WRONG sms: setting sms_shape:")


def test_a_gateway_whose_host_nobody_knows_is_found(app: Flask) -> None:
    here: Settings = app.extensions["govdesk"]
    app.extensions["govdesk"] = dataclasses.replace(here, sms_url="https://gateway.invalid/send")
    assert ills()["sms"].startswith("the gateway gateway.invalid is not known: ")
    app.extensions["govdesk"] = dataclasses.replace(here, sms_url="gateway/send")
    assert ills() == {"sms": "sms_url is no address that begins with http:// or https://"}


def test_what_waits_by_our_own_fault_is_told_with_what_the_other_side_said(app: Flask) -> None:
    with transaction() as session:
        service.queue(
            session, key="booked", about="x:1", language="en", address="+966501234512",
            values={"reference": "R", "link": "https://x"}, expires_at=clock.now() + HOUR,
        )  # fmt: skip
    delivery.send_due({"sms": Postman(ChannelDownError("HTTP 401: wrong password"))})
    said = "our own set-up fails, no address is to blame: 1 SMS wait, 0 were given up within a day"
    assert ills() == {"messages": f"{said}; said last: HTTP 401: wrong password"}


def test_a_message_is_sent_to_try_the_way(settings: Settings) -> None:
    box = Mailbox()
    with mail_server(box) as port:
        mailing = environ(
            settings, GOVDESK_SMTP_HOST="127.0.0.1", GOVDESK_SMTP_PORT=str(port), GOVDESK_SMTP_SECURITY="none"
        )
        sent = govdesk("messages", "test", "--to", "nora@example.org", env=mailing)
        assert (sent.returncode, sent.stdout) == (0, f"sent: {box.mails[0]['Message-ID']}\n")
        box.answers["nora@example.org"] = "550 nobody"
        refused = govdesk("messages", "test", "--to", "nora@example.org", env=mailing)
    assert (refused.returncode, refused.stderr) == (1, "The message was not sent: 550 nobody\n")
    written = govdesk("messages", "test", "--to", "0501234512", env=environ(settings))
    assert written.stdout.startswith(f"written to {settings.instance / 'outbox'}: ")
    wrong = govdesk("messages", "test", "--to", "12", env=environ(settings))
    assert (wrong.returncode, wrong.stdout) == (1, "")
