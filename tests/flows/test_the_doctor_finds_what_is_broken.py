"""`govdesk doctor` shows every setting with its origin and finds what is wrong."""

import pytest
from flask import Flask
from sqlalchemy import update

from govdesk import audit, checkup, outbox, schema
from govdesk.actor import SYSTEM
from govdesk.audit import AuditEntry
from govdesk.config import Settings
from govdesk.db import transaction
from tests.processes import environ, govdesk


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
    with transaction() as session:
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
    behind = environ(settings, GOVDESK_TRUSTED_PROXIES="1")
    doubted = govdesk("doctor", env=behind)
    assert (doubted.returncode, doubted.stderr) == (0, "")
    assert "warn  cookies: secure_cookies is false behind a proxy" in doubted.stdout
    assert "warn" not in govdesk("doctor", env={**behind, "GOVDESK_SECURE_COOKIES": "true"}).stdout


def test_a_wrong_setting_is_one_sentence(settings: Settings) -> None:
    answer = govdesk("doctor", env=environ(settings, GOVDESK_PORT="eight"))
    assert (answer.returncode, answer.stderr) == (1, "setting port: 'eight' is not a whole number\n")
