"""The board: who is called where, who was called before, and how long each service takes now."""

import datetime as dt
from typing import Any

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.catalog.models import Branch
from govdesk.catalog.service import branch_of
from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces import polling
from govdesk.queue import live
from govdesk.web import page, public

bp = Blueprint("board", __name__)
STALE = dt.timedelta(minutes=10)  # then a call is no longer shouted


@bp.get("/board/<branch>")
@public
def show(branch: str) -> Response:
    """The board. It holds numbers only, nothing of anybody."""
    session = reading()
    here = _branch(session, branch)
    calls = live.calls(session, here)
    is_fresh = bool(calls) and clock.now() - calls[0].called_at < STALE
    other = "en" if i18n.language() == "ar" else "ar"
    return page(
        "board/show.html",
        branch=here,
        now=clock.now(),
        today=clock.local_day(clock.now(), here.timezone),
        call=calls[0] if is_fresh else None,
        before=calls[1:] if is_fresh else calls[: live.SHOWN - 1],
        newest=calls[0] if calls else None,
        waits=[
            (service, in_other(other, service), quote) for service, _count, quote in live.waits(session, here)
        ],
        version=polling.version(session, here),
        other=other,
        in_other=lambda what: in_other(other, what),
    )


@bp.get("/board/<branch>/state.json")
@public
def state(branch: str) -> Response:
    """The same as data: when any of it changes, the page takes its parts anew."""
    session = reading()
    here = _branch(session, branch)
    return polling.answer(polling.version(session, here), lambda: _state(session, here))


def in_other(language: str, what: Any) -> str:
    """A message key, or the name of a thing, in the other language of a bilingual page."""
    with i18n.speaking(language):
        return i18n.t(what) if isinstance(what, str) else i18n.named(what)


def _state(session: Session, branch: Branch) -> dict[str, Any]:
    now = clock.now()
    calls = live.calls(session, branch)
    return {
        "day": clock.local_day(now, branch.timezone).isoformat(),
        "calls": [
            {"number": call.number, "counter": call.counter, "count": call.count, "ticket": call.ticket_id}
            for call in calls
        ],
        "is_stale": bool(calls) and now - calls[0].called_at >= STALE,
        "waits": [
            {
                "service": service.code,
                "waiting": count,
                "wait": {"low": round(quote.low), "high": round(quote.high)} if quote else None,
            }
            for service, count, quote in live.waits(session, branch)
        ],
        "notice": [branch.notice_ar, branch.notice_en],
    }


def _branch(session: Session, code: str) -> Branch:
    branch = branch_of(session, code)
    if not branch.is_active or branch.is_imported:
        raise NotFoundError
    return branch
