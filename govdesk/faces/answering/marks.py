"""What a browser knows of its own answer, in its own cookie: the server keeps none of it."""

import hashlib
from typing import Any

from flask import session as cookie

NAME = "answered"
MOST = 5  # links whose mark a browser keeps


def note_answered(token: str, score: tuple[int, int] | None, *, is_called: bool) -> None:
    """Mark in the browser that it has answered, and how satisfied, so that a call can be offered."""
    known: dict[str, Any] = dict(list(cookie.get(NAME, {}).items())[1 - MOST :])
    cookie[NAME] = {**known, _name(token): {"score": list(score) if score else None, "called": is_called}}


def note_called(token: str) -> None:
    """Mark that a call was wished."""
    known: dict[str, Any] = dict(cookie.get(NAME, {}))
    cookie[NAME] = {**known, _name(token): {"score": None, "called": True}}


def has_answered(token: str) -> bool:
    """Whether this browser has answered this link."""
    return _name(token) in cookie.get(NAME, {})


def score(token: str) -> tuple[int, int] | None:
    """How satisfied this browser said it was, and of how much."""
    said = cookie.get(NAME, {}).get(_name(token), {}).get("score")
    return (said[0], said[1]) if said else None


def is_called(token: str) -> bool:
    """Whether a call was wished with this link."""
    return bool(cookie.get(NAME, {}).get(_name(token), {}).get("called"))


def _name(token: str) -> str:
    """The mark names no link: whoever reads the cookie cannot open one with it."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]
