"""In which browser an answer was begun: it is shown there again, and to nobody else who has the link.

The browser keeps a secret that was drawn for it. A draft has a digest of it and of the link: without the
cookie nobody finds it, and nothing tells that two links were opened in one browser.
"""

import datetime as dt
import hashlib

from flask import Response, g, request

from govdesk import chance, cookies

COOKIE = "answering"
KEPT = dt.timedelta(days=30)  # longer than a link is open


def browser(token: str) -> str:
    """What a draft behind a link knows this browser by; for one that has no secret one is drawn."""
    return hashlib.sha256(f"{token}:{_secret()}".encode()).hexdigest()[:24]


def remember(answer: Response) -> Response:
    """Let the browser keep its secret, where it has begun something."""
    length = int(KEPT.total_seconds())
    answer.set_cookie(
        COOKIE, _secret(), max_age=length, secure=cookies.are_secure(), httponly=True, samesite="Lax"
    )
    return answer


def _secret() -> str:
    if "answering_secret" not in g:
        g.answering_secret = request.cookies.get(COOKIE) or chance.token()
    return str(g.answering_secret)
