"""Notices of a branch with a beginning and an end: written, listed, withdrawn."""

import datetime as dt
from zoneinfo import ZoneInfo

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.catalog import notices
from govdesk.catalog.models import Branch, BranchNotice
from govdesk.catalog.rules import wall_moment
from govdesk.db import reading
from govdesk.errors import NotAllowedError, NotFoundError
from govdesk.faces.admin.acts import found, pressed, sent
from govdesk.faces.admin.forms import AnnouncementForm
from govdesk.web import actor, page, staff_only


@staff_only("admin", "supervisor")
def announce(row_id: int) -> ResponseReturnValue:
    """Write a notice for a branch; those that are shown or will be stand below."""
    branch = found(reading(), Branch, row_id)
    if branch.is_imported:
        raise NotFoundError
    if not actor().may("admin", "supervisor", branch_id=branch.id):
        raise NotAllowedError
    form, zone = AnnouncementForm(), ZoneInfo(branch.timezone)
    if not form.is_submitted():
        now = clock.now().astimezone(zone)
        form.from_day.data = form.until.data = now.date()
        form.from_time.data, form.until_time.data = (
            now.time().replace(second=0, microsecond=0),
            dt.time(23, 59),
        )

    def act(session: Session) -> str:
        notices.announce(
            session,
            actor=actor(),
            branch=session.get_one(Branch, row_id),
            text_ar=form.text_ar.data or "",
            text_en=form.text_en.data or "",
            shown_from=wall_moment(form.from_day.data, form.from_time.data, zone),
            shown_until=wall_moment(form.until.data, form.until_time.data, zone),
        )
        return url_for("admin.announce", row_id=row_id)

    return sent(form, act) or page(
        "admin/announce.html", form=form, branch=branch, kept=notices.kept(reading(), branch.id)
    )


@staff_only("admin", "supervisor")
def withdraw_announcement(row_id: int) -> ResponseReturnValue:
    """Show a notice no more."""
    notice = found(reading(), BranchNotice, row_id)
    if not actor().may("admin", "supervisor", branch_id=notice.branch_id):
        raise NotAllowedError
    back = url_for("admin.announce", row_id=notice.branch_id)

    def act(session: Session) -> str:
        notices.withdraw(session, actor=actor(), notice_id=row_id)
        return back

    return pressed(act, "admin.saved", back)
