"""The administrator's pages in one table: address, view, methods."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from govdesk import clock
from govdesk.catalog.holidays import years_known
from govdesk.catalog.models import Branch, Department, PublicService
from govdesk.catalog.service import IMPORTED, agency_of, open_branches
from govdesk.config import settings
from govdesk.db import reading
from govdesk.faces.admin import (
    announcing,
    breaks,
    calls,
    days,
    devices,
    dispatch,
    doors,
    exceptions,
    feeds,
    first,
    guide,
    hall,
    kinds,
    lines,
    messages,
    offerings,
    persons,
    places,
    recovery,
    schedules,
    seasons,
    team,
    tokens,
    trail,
)
from govdesk.people.models import Staff
from govdesk.web import page, staff_only

bp = Blueprint("admin", __name__, url_prefix="/admin")
ID = "<int(max=2147483647):row_id>"
BRANCH_ID = "<int(max=2147483647):branch_id>"
SHOW, EDIT, ACT = ("GET",), ("GET", "POST"), ("POST",)


@staff_only("admin")
def overview() -> ResponseReturnValue:
    """Show what there is, and what is still missing before a branch can open."""
    session = reading()
    own = PublicService.is_imported.is_(False)
    branches = open_branches(session)
    today = clock.local_day(clock.now(), settings().default_timezone)
    counts = {
        "departments": select(func.count()).select_from(Department).where(Department.code != IMPORTED),
        "branches": select(func.count()).select_from(Branch).where(Branch.is_imported.is_(False)),
        "services": select(func.count()).select_from(PublicService).where(own),
        "team": select(func.count()).select_from(Staff).where(Staff.is_active),
    }
    return page(
        "admin/overview.html",
        counts={name: session.scalar(query) or 0 for name, query in counts.items()},
        is_named=agency_of(session) is not None,
        without_hours=[branch for branch in branches if not branch.hours],
        without_counters=[branch for branch in branches if not any(c.is_active for c in branch.counters)],
        without_offers=[branch for branch in branches if not branch.offers],
        years_missing=sorted({today.year, today.year + 1} - years_known(session)),
    )


ROUTES = (
    ("", overview, SHOW),
    ("/agency", offerings.agency, EDIT),
    ("/departments", offerings.departments, SHOW),
    ("/departments/new", offerings.department, EDIT),
    (f"/departments/{ID}", offerings.department, EDIT),
    ("/services", offerings.services, SHOW),
    ("/services/new", offerings.service, EDIT),
    (f"/services/{ID}", offerings.service, EDIT),
    *guide.ROUTES,
    ("/causes", offerings.causes, SHOW),
    ("/causes/new", offerings.cause, EDIT),
    ("/causes/<code>", offerings.cause, EDIT),
    ("/breaks", breaks.breaks, SHOW),
    ("/breaks/new", breaks.pause_reason, EDIT),
    ("/breaks/<code>", breaks.pause_reason, EDIT),
    ("/first", first.first, SHOW),
    ("/first/new", first.priority_group, EDIT),
    ("/first/<code>", first.priority_group, EDIT),
    *recovery.ROUTES,
    ("/branches", places.branches, SHOW),
    ("/branches/new", places.branch, EDIT),
    (f"/branches/{ID}", places.branch, EDIT),
    (f"/branches/{ID}/kinds", kinds.kinds, EDIT),
    (f"/branches/{BRANCH_ID}/counters/new", places.counter, EDIT),
    (f"/branches/{BRANCH_ID}/counters/{ID}", places.counter, EDIT),
    (f"/branches/{BRANCH_ID}/door", doors.door, EDIT),
    (f"/branches/{BRANCH_ID}/hall", hall.hall, EDIT),
    *devices.ROUTES,
    ("/branches/<branch>/schedules", schedules.schedules, SHOW),
    ("/branches/<branch>/schedules/new", schedules.schedule, EDIT),
    (f"/branches/<branch>/schedules/{ID}", schedules.schedule, EDIT),
    (f"/branches/<branch>/schedules/{ID}/remove", schedules.remove_schedule, EDIT),
    ("/branches/<branch>/exceptions/new", exceptions.exception, EDIT),
    (f"/branches/<branch>/exceptions/{ID}", exceptions.exception, EDIT),
    (f"/branches/<branch>/exceptions/{ID}/withdraw", exceptions.withdraw_exception, EDIT),
    ("/branches/<branch>/dispatch", dispatch.dispatch, EDIT),
    (f"/branches/<branch>/officers/{ID}", dispatch.work_profile, EDIT),
    ("/branches/<branch>/by-hand", dispatch.calls_by_hand, SHOW),
    ("/branches/<branch>/by-hand.csv", dispatch.calls_by_hand_csv, SHOW),
    ("/seasons", seasons.seasons, SHOW),
    ("/seasons/new", seasons.season, EDIT),
    (f"/seasons/{ID}", seasons.season, EDIT),
    (f"/seasons/{ID}/withdraw", seasons.withdraw_season, ACT),
    ("/calls", calls.calls, SHOW),
    (f"/calls/{ID}/settle", calls.settle_call, ACT),
    (f"/calls/wishes/{ID}/settle", calls.settle_wish, ACT),
    ("/waiting", lines.waiting_lists, SHOW),
    ("/notices", places.notices, SHOW),
    (f"/notices/{ID}", places.notice, EDIT),
    (f"/notices/{ID}/announce", announcing.announce, EDIT),
    (f"/announcements/{ID}/withdraw", announcing.withdraw_announcement, ACT),
    ("/holidays", days.holidays, SHOW),
    ("/holidays/new", days.holiday, EDIT),
    (f"/holidays/{ID}", days.holiday, EDIT),
    ("/holidays/seed", days.seed_holidays, ACT),
    (f"/holidays/{ID}/withdraw", days.withdraw_holiday, ACT),
    ("/staff", team.team, SHOW),
    ("/staff/new", team.new_member, EDIT),
    (f"/staff/{ID}", team.member, EDIT),
    (f"/staff/{ID}/roles", team.grant_role, EDIT),
    (f"/staff/{ID}/roles/<int(max=2147483647):role_id>/revoke", team.revoke_role, ACT),
    (f"/staff/{ID}/reset", team.reset_member, EDIT),
    (f"/staff/{ID}/disable", team.disable_member, ACT),
    (f"/staff/{ID}/enable", team.enable_member, ACT),
    ("/tokens", tokens.tokens, SHOW),
    ("/tokens/new", tokens.new_token, EDIT),
    (f"/tokens/{ID}/revoke", tokens.revoke_token, EDIT),
    ("/feeds", feeds.feeds, SHOW),
    ("/feeds/new", feeds.new_feed, EDIT),
    (f"/feeds/{ID}/hurry", feeds.hurry_feed, ACT),
    (f"/feeds/{ID}/end", feeds.end_feed, EDIT),
    ("/people", persons.persons, EDIT),
    (f"/people/{ID}/forget", persons.forget_person, SHOW),
    (f"/people/{ID}/forgotten", persons.person_forgotten, ACT),
    ("/messages", messages.messages, SHOW),
    ("/messages/log", messages.message_log, SHOW),
    (f"/messages/log/{ID}", messages.message, SHOW),
    ("/messages/<key>/<channel>", messages.message_text, EDIT),
    ("/audit", trail.audit_trail, SHOW),
)
for _address, _view, _methods in ROUTES:
    bp.add_url_rule(_address, view_func=_view, methods=list(_methods))
