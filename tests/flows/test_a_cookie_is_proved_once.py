"""A session's cookie that comes again is not proved anew, and is as safe as before."""

import datetime as dt

import pytest
from flask import Flask, session
from flask.sessions import SecureCookieSession

from govdesk import cookies


@pytest.fixture
def cookie(app: Flask) -> str:
    """The cookie of a session."""
    with app.test_request_context():
        session["said"] = ["first"]
        answer = app.make_response("")
        app.session_interface.save_session(app, _own(), answer)
    return answer.headers["Set-Cookie"].partition(";")[0]


def _own() -> SecureCookieSession:
    own = session._get_current_object()  # type: ignore[attr-defined]
    assert isinstance(own, SecureCookieSession)
    return own


def held(app: Flask, cookie: str) -> dict[str, object]:
    """What a request with this cookie finds in its session."""
    with app.test_request_context(headers={"Cookie": cookie}):
        return dict(session)


def test_what_one_request_writes_into_its_session_is_not_in_the_next(app: Flask, cookie: str) -> None:
    with app.test_request_context(headers={"Cookie": cookie}):
        session["said"].append("second")
        session["more"] = True
    assert held(app, cookie) == {"said": ["first"]}


def test_it_is_proved_once(app: Flask, cookie: str) -> None:
    cookies._proved.cache_clear()
    for _ in range(3):
        assert held(app, cookie) == {"said": ["first"]}
    assert cookies._proved.cache_info().misses == 1


def test_one_that_was_changed_holds_nothing_however_often_it_comes(app: Flask, cookie: str) -> None:
    assert held(app, cookie) == {"said": ["first"]}
    changed = cookie[:-6] + ("AAAAAA" if cookie[-6:] != "AAAAAA" else "BBBBBB")
    assert held(app, changed) == {}
    assert held(app, changed) == {}
    assert held(app, "govdesk=") == {}


@pytest.mark.parametrize("lifetime", [dt.timedelta(seconds=-1), dt.timedelta(hours=-1)])
def test_one_that_has_become_too_old_holds_nothing(
    app: Flask, cookie: str, lifetime: dt.timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert held(app, cookie) == {"said": ["first"]}
    monkeypatch.setitem(app.config, "PERMANENT_SESSION_LIFETIME", lifetime)
    assert held(app, cookie) == {}


def test_another_key_proves_nothing_of_it(app: Flask, cookie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert held(app, cookie) == {"said": ["first"]}
    monkeypatch.setitem(app.config, "SECRET_KEY", "44" * 32)
    assert held(app, cookie) == {}
