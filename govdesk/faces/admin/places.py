"""Where people are served: branches with their week and offers, counters, notices."""

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from govdesk.booking.models import Appointment
from govdesk.booking.schedule.touched import booked_outside
from govdesk.cases.zones import refuse_other_zone
from govdesk.catalog import branches as verbs
from govdesk.catalog.entries import HoursEntry
from govdesk.catalog.models import Branch, Counter, PublicService
from govdesk.catalog.service import offered
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import NotAllowedError, NotFoundError
from govdesk.faces.admin import outside
from govdesk.faces.admin.acts import found, remake_slots, sent
from govdesk.faces.admin.forms import BranchForm, CounterForm, NoticeForm
from govdesk.faces.admin.looking import name_of
from govdesk.faces.navigation import branches_of
from govdesk.i18n import named
from govdesk.web import actor, page, staff_only

NUMBERS = ("near_ahead", "push_back_places", "rejoin_minutes", "remote_share", "calls_before_noshow")


@staff_only("admin")
def branches() -> ResponseReturnValue:
    """List the branches."""
    known = reading().scalars(select(Branch).order_by(Branch.is_imported, Branch.code)).all()
    return page("admin/branches.html", branches=known)


@staff_only("admin")
def branch(row_id: int | None = None) -> ResponseReturnValue:
    """Add or change a branch; hours that would leave booked people outside are saved only when confirmed."""
    row = _own(row_id) if row_id else None
    given = {"services": [offer.service_id for offer in row.offers]} if row else {}
    form = BranchForm(obj=row, data=given or {"timezone": settings().default_timezone})
    form.services.choices = [SelectChoice(known.id, named(known)) for known in _services(reading())]
    if row:
        del form.code
        if not form.is_submitted():
            form.fill_week([HoursEntry(hours.weekday, hours.opens, hours.closes) for hours in row.hours])
    touched: list[Appointment] = []
    if row and form.is_submitted() and form.validate():
        touched = booked_outside(reading(), branch=row, week=form.week())
    if outside.must_ask(form, touched):
        return page("admin/branch.html", status=409, form=form, branch=row, outside=touched, name_of=name_of)

    def act(session: Session) -> str:
        now = booked_outside(session, branch=session.get_one(Branch, row.id), week=form.week()) if row else []
        outside.refuse_unseen(form, now)
        changed = _describe_branch(session, form, row.code if row else None)
        outside.move(session, form, now, outside.spoken("admin.hours_changed"))
        return url_for("admin.branch", row_id=changed.id)

    return sent(form, act) or page(
        "admin/branch.html", form=form, branch=row, outside=touched, name_of=name_of
    )


@staff_only("admin")
def counter(branch_id: int, row_id: int | None = None) -> ResponseReturnValue:
    """Add or change a counter of a branch."""
    place = _own(branch_id)
    row = found(reading(), Counter, row_id) if row_id else None
    if row and row.branch_id != place.id:
        raise NotFoundError
    form = CounterForm(obj=row, data={"services": list(row.service_ids)} if row else None)
    form.services.choices = [SelectChoice(known.id, named(known)) for known in offered(reading(), place)]
    if row:
        del form.number
    elif not form.is_submitted():
        form.number.data = max((counter.number for counter in place.counters), default=0) + 1

    def act(session: Session) -> str:
        verbs.describe_counter(
            session,
            actor=actor(),
            branch=session.get_one(Branch, branch_id),
            number=row.number if row else form.number.data,
            service_ids=form.services.data or (),
            is_active=bool(form.is_active.data),
            is_new=row is None,
        )
        return url_for("admin.branch", row_id=branch_id, _anchor="counters")

    return sent(form, act) or page("admin/counter.html", form=form, branch=place, counter=row)


@staff_only("admin", "supervisor")
def notices() -> ResponseReturnValue:
    """List the branches whose notice this person may change."""
    return page("admin/notices.html", branches=branches_of(actor(), "admin", "supervisor"))


@staff_only("admin", "supervisor")
def notice(row_id: int) -> ResponseReturnValue:
    """Change the line at the foot of a branch's board."""
    row = _own(row_id)
    if not actor().may("admin", "supervisor", branch_id=row.id):
        raise NotAllowedError
    form = NoticeForm(obj=row)

    def act(session: Session) -> str:
        verbs.set_notice(
            session,
            actor=actor(),
            branch=session.get_one(Branch, row_id),
            notice_ar=form.notice_ar.data or "",
            notice_en=form.notice_en.data or "",
        )
        return url_for("admin.notices")

    return sent(form, act) or page("admin/notice.html", form=form, branch=row)


def _own(row_id: int) -> Branch:
    """Return a branch that is more than a name in an imported file."""
    row = found(reading(), Branch, row_id)
    if row.is_imported:
        raise NotFoundError
    return row


def _services(session: Session) -> list[PublicService]:
    own = select(PublicService).where(PublicService.is_imported.is_(False))
    return list(session.scalars(own.order_by(PublicService.prefix, PublicService.code)))


def _describe_branch(session: Session, form: BranchForm, code: str | None) -> Branch:
    refuse_other_zone(session, code=code or "", timezone=form.timezone.data)
    row = verbs.describe_branch(
        session,
        actor=actor(),
        code=code or form.code.data or "",
        timezone=form.timezone.data,
        is_new=code is None,
        address_ar=form.address_ar.data,
        address_en=form.address_en.data,
        latitude=form.latitude.data,
        longitude=form.longitude.data,
        notice_ar=form.notice_ar.data,
        notice_en=form.notice_en.data,
        phone=form.phone.data,
        access_ar=form.access_ar.data,
        access_en=form.access_en.data,
        allows_remote=bool(form.allows_remote.data),
        **{name: form[name].data for name in NUMBERS if form[name].data is not None},
        is_active=bool(form.is_active.data),
        **form.names(),
    )
    verbs.set_hours(session, actor=actor(), branch=row, week=form.week())
    wanted = set(form.services.data or ())
    services = [known for known in _services(session) if known.id in wanted]
    verbs.offer_only(session, actor=actor(), branch=row, services=services)
    remake_slots(session, row.id)
    return row
