"""Whose a bearer token is, and how much its holder may ask for."""

import datetime as dt

from flask import Flask, request

from govdesk import limits
from govdesk.actor import Actor
from govdesk.bearer import HOLDERS
from govdesk.db import reading
from govdesk.people import tokens

WINDOW = dt.timedelta(minutes=1)
READS, WRITES = 3000, 1200  # in a window, for one token


def configure(app: Flask) -> None:
    """Tell the guard of `web.token` who holds a token."""
    app.extensions[HOLDERS] = load


def load(secret: str) -> Actor | None:
    """Return who holds a token; None when it lets nobody in. Raises TooManyError."""
    holder = tokens.holder_of(reading(), secret)
    if holder is None:
        return None
    if request.method == "GET":
        limits.spend_reading("api.read", holder.digest, allowed=READS, window=WINDOW)
    else:
        limits.spend("api.write", holder.digest, allowed=WRITES, window=WINDOW)
    tokens.note_use(holder)
    return holder.actor
