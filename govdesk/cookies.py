"""The session in its cookie, and whether cookies may travel openly: over HTTPS none does, whatever is set."""

import copy
import datetime as dt
import functools
from typing import Any

from flask import Flask, Request, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature, URLSafeTimedSerializer

from govdesk import clock
from govdesk.config import settings

REMEMBERED = 2000  # cookies, of those who asked last


def are_secure() -> bool:
    """Whether the cookies of this answer are for HTTPS only: it came by HTTPS, or the office says always."""
    return settings().secure_cookies or request.is_secure


class Sessions(SecureCookieSessionInterface):
    """The session in its cookie, which follows the scheme of the request.

    A browser sends the same cookie with each request: its signature is proved when it first comes, its age
    each time.
    """

    def __init__(self) -> None:
        self._signing: tuple[object, URLSafeTimedSerializer | None] = (None, None)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs and proves cookies, made once for a key."""
        if self._signing[0] != app.secret_key:
            self._signing = (app.secret_key, super().get_signing_serializer(app))
        return self._signing[1]

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session that a cookie holds; an empty one where there is none, or it is too old or not ours."""
        signing = self.get_signing_serializer(app)
        if signing is None:
            return None
        try:
            held, signed_at = _proved(signing, request.cookies.get(self.get_cookie_name(app), ""))
        except BadSignature:
            return self.session_class()
        is_fresh = dt.timedelta(0) <= clock.world() - signed_at <= app.permanent_session_lifetime
        return self.session_class(copy.deepcopy(held) if is_fresh else None)

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - the name and form are Flask's
        """Whether the browser may send it over HTTPS only."""
        return are_secure()


@functools.lru_cache(maxsize=REMEMBERED)
def _proved(signing: URLSafeTimedSerializer, told: str) -> tuple[dict[str, Any], dt.datetime]:
    """What a cookie holds and when it was signed; BadSignature for one that is not ours is not remembered."""
    held: tuple[dict[str, Any], dt.datetime] = signing.loads(told, return_timestamp=True)
    return held
