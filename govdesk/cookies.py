"""Whether a cookie may travel openly: over HTTPS none does, whatever is set."""

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface

from govdesk.config import settings


def are_secure() -> bool:
    """Whether the cookies of this answer are for HTTPS only: it came by HTTPS, or the office says always."""
    return settings().secure_cookies or request.is_secure


class Sessions(SecureCookieSessionInterface):
    """The session in its cookie, which follows the scheme of the request."""

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - the name and form are Flask's
        """Whether the browser may send it over HTTPS only."""
        return are_secure()
