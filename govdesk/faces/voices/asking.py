"""Which answers a page reads: a questionnaire, and in the address the period, place, mode and wave."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from flask import request
from sqlalchemy import select
from wtforms import Form, SelectField

from govdesk import clock, i18n
from govdesk.actor import Actor
from govdesk.catalog.models import Branch, Department, PublicService
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.feedback.answers.models import Response
from govdesk.feedback.asking.models import Wave
from govdesk.feedback.forms.models import Questionnaire
from govdesk.kpi import asked_forms, service, survey
from govdesk.kpi.asked_forms import Asked
from govdesk.kpi.question import Question, Scope
from govdesk.web import actor

FEWEST = 5  # people; heads see no smaller group
PERIODS = ("12", "26", "52", "all")
USUAL = "52"
MODES = ("sms", "email", "qr", "page", "tablet", "desk", "import", "other")


class Filters(Form):
    """The filters of a questionnaire; they are sent by GET and change nothing."""

    period = SelectField("head.period", default=USUAL)
    branch = SelectField("head.branch", default="")
    service = SelectField("head.service", default="")
    mode = SelectField("voices.mode", default="")
    wave = SelectField("voices.wave", default="")


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read: the questionnaire with all that was ever asked in it, the cut, the names of places."""

    questionnaire: Questionnaire
    filters: Filters
    question: Question
    cut: survey.Cut
    known: dict[tuple[int, str], Asked]
    waves: dict[int, Wave]
    names: dict[str, dict[str, str]]  # of branches and services, by code

    @property
    def is_whole(self) -> bool:
        """Whether nothing but the period narrows it."""
        return not any(self.filters[name].data for name in ("branch", "service", "mode", "wave"))

    @property
    def zone(self) -> str:
        """The zone in which the page tells the time."""
        return settings().default_timezone

    def address(self, **more: Any) -> dict[str, Any]:
        """What an address needs to ask the same again."""
        chosen = {name: field.data for name, field in self.filters._fields.items()}
        said = {name: value for name, value in chosen.items() if value and (name, value) != ("period", USUAL)}
        return {"code": self.questionnaire.code} | said | more


def readable(who: Actor) -> list[Questionnaire]:
    """The questionnaires whose answers somebody may read: their departments' and the agency's."""
    found = reading().scalars(select(Questionnaire).order_by(Questionnaire.id))
    return [one for one in found if one.department_id is None or who.sees_department(one.department_id)]


def read(code: str) -> Reading:
    """Read the address; what is unknown or out of one's scope counts as not said. Raises NotFoundError."""
    who, session = actor(), reading()
    found = next((one for one in readable(who) if one.code == code), None)
    if found is None:
        raise NotFoundError
    mine = scope_of(who, found)
    branches = {one.code: one for one in session.scalars(select(Branch)) if mine.has_branch(one.id)}
    services = {
        one.code: one
        for one in session.scalars(select(PublicService))
        if mine.has_department(one.department_id)
    }
    waves = {
        one.id: one
        for one in session.scalars(select(Wave).join(Wave.version).order_by(Wave.from_on))
        if one.version.questionnaire_id == found.id and one.state in {"open", "closed"}
    }
    names = {
        "branch": {one.code: i18n.named(one) for one in branches.values()},
        "service": {one.code: i18n.named(one) for one in services.values()},
    }
    filters = _filters(names, waves, _modes(found.id))
    chosen = {name: (filters[name].data or "") for name in ("branch", "service", "mode", "wave")}
    scope = mine.narrowed(
        branch_id=branches[chosen["branch"]].id if chosen["branch"] else None,
        service_id=services[chosen["service"]].id if chosen["service"] else None,
    )
    question = service.ask(session, from_day=_first(filters.period.data), scope=scope)
    cut = survey.Cut(found.id, chosen["mode"] or None, int(chosen["wave"]) if chosen["wave"] else None)
    asked = asked_forms.asked(session, questionnaire_id=found.id)
    return Reading(found, filters, question, cut, asked, waves, names)


def scope_of(who: Actor, asked: Questionnaire | None = None) -> Scope:
    """Whose answers somebody reads: all, where they lead every department, or the one that asks.

    Settled answers often say no more for which service they are: by places alone nobody would read them.
    """
    mine = Scope.of(who)
    led = {department for branch, department in mine.places or () if branch is None}
    every = set(reading().scalars(select(Department.id)))
    leads_who_asks = asked is not None and asked.department_id is not None and asked.department_id in led
    return replace(mine, places=None) if every <= led or leads_who_asks else mine


def _modes(questionnaire_id: int) -> list[str]:
    used = select(Response.mode).where(Response.questionnaire_id == questionnaire_id).distinct()
    found = set(reading().scalars(used))
    return [mode for mode in MODES if mode in found]


def _filters(names: dict[str, dict[str, str]], waves: dict[int, Wave], modes: list[str]) -> Filters:
    filters = Filters(request.args)
    filters.period.choices = [
        (period, i18n.t("head.all_time") if period == "all" else i18n.nt("head.weeks", int(period)))
        for period in PERIODS
    ]
    filters.branch.choices = [("", i18n.t("head.all_branches")), *names["branch"].items()]
    filters.service.choices = [("", i18n.t("head.all_services")), *names["service"].items()]
    filters.mode.choices = [("", i18n.t("voices.all_modes"))]
    filters.mode.choices += [(mode, i18n.t(f"voices.mode_{mode}")) for mode in modes]
    filters.wave.choices = [("", i18n.t("voices.all_waves"))]
    filters.wave.choices += [(str(one.id), wave_name(one)) for one in reversed(waves.values())]
    for name, field in filters._fields.items():
        if field.data not in {value for value, _ in field.choices}:
            field.data = USUAL if name == "period" else ""
    return filters


def wave_name(wave: Wave) -> str:
    """A wave by its number and the days that it asks about."""
    first, last = i18n.date_short(wave.from_on), i18n.date_short(wave.to_on)
    return i18n.t("voices.wave_name", number=i18n.num(wave.number), first=first, last=last)


def _first(period: str) -> dt.date | None:
    """The Monday on which the period begins, the present week being its last."""
    if period == "all":
        return None
    today = clock.local_day(clock.now(), settings().default_timezone)
    return today - dt.timedelta(days=today.weekday()) - dt.timedelta(weeks=int(period) - 1)
