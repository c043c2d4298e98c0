"""The language, whether the server is well, what robots may read."""

from flask import Blueprint, Response, abort, current_app, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from govdesk import cookies
from govdesk.db import reading
from govdesk.faces.paths import local_path
from govdesk.i18n import COOKIE, LANGUAGES
from govdesk.web import public

bp = Blueprint("public", __name__)
ONE_YEAR = 365 * 24 * 3600
ROBOTS = """User-agent: *
Disallow: /admin
Disallow: /appointment
Disallow: /counter
Disallow: /kiosk
Disallow: /language
Disallow: /reception
Disallow: /staff
Disallow: /ticket
"""


@bp.get("/language/<language>")
@public
def speak(language: str) -> ResponseReturnValue:
    """Speak this language from now on, and go back to where the reader was."""
    if language not in LANGUAGES:
        abort(404)
    answer = redirect(local_path(request.args.get("back"), "/"))
    answer.set_cookie(
        COOKIE,
        language,
        max_age=ONE_YEAR,
        secure=cookies.are_secure(),
        httponly=True,
        samesite="Lax",
    )
    return answer


@bp.get("/health")
@public
def health() -> ResponseReturnValue:
    """Whether the server and its database answer: 200, or 503."""
    try:
        reading().execute(text("SELECT 1")).scalar_one()
    except SQLAlchemyError:
        current_app.logger.exception("the database does not answer")
        return jsonify(status="failing", database="unreachable"), 503
    return jsonify(status="ok", database="ok")


@bp.get("/robots.txt")
@public
def robots() -> Response:
    """What search engines may read: the way to book, nothing of anybody."""
    return Response(ROBOTS, mimetype="text/plain")
