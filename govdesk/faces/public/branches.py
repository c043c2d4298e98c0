"""The public page of a branch: where, when, how long one waits now; and a ticket taken from elsewhere."""

import datetime as dt
from collections.abc import Mapping

from flask import Response, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from govdesk import clock, i18n, limits
from govdesk.booking.hours import closures
from govdesk.booking.hours.opening import Opening, days_of, opening_of
from govdesk.catalog import notices
from govdesk.catalog.models import Branch
from govdesk.catalog.service import offered, open_branches, service_of
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.devices import served_branch
from govdesk.faces.fields import ChoiceField, line
from govdesk.faces.opening import said, words
from govdesk.faces.public.views import bp
from govdesk.once import once
from govdesk.people import service as people
from govdesk.people.identity import identify
from govdesk.people.models import Person, PersonContact
from govdesk.queue import admission, calm, live, own_turn, past_waits
from govdesk.queue.calm import Hour
from govdesk.web import DeskForm, actor, client_address, page, public

__all__ = ["bp"]

WEEK = (6, 0, 1, 2, 3, 4, 5)  # from Sunday
WINDOW = dt.timedelta(minutes=10)
JOININGS = 20  # in a window, from one address: a family or an office may share one


class JoinForm(DeskForm):
    """Who joins from elsewhere, and for what."""

    service = ChoiceField("public.join_service", [InputRequired("errors.choose")])
    identity = line("public.join_identity", longest=40, render_kw={"dir": "ltr", "autocomplete": "off"})
    phone = line(
        "public.join_phone", required=False, longest=40, render_kw={"dir": "ltr", "autocomplete": "tel"}
    )


@bp.get("/branches")
@public
def branches() -> Response:
    """Every branch, with whether it is open now."""
    session = reading()
    return page(
        "public/branches.html",
        rows=[(row, opening_of(session, row)) for row in open_branches(session)],
        said_of=said,
    )


@bp.get("/branches/<branch>")
@public
def branch(branch: str) -> Response:
    """One branch: address, access, hours, waits now, calm hours, services."""
    session = reading()
    here = served_branch(branch)
    hours = past_waits.hours_of(session, here)
    opening = opening_of(session, here)
    return page(
        "public/branch.html",
        branch=here,
        now=clock.now(),
        opening=opening,
        said_of=said,
        words=words,
        days=days_of(session, here),
        week=[(day, [row for row in here.hours if row.weekday == day]) for day in WEEK],
        waits=live.waits(session, here),
        notices=notices.shown(session, here.id),
        calm_rows=_calm_rows(here, hours),
        calm_columns=_columns(here, hours),
        calmest=calm.calmest(hours),
        known=sum(hour.count for hour in hours.values() if hour.minutes is not None),
        map_url=_map_url(here),
        stop=closures.stopped(session, here) if opening.is_open else None,
        may_join=_may_join(session, here, opening),
    )


@bp.route("/branches/<branch>/join", methods=["GET", "POST"])
@public
def join(branch: str) -> ResponseReturnValue:
    """Take a ticket from elsewhere, where the branch allows it and is open."""
    session = reading()
    here = served_branch(branch)
    is_open = _may_join(session, here, opening_of(session, here))
    form = JoinForm()
    form.service.choices = [SelectChoice(one.code, i18n.named(one)) for one in offered(session, here)]
    if form.is_submitted() and not is_open:
        form.refuse(own_turn.OwnTurnError("ticket.remote_off"))
    elif form.validate_on_submit():
        limits.spend("public.join", client_address(), allowed=JOININGS, window=WINDOW)
        try:
            return once(lambda own: _join(own, here.id, form))
        except DeskError as refusal:
            form.refuse(refusal)
    return page("public/join.html", form=form, branch=here, is_open=is_open)


def _join(session: Session, branch_id: int, form: JoinForm) -> ResponseReturnValue:
    here = session.get_one(Branch, branch_id)
    wanted = service_of(session, form.service.data)
    try:
        known = identify(form.identity.data or "")
        person = people.identify(session, actor=actor(), identity=known, language=i18n.language())
    except DeskError as refusal:
        refusal.field = "identity"
        raise
    if form.phone.data and not _is_reached(session, person):
        people.note_contact(session, actor=actor(), person=person, phone=form.phone.data)
    admission.refuse_when_full(session, branch=here, wanted=wanted, is_remote=True)
    ticket = own_turn.join(
        session, actor=actor(), branch=here, wanted=wanted, person=person, language=i18n.language()
    )
    return redirect(url_for("ticket.show", token=ticket.token))


def _is_reached(session: Session, person: Person) -> bool:
    """Whether a phone number is known already: who types an identity from elsewhere does not change it."""
    known = session.get(PersonContact, person.id)
    return known is not None and bool(known.phone)


def _may_join(session: Session, branch: Branch, opening: Opening) -> bool:
    """Whether tickets are given from elsewhere, and now."""
    return branch.allows_remote and opening.is_open and closures.closure_of(session, branch) is None


def _map_url(branch: Branch) -> str:
    """Where a map shows the branch; empty where nobody has said where it is."""
    if branch.latitude is None or branch.longitude is None:
        return ""
    at = f"{branch.latitude:.6f}", f"{branch.longitude:.6f}"
    return f"https://www.openstreetmap.org/?mlat={at[0]}&mlon={at[1]}#map=17/{at[0]}/{at[1]}"


def _columns(branch: Branch, hours: Mapping[tuple[int, int], Hour]) -> list[int]:
    """The hours of the day in which the branch is ever open, or was."""
    known = {hour for _day, hour in hours}
    for row in branch.hours:
        last = row.closes.hour + (row.closes.minute > 0) if row.closes > row.opens else 24
        known |= set(range(row.opens.hour, last))
    return sorted(known)


def _calm_rows(branch: Branch, hours: Mapping[tuple[int, int], Hour]) -> list[tuple[int, list[Hour | None]]]:
    days = {row.weekday for row in branch.hours} | {day for day, _hour in hours}
    columns = _columns(branch, hours)
    return [(day, [hours.get((day, hour)) for hour in columns]) for day in WEEK if day in days]
