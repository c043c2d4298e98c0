"""Who is signed in: the token in the browser's signed cookie, looked up anew on each request."""

from dataclasses import dataclass

from flask import Flask, session
from flask_login import LoginManager, UserMixin, login_user

from govdesk.actor import Actor
from govdesk.db import reading
from govdesk.people.sign_in import staff_of


@dataclass(frozen=True)
class SignedIn(UserMixin):
    """A staff member in a session; a plain value, so that it outlives the rows it was read from."""

    token: str
    actor: Actor
    username: str
    name_ar: str
    name_en: str

    def get_id(self) -> str:
        """Return the token of the session."""
        return self.token


def configure(app: Flask) -> None:
    """Tell Flask-Login how a token becomes a person."""
    manager: LoginManager = app.login_manager  # type: ignore[attr-defined]
    manager.session_protection = None  # the token itself ends; a changed browser string proves nothing
    manager.user_loader(load)


def load(token: str) -> SignedIn | None:
    """Return who holds a token; None when it has ended."""
    staff = staff_of(reading(), token)
    if staff is None:
        return None
    return SignedIn(token, staff.actor, staff.username, staff.name_ar, staff.name_en)


def enter(token: str) -> None:
    """Begin the browser's session anew with this token: nothing from before the sign-in is carried over."""
    session.clear()
    found = load(token)
    assert found is not None
    login_user(found)
