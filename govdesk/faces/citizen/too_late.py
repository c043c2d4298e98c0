"""The page for those whom somebody was faster than: drawn once for all who lose a time at once.

When many want one place, the losers come within a second of each other, and each page differs from the next
in its tokens only. What is kept is at most half a second old; the times on it are won or lost by pressing,
like all others.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, current_app, make_response, request
from flask_wtf.csrf import generate_csrf

from govdesk import i18n
from govdesk.config import settings
from govdesk.once import FIELD, fresh_key

CSRF_FIELD = "csrf_token"
KEPT = 0.5  # seconds
MOST = 100
_TOKENS = re.compile(rf'(name="({CSRF_FIELD}|{FIELD})" value=")[^"]*')


@dataclass(frozen=True, slots=True)
class Kept:
    """A page as it was drawn for somebody, and until when it may be shown to others."""

    text: str
    status: int
    until: float


_kept: dict[tuple[object, ...], Kept] = {}


def shown(draw: Callable[[], Response]) -> Response:
    """The page of a moment before with tokens of one's own, where the same was asked for; else drawn anew."""
    asked, now = _asked(), time.monotonic()
    found = _kept.get(asked)
    if found is not None and found.until > now:
        return make_response(_TOKENS.sub(_own, found.text), found.status)
    answer = draw()
    if not current_app.testing:
        if len(_kept) >= MOST:
            _kept.clear()
        _kept[asked] = Kept(answer.get_data(as_text=True), answer.status_code, now + KEPT)
    return answer


def _own(field: re.Match[str]) -> str:
    return field[1] + (fresh_key() if field[2] == FIELD else generate_csrf())


def _asked() -> tuple[object, ...]:
    """All that a page depends on, besides the moment."""
    pairs = sorted(pair for pair in request.values.items(multi=True) if pair[0] not in {CSRF_FIELD, FIELD})
    return settings().database_url, i18n.language(), request.full_path, request.referrer, *pairs
