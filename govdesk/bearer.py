"""The guard of what programs ask for: a bearer token instead of a browser's cookie."""

import functools
from collections.abc import Callable
from typing import Any

from flask import current_app, g, request
from flask.typing import ResponseReturnValue

from govdesk.actor import Actor
from govdesk.errors import DeskError
from govdesk.web import View, csrf

HOLDERS = "govdesk_holders"  # the extension that knows whose a token is


class BearerError(DeskError):
    """A program was not let in: no token, one that lets nobody in, or one for other things."""

    key = "errors.token_missing"
    status = 401

    @property
    def challenge(self) -> str:
        """The words of RFC 6750 for WWW-Authenticate."""
        said = ['realm="govdesk"']
        if self.key == "errors.token_invalid":
            said.append('error="invalid_token"')
        if self.key == "errors.token_scope":
            said += ['error="insufficient_scope"', f'scope="{self.params["scopes"]}"']
        return "Bearer " + ", ".join(said)


def token(*scopes: str) -> Callable[[View], View]:
    """A program whose bearer token has one of these scopes may come here; without scopes, any token.

    What a browser sends by itself (cookies, a session) is not looked at, so that these routes need no CSRF
    token and set no cookie. Raises BearerError.
    """

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not secret.strip():
                raise BearerError
            holder: Actor | None = current_app.extensions[HOLDERS](secret.strip())
            if holder is None:
                raise BearerError("errors.token_invalid")
            g.device_actor, g.device = holder, holder.label
            if scopes and not holder.has(*scopes):
                raise BearerError("errors.token_scope", status=403, scopes=" ".join(scopes))
            answer: ResponseReturnValue = view(*args, **kwargs)
            return answer

        guarded.guard = "token:" + ",".join(scopes)  # type: ignore[attr-defined]
        return csrf.exempt(guarded)  # type: ignore[no-any-return]

    return wrap
