"""What a page asks for again and again: JSON with a version, and 304 while nothing has changed."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, jsonify, request
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.catalog.models import Branch
from govdesk.queue import live


def version(session: Session, branch: Branch, own: str = "") -> str:
    """A text that changes with the live state of a branch, and each minute, since waits pass with time."""
    return f"{live.version(session, branch)}-{int(clock.now().timestamp()) // 60}{own}"


def answer(version_now: str, state: Callable[[], Mapping[str, Any]]) -> Response:
    """Answer 304 to who knows this version; only for the others is the state worked out."""
    is_known = request.if_none_match.contains_weak(version_now)
    given = Response(status=304) if is_known else jsonify(state())
    given.set_etag(version_now)
    given.headers["Cache-Control"] = "private, no-cache"
    return given
