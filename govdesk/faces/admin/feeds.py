"""Other agencies whose published figures are read: listed, added, read at once, ended."""

from flask import request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import StringField

from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.admin.acts import found, pressed, sent
from govdesk.faces.fields import line
from govdesk.kpi.feeds import service as verbs
from govdesk.kpi.feeds.models import Feed
from govdesk.web import DeskForm, actor, page, staff_only
from govdesk.webhooks import addresses

LONGEST = 500


class FeedForm(DeskForm):
    """Where another installation lists what it publishes."""

    url: StringField = line(
        "comparing.feed_url",
        longest=LONGEST,
        description="comparing.feed_url_hint",
        render_kw={"dir": "ltr", "inputmode": "url", "autocomplete": "off"},
    )


@staff_only("admin")
def feeds() -> ResponseReturnValue:
    """List the agencies, what was kept of each, and why one cannot be read."""
    return page("admin/feeds.html", feeds=verbs.known(reading()), zone=settings().default_timezone)


@staff_only("admin")
def new_feed() -> ResponseReturnValue:
    """Add an agency; its address is resolved before the transaction, for the name service may be slow."""
    form = FeedForm()
    if form.validate_on_submit() and not _is_reachable(form):
        return page("admin/new_feed.html", form=form)

    def act(session: Session) -> str:
        verbs.register(session, actor=actor(), url=form.url.data or "")
        return url_for("admin.feeds")

    return sent(form, act, "comparing.feed_added") or page("admin/new_feed.html", form=form)


@staff_only("admin")
def hurry_feed(row_id: int) -> ResponseReturnValue:
    """Read an agency with the next turn."""

    def act(session: Session) -> str:
        verbs.hurry(session, actor=actor(), feed=found(session, Feed, row_id))
        return url_for("admin.feeds")

    return pressed(act, "comparing.feed_hurried", url_for("admin.feeds"))


@staff_only("admin")
def end_feed(row_id: int) -> ResponseReturnValue:
    """Ask before an agency is read no more; end it."""
    feed = found(reading(), Feed, row_id)
    if request.method == "GET":
        return page("admin/end_feed.html", feed=feed)

    def act(session: Session) -> str:
        verbs.end(session, actor=actor(), feed=found(session, Feed, row_id))
        return url_for("admin.feeds")

    return pressed(act, "comparing.feed_ended", url_for("admin.feeds"))


def _is_reachable(form: FeedForm) -> bool:
    try:
        addresses.check(form.url.data or "")
    except DeskError as refusal:
        why = refusal.key.partition(".")[2]
        form.refuse(DeskError(f"comparing.problem_{why}", field="url", status=422))
        return False
    return True
