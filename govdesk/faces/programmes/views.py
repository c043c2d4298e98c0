"""Programmes: all of them, a new one, one with its waves, its rehearsal, and one wave."""

import datetime as dt

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.catalog.models import Department, PublicService
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import NotAllowedError
from govdesk.faces.admin.acts import pressed, sent
from govdesk.faces.programmes.forms import ProgrammeForm
from govdesk.feedback.asking import periods, programmes, progress, rehearsals, rehearsing, sampling, waves
from govdesk.feedback.asking.models import Programme, Wave
from govdesk.feedback.asking.periods import Period
from govdesk.feedback.asking.programmes import Terms
from govdesk.feedback.asking.rehearsing import Rehearsal
from govdesk.feedback.forms import service as forms
from govdesk.feedback.forms.models import Questionnaire
from govdesk.i18n import date_short, digits, hijri, hijri_short, named, t
from govdesk.web import actor, page, staff_only

ROLES = forms.BUILDERS
ONE = "/<int:programme_id>"
bp = Blueprint("programmes", __name__, url_prefix="/programmes")


@bp.get("")
@staff_only(*ROLES)
def index() -> ResponseReturnValue:
    """Every programme with its newest wave, and when the next one opens."""
    session = reading()
    found = programmes.all_of(session, actor())
    last = {one.id: waves.last_of(session, one) for one in found}
    counted = progress.of_waves(session, [wave.id for wave in last.values() if wave is not None])
    return page(
        "programmes/index.html",
        period=_period,
        lines=[(one, last[one.id], _next(session, one)) for one in found],
        counted=counted,
        has_questions=bool(programmes.questionnaires(session, actor())),
        may_begin=bool(_departments(actor())) or forms.may_change(actor(), None),
    )


@bp.route("/new", methods=["GET", "POST"])
@staff_only(*ROLES)
def new() -> ResponseReturnValue:
    """Begin one: a quarterly programme unless told otherwise."""
    form = ProgrammeForm()
    _offer(form)
    if request.method == "GET":
        usual = Terms(every="quarter", calendar="gregorian", starts_on=_today())
        form.starts_on.data = periods.around(_today(), every=usual.every, calendar=usual.calendar).from_on
        form.every.data, form.half_width.data = usual.every, usual.half_width
        form.rate.data, form.panels.data = round(usual.expected_rate * 100), usual.panels
        form.spread_days.data, form.open_days.data = usual.spread_days, usual.open_days

    def act(session: Session) -> str:
        made = programmes.create(
            session, actor=actor(), questionnaire=session.get_one(Questionnaire, form.questionnaire.data),
            name_ar=form.name_ar.data or "", name_en=form.name_en.data or "",
            department=_department(session, form.department.data), terms=form.terms,
        )  # fmt: skip
        return url_for("programmes.rehearse", programme_id=made.id)

    done = sent(form, act, "programmes.begun")
    return done or page("programmes/edit.html", form=form, programme=None)


@bp.route(ONE + "/edit", methods=["GET", "POST"])
@staff_only(*ROLES)
def edit(programme_id: int) -> ResponseReturnValue:
    """Run it otherwise from the next wave on."""
    programme = _own(reading(), programme_id)
    form = ProgrammeForm()
    _offer(form, programme)
    del form.department
    if request.method == "GET":
        form.show(programme)

    def act(session: Session) -> str:
        programmes.revise(
            session, actor=actor(), programme=programmes.found(session, actor(), programme_id),
            questionnaire=session.get_one(Questionnaire, form.questionnaire.data),
            name_ar=form.name_ar.data or "", name_en=form.name_en.data or "", terms=form.terms,
        )  # fmt: skip
        return url_for("programmes.show", programme_id=programme_id)

    done = sent(form, act, "programmes.saved")
    return done or page("programmes/edit.html", form=form, programme=programme)


@bp.get(ONE)
@staff_only(*ROLES)
def show(programme_id: int) -> ResponseReturnValue:
    """One programme: how it asks, what comes next, and its waves."""
    session = reading()
    programme = programmes.found(session, actor(), programme_id)
    own = programmes.waves_of(session, programme)
    return page(
        "programmes/show.html",
        period=_period,
        programme=programme,
        waves=own,
        counted=progress.of_waves(session, [wave.id for wave in own]),
        coming=_next(session, programme),
        has_version=programmes.version_of(programme) is not None,
        may_change=programmes.may_change(actor(), programme),
    )


@bp.get(ONE + "/rehearse")
@staff_only(*ROLES)
def rehearse(programme_id: int) -> ResponseReturnValue:
    """Who the next wave would ask, how many, and how exact it would be; nothing is sent."""
    session = reading()
    programme = programmes.found(session, actor(), programme_id)
    offered, period = _wanted(session, programme, request.args.get("period", ""))
    row = rehearsals.known(session, programme, period)
    found: Rehearsal | None = None
    if row is not None:
        found = rehearsals.told(session, programme, row) if row.state == "ready" else None
    elif not rehearsals.is_large(session, period):
        found = rehearsing.rehearse(session, programme, period)
    return page(
        "programmes/rehearse.html",
        period=_period,
        programme=programme,
        found=found,
        row=row,
        drawn=sum(one["drawn"] for one in row.strata) if row is not None else 0,
        zone=settings().default_timezone,
        chosen=period,
        may_ask=programmes.may_change(actor(), programme),
        offered=offered,
        is_over=period.to_on < _today(),
        is_next=period == waves.upcoming(session, programme),
        least=sampling.LEAST,
        strata=[
            (_stratum(session, one.service_id, one.channel), one) for one in (found.lines if found else ())
        ],
    )


@bp.post(ONE + "/rehearse")
@staff_only(*ROLES)
def ask_rehearsal(programme_id: int) -> ResponseReturnValue:
    """Let a wave of many people be rehearsed beside the pages."""
    wanted = request.form.get("period", "")
    back = url_for("programmes.rehearse", programme_id=programme_id, period=wanted or None)

    def act(session: Session) -> str:
        programme = programmes.found(session, actor(), programme_id)
        _offered, period = _wanted(session, programme, wanted)
        rehearsals.ask(session, actor=actor(), programme=programme, period=period)
        return back

    return pressed(act, "programmes.rehearsal_begun", back)


@bp.post(ONE + "/<any('stop', 'resume'):act>")
@staff_only(*ROLES)
def settle(programme_id: int, act: str) -> ResponseReturnValue:
    """Open no further wave, or open them again."""
    verb = {"stop": programmes.stop, "resume": programmes.resume}[act]
    back = url_for("programmes.show", programme_id=programme_id)

    def do(session: Session) -> str:
        verb(session, actor=actor(), programme=programmes.found(session, actor(), programme_id))
        return back

    return pressed(do, f"programmes.done_{act}", back)


@bp.get("/waves/<int:wave_id>")
@staff_only(*ROLES)
def wave(wave_id: int) -> ResponseReturnValue:
    """One wave: how far it is, by stratum, and whom the rules spared."""
    session = reading()
    one = programmes.found_wave(session, actor(), wave_id)
    by_stratum = progress.of_strata(session, one.id)
    return page(
        "programmes/wave.html",
        period=_period,
        wave=one,
        last_day=_day(one.closes_at - dt.timedelta(minutes=1)),
        first_day=_day(one.opens_at),
        counted=progress.of_waves(session, [one.id])[one.id],
        strata=[
            (_stratum(session, row["service_id"], row["channel"]), row, by_stratum.get(row["stratum"]))
            for row in one.strata
        ],
        may_cancel=programmes.may_change(actor(), one.programme) and one.state in ("preparing", "open"),
    )


@bp.get("/waves/<int:wave_id>/cancel")
@staff_only(*ROLES)
def cancelling(wave_id: int) -> ResponseReturnValue:
    """Ask before a wave is cancelled."""
    one = programmes.found_wave(reading(), actor(), wave_id)
    programmes.refuse_others(actor(), one.programme)
    return page("programmes/cancel.html", wave=one, counted=progress.of_waves(reading(), [one.id])[one.id])


@bp.post("/waves/<int:wave_id>/cancel")
@staff_only(*ROLES)
def cancel(wave_id: int) -> ResponseReturnValue:
    """Ask no further in a wave."""
    back = url_for("programmes.wave", wave_id=wave_id)

    def act(session: Session) -> str:
        waves.cancel(session, actor=actor(), wave=programmes.found_wave(session, actor(), wave_id))
        return back

    return pressed(act, "programmes.done_cancel", back)


def _own(session: Session, programme_id: int) -> Programme:
    programme = programmes.found(session, actor(), programme_id)
    if not programmes.may_change(actor(), programme):
        raise NotAllowedError
    return programme


def _offer(form: ProgrammeForm, programme: Programme | None = None) -> None:
    session = reading()
    offered = programmes.questionnaires(session, actor())
    if programme is not None and programme.questionnaire not in offered:
        offered.append(programme.questionnaire)
    form.offer(
        offered, _departments(actor()), has_agency=forms.may_change(actor(), None),
        half_width=programme.half_width if programme else None,
    )  # fmt: skip


def _next(session: Session, programme: Programme) -> tuple[Period, dt.date]:
    """The period of the next wave, and the day on which it opens."""
    period = waves.upcoming(session, programme)
    return period, _day(waves.opening(period))


def _periods(session: Session, programme: Programme) -> list[Period]:
    """The next wave's period if it is over, the last one that is, and the one that goes on; each once."""
    terms = {"every": programme.every, "calendar": programme.calendar}
    last, now = periods.last_ended(_today(), **terms), periods.around(_today(), **terms)
    coming = waves.upcoming(session, programme)
    offered = [coming, last, now] if coming.to_on < _today() else [last, now]
    return list(dict.fromkeys(offered))


def _wanted(session: Session, programme: Programme, wanted: str) -> tuple[list[Period], Period]:
    """The periods that are offered, and the one of them that the address names; else the first."""
    offered = _periods(session, programme)
    return offered, next((one for one in offered if one.from_on.isoformat() == wanted), offered[0])


def _period(one: Period | Wave, calendar: str) -> str:
    """The days of a period in words, by both calendars where it is one of the Hijri year."""
    start, end = date_short(one.from_on), date_short(one.to_on)
    days = t("programmes.period", start=start, end=end, year=digits(str(one.to_on.year)))
    if calendar == "gregorian":
        return days
    return t("programmes.period_both", days=days, start=hijri_short(one.from_on), end=hijri(one.to_on))


def _stratum(session: Session, service_id: int, channel: str | None) -> str:
    """A stratum in words; a channel that we have no word for shows its code."""
    key = f"programmes.channel_{channel}"
    how = t("programmes.channel_unknown") if channel is None else t(key) if t(key) != key else channel
    return t("programmes.stratum", service=named(session.get_one(PublicService, service_id)), channel=how)


def _departments(who: Actor) -> list[Department]:
    rows = reading().scalars(select(Department).order_by(Department.id)).all()
    return [row for row in rows if forms.may_change(who, row.id)]


def _department(session: Session, code: str | None) -> Department | None:
    return session.scalars(select(Department).where(Department.code == code)).one_or_none() if code else None


def _today() -> dt.date:
    return _day(clock.now())


def _day(at: dt.datetime) -> dt.date:
    return clock.local_day(at, settings().default_timezone)
