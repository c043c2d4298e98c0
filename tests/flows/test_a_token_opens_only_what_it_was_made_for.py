"""A token is shown once, opens only what it was made for, and nothing after its day or once it is revoked."""

import datetime as dt

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.audit import AuditEntry
from govdesk.cli import govdesk
from govdesk.config import Settings
from govdesk.db import reading, transaction
from govdesk.errors import DeskError
from govdesk.faces.api import bearer
from govdesk.faces.api.routes import ENDPOINTS
from govdesk.people import tokens
from govdesk.people.models import ApiToken
from tests.api import Program, make_token
from tests.desk import Desk
from tests.makers import MORNING, Cast

PATHS = {
    "<reference>": "K7M2QX4P", "<service>": "renewal", "<branch>": "north", "<int:ticket_id>": "1",
    "<key>": "repeat_visit_rate", "<int:counter_id>": "1", "<int:webhook_id>": "1",
}  # fmt: skip


def kind(answer: str) -> str:
    return f"/api/v1/docs#errors.{answer}"


def filled(path: str) -> str:
    for name, value in PATHS.items():
        path = path.replace(name, value)
    return path


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_nobody_comes_in_without_a_token(app: Flask, cast: Cast, endpoint: object) -> None:
    method, path = endpoint.method, filled(endpoint.path)  # type: ignore[attr-defined]
    answer = Program(app).ask(method, path, status=401)
    assert answer.get_json()["type"] == kind("token_missing")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="govdesk"'
    strange = Program(app, "gd_nothing").ask(method, path, status=401)
    assert strange.headers["WWW-Authenticate"] == 'Bearer realm="govdesk", error="invalid_token"'


@pytest.mark.parametrize("scope", tokens.SCOPES)
def test_a_scope_opens_its_own_addresses_and_no_others(app: Flask, cast: Cast, scope: str) -> None:
    program = Program(app, make_token(scope))
    for endpoint in ENDPOINTS:
        answer = program.ask(endpoint.method, filled(endpoint.path))
        is_open = not endpoint.scopes or scope in endpoint.scopes
        assert (answer.status_code == 403) == (not is_open), endpoint.name
        assert answer.status_code != 401
        if not is_open:
            needed = " ".join(endpoint.scopes)
            challenge = f'Bearer realm="govdesk", error="insufficient_scope", scope="{needed}"'
            assert answer.headers["WWW-Authenticate"] == challenge


def test_a_token_ends_at_its_moment(app: Flask, cast: Cast) -> None:
    program = Program(app, make_token("board", days=1))
    with clock.at(MORNING + dt.timedelta(days=1, seconds=-1)):
        program.get("/branches")
    with clock.at(MORNING + dt.timedelta(days=1)):
        program.get("/branches", status=401)


def test_a_revoked_token_opens_nothing_any_more(app: Flask, cast: Cast) -> None:
    program = Program(app, make_token("board", name="Board"))
    program.get("/branches")
    with transaction() as session:
        tokens.revoke(session, actor=SYSTEM, token=tokens.find(session, "Board"))
    program.get("/branches", status=401)
    again = Program(app, make_token("board", name="Board"))
    again.get("/branches")


def test_the_secret_is_not_kept_and_the_audit_names_no_secret(app: Flask, cast: Cast) -> None:
    secret = make_token("kiosk", "booking", branch=cast.north, name="Door")
    row = reading().scalars(select(ApiToken)).one()
    assert secret.startswith("gd_")
    assert secret not in repr(vars(row))
    entry = reading().scalars(select(AuditEntry).where(AuditEntry.action == "token.issued")).one()
    assert entry.subject == f"token:{row.id}"
    assert entry.detail == {
        "name": "Door", "scopes": ["kiosk", "booking"], "branch": cast.north.id, "days": 30
    }  # fmt: skip


def test_the_day_of_the_last_use_is_noted_once(app: Flask, cast: Cast) -> None:
    program = Program(app, make_token("board"))
    assert reading().scalars(select(ApiToken.last_used_on)).one() is None
    for _ in range(2):
        program.get("/branches")
    assert reading().scalars(select(ApiToken.last_used_on)).one() == dt.date(2026, 10, 4)
    with clock.at(MORNING + dt.timedelta(days=2)):
        program.get("/branches")
        assert reading().scalars(select(ApiToken.last_used_on)).one() == dt.date(2026, 10, 6)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"name": " "}, "people.token_name"),
        ({"name": "x" * 61}, "people.token_name"),
        ({"scopes": []}, "people.token_scope"),
        ({"scopes": ["everything"]}, "people.token_scope"),
        ({"days": 0}, "people.token_days"),
        ({"days": 3651}, "people.token_days"),
        ({"name": "Taken"}, "people.token_taken"),
    ],
)
def test_what_cannot_be_a_token_is_refused(cast: Cast, given: dict[str, object], key: str) -> None:
    make_token("board", name="Taken")
    wanted = {"name": "Good", "scopes": ["board"], **given}
    with pytest.raises(DeskError) as refusal, transaction() as session:
        tokens.issue(session, actor=SYSTEM, **wanted)  # type: ignore[arg-type]
    assert refusal.value.key == key


def test_a_staff_member_who_is_signed_in_is_no_program(cast: Cast, app: Flask) -> None:
    browser = Desk(app)
    browser.post("/staff/sign-in", {"username": "adam", "password": "a long enough sentence"}, status=302)
    browser.get("/api/v1/branches", status=401)


def test_a_token_opens_no_page_of_the_staff(app: Flask, cast: Cast) -> None:
    headers = {"Authorization": f"Bearer {make_token('counter')}"}
    assert "sign-in" in (Desk(app).get("/admin", headers=headers).location or "")
    assert "sign-in" in (Desk(app).get("/staff", headers=headers).location or "")


def test_too_many_requests_are_told_when_to_come_again(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bearer, "READS", 2)
    monkeypatch.setattr(bearer, "WRITES", 1)
    program = Program(app, make_token("booking", "board"))
    program.get("/branches")
    program.get("/branches")
    answer = program.ask("GET", "/branches", status=429)
    assert answer.headers["Retry-After"] == "60"
    assert answer.get_json()["type"] == kind("too_many")
    program.post("/holds", {}, status=422)
    program.post("/holds", {}, status=429)
    with clock.at(MORNING + dt.timedelta(minutes=1)):
        program.get("/branches")
    Program(app, make_token("board", name="Another")).get("/branches")


@pytest.fixture
def command(cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands find this database, and speak English."""
    monkeypatch.setenv("GOVDESK_INSTANCE", str(settings.instance))
    monkeypatch.setenv("GOVDESK_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("GOVDESK_AUDIT_KEY", settings.audit_key)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")


def run(*words: str) -> Result:
    return CliRunner().invoke(govdesk, ["token", *words])


def told(*words: str) -> str:
    done = run(*words)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


def test_a_token_is_made_listed_and_revoked_by_command(app: Flask, command: None) -> None:
    made = told("add", "--name", "North kiosk", "--scope", "kiosk", "--branch", "north", "--days", "90")
    secret = made.strip()
    assert secret.startswith("gd_")
    assert [branch["id"] for branch in Program(app, secret).get("/branches")] == ["north"]
    listed = told("list")
    assert listed == "North kiosk\tactive\tkiosk\tnorth\t2027-01-02\t2026-10-04\n"
    assert secret not in listed
    assert run("revoke", "North kiosk").exit_code == 0
    Program(app, secret).get("/branches", status=401)
    assert isinstance(run("revoke", "North kiosk").exception, DeskError)
    assert isinstance(run("add", "--name", "X9", "--scope", "kiosk", "--branch", "no").exception, DeskError)
    assert run("add", "--name", "X9", "--scope", "everything").exit_code == 2
