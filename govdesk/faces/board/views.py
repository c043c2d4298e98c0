"""The board: who is called where, who was called before, and how long each service takes now."""

import datetime as dt
import json
from typing import Any

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.catalog import notices
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import db, reading
from govdesk.faces import followers
from govdesk.faces.board import stopped
from govdesk.faces.board.zones import Zone, zone_of
from govdesk.faces.devices import device, keep_longer, served_branch
from govdesk.faces.following.question import Body
from govdesk.queue import live, own_turn
from govdesk.queue.estimates import Foretold
from govdesk.queue.live import Call
from govdesk.web import page

bp = Blueprint("board", __name__)
STALE = dt.timedelta(minutes=10)  # then a call is no longer shouted


@bp.get("/board/<branch>")
@device("board")
def show(branch: str) -> Response:
    """The board. It holds numbers only, nothing of anybody.

    It shows one zone of the hall where its device says so, or `?services=a,b&counters=1,2` of who looks.
    """
    session = reading()
    here = served_branch(branch)
    asked = {name: request.args[name] for name in ("services", "counters") if request.args.get(name)}
    zone = zone_of(session, here)
    return keep_longer(
        page(
            "board/show.html", asked=asked, version=_body(session, here, zone).tag,
            **_shown(session, here, zone),
        )
    )  # fmt: skip


@bp.get("/board/<branch>/state.json")
@device("board")
def state(branch: str) -> Response:
    """The same as data, with the page's parts: made once for all boards of a kind."""
    here = served_branch(branch)
    zone = zone_of(reading(), here)
    body = _body(reading(), here, zone)
    followers.followers().let_in(here.id, _audience(zone))
    return followers.answer(body)


@bp.get("/board/<branch>/stream")
@device("board")
def stream(branch: str) -> Response:
    """A word each time something happened here."""
    branch_id = served_branch(branch).id
    db.session.remove()  # the stream is long, and holds no connection
    return followers.followers().stream(branch_id)


def _part(branch: Branch, zone: Zone, services: list[PublicService]) -> tuple[str, str] | None:
    """The letters and the counters that a board shows, where it does not show the whole hall."""
    if not zone.names:
        return None
    letters = sorted({service.prefix for service in services}) if zone.services is not None else []
    numbers = sorted(one.number for one in branch.counters if one.id in (zone.counters or ()))
    return " ".join(letters), " ".join(map(str, numbers))


def in_other(language: str, what: Any) -> str:
    """A message key, or the name of a thing, in the other language of a bilingual page."""
    with i18n.speaking(language):
        return i18n.t(what) if isinstance(what, str) else i18n.named(what)


def _body(session: Session, branch: Branch, zone: Zone) -> Body:
    return followers.followers().board(
        branch.id, _audience(zone), lambda told: _written(session, branch, zone, told)
    )


def _audience(zone: Zone) -> tuple[str, ...]:
    return i18n.language(), *zone.names


def _written(session: Session, branch: Branch, zone: Zone, foretold: Foretold | None) -> str:
    shown = _shown(session, branch, zone, foretold)
    told = {
        "calls": [_told(call) for call in shown["calls"]],
        "waits": [
            {
                "service": service.code,
                "waiting": count,
                "wait": {"low": round(quote.low), "high": round(quote.high)} if quote else None,
            }
            for service, count, quote in shown["counted"]
        ],
        "html": render_template("board/now.html", **shown),
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _told(call: Call) -> dict[str, Any]:
    """A call as the page's voice needs it."""
    return {
        "number": call.number, "counter": call.counter, "count": call.count, "ticket": call.ticket_id,
        "language": call.language, "at": call.called_at.isoformat(),
        "say": {
            language: in_other_words(language, call) for language in i18n.LANGUAGES
        },
    }  # fmt: skip


def in_other_words(language: str, call: Call) -> str:
    """What the voice says of a call: letter by letter, digit by digit."""
    with i18n.speaking(language):
        return i18n.t("board.spoken", number=" ".join(call.number), counter=call.counter)


def _shown(session: Session, branch: Branch, zone: Zone, foretold: Foretold | None = None) -> dict[str, Any]:
    """All that the board shows now."""
    waits = live.waits(session, branch, foretold)
    counted = [row for row in waits if zone.services is None or row[0].id in zone.services]
    closed = stopped.closed(session, branch)
    if closed is not None:  # nobody is told how long a wait takes that ends here
        counted = [(service, count, None) for service, count, _quote in counted]
    calls = live.calls(session, branch, zone.services, zone.counters)
    is_fresh = bool(calls) and clock.now() - calls[0].called_at < STALE
    other = "en" if i18n.language() == "ar" else "ar"
    told = notices.shown(session, branch.id)
    standing = (branch.notice_ar, branch.notice_en)
    lines = [(one.text_ar, one.text_en) for one in told] or [standing]
    if closed is None:
        lines = [*stopped.stopped(session, branch, [row[0] for row in counted]), *lines]
    elif is_fresh:  # the large words are taken by who is called
        lines = [closed, *lines]
    return {
        "branch": branch,
        "now": clock.now(),
        "today": clock.local_day(clock.now(), branch.timezone),
        "calls": calls,
        "counted": counted,
        "part": _part(branch, zone, [service for service, _count, _quote in counted]),
        "call": calls[0] if is_fresh else None,
        "closed": closed,
        "before": calls[1:] if is_fresh else calls[: live.SHOWN - 1],
        "waits": [(service, in_other(other, service), quote) for service, _count, quote in counted],
        "notices": [(ar or en, en or ar) for ar, en in lines if ar or en],
        "presence": own_turn.presence_code(branch) if branch.allows_remote else "",
        "other": other,
        "in_other": lambda what: in_other(other, what),
    }
