"""What is asked on a page: the period, the branch, the department and the service, all in the address."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy import select
from wtforms import Form, SelectField
from wtforms.validators import Optional

from govdesk import clock, i18n
from govdesk.catalog.models import Branch, Department, PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.config import settings
from govdesk.db import reading
from govdesk.faces.fields import DayField
from govdesk.kpi import service
from govdesk.kpi.groups import week_of
from govdesk.kpi.question import Question, Scope
from govdesk.kpi.registry import Measure
from govdesk.kpi.targets import service as targets
from govdesk.kpi.targets.models import Rebase, Target
from govdesk.web import actor

WEEKS = (4, 12, 24, 52)
USUAL = "24"
YEAR = dt.timedelta(weeks=52)  # whole weeks, so that weekdays meet
ALL_TIME = "all"
OWN_DAYS = "days"
LONGEST_BY_WEEK = 27
LONGEST = dt.timedelta(days=3700)
USUALLY = {"period": USUAL, "branch": "", "department": "", "service": ""}


class Filters(Form):
    """The filters of every page; they are sent by GET and change nothing."""

    period = SelectField("head.period", default=USUAL)
    from_on = DayField("marks.from_on", [Optional()])
    to_on = DayField("marks.to_on", [Optional()])
    branch = SelectField("head.branch", default="")
    department = SelectField("marks.department", default="")
    service = SelectField("head.service", default="")

    @property
    def days(self) -> list[DayField]:
        """The fields of days of one's own."""
        return [self.from_on, self.to_on]

    @property
    def has_days(self) -> bool:
        """Whether both days of one's own are said and fit each other."""
        return all(field.data and not field.errors for field in self.days)

    @property
    def has_wrong_days(self) -> bool:
        """Whether a day must be corrected."""
        return any(field.errors for field in self.days)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the one about the same period a year ago, and the words for what is in it."""

    filters: Filters
    weeks: int | None  # None: all there is, or days of one's own
    question: Question
    year_ago: Question | None
    names: dict[str, dict[str, str]]  # of branches, services, departments, by code
    place: targets.Place
    targets: dict[str, Target]  # that hold in this place, by measure
    rebases: dict[str, list[Rebase]]  # of exactly this place, by measure

    @property
    def time(self) -> str:
        """In what periods a chart is drawn."""
        first, last = self.question.from_day, self.question.to_day
        if first is None or last is None:
            return "month"
        return "month" if last - first >= dt.timedelta(weeks=LONGEST_BY_WEEK) else "week"

    @property
    def today(self) -> dt.date:
        """The day on which the page is read, where the installation is."""
        return self.question.today(None)

    def target(self, measure: Measure) -> float | None:
        """What the figure is to reach in the place that is looked at."""
        own = self.targets.get(measure.key)
        return own.value if own else measure.target

    def rebased(self, key: str) -> list[dt.date]:
        """The days on which the limits of a figure begin anew, in this place."""
        return [row.begins_on for row in self.rebases.get(key, ())]

    @property
    def zone(self) -> str:
        """The zone in which the page tells the time."""
        return settings().default_timezone

    def address(self, **more: Any) -> dict[str, Any]:
        """What an address needs to ask the same again: only what differs from the usual."""
        chosen = {name: self.filters._fields[name].data for name in USUALLY}
        found = {name: value for name, value in chosen.items() if value != USUALLY[name]}
        if self.filters.has_days:
            found |= {"period": None} | {field.name: field.data.isoformat() for field in self.filters.days}
        return {name: value for name, value in found.items() if value is not None} | more

    def name_of(self, word: str, value: str | None) -> str:
        """The name of a group in the language spoken now."""
        if value is None:
            return i18n.t("head.unknown")
        return self.names.get(word, {}).get(value, value)


def asked() -> Asked:
    """Read the question from the address; what is unknown or out of one's scope counts as not said."""
    mine = Scope.of(actor())
    branches = [branch for branch in _branches() if mine.has_branch(branch.id)]
    departments = {one.id: one for one in _departments()}
    filters = Filters(request.args)
    offered = [one for one in departments.values() if mine.has_department(one.id)]
    _choose(filters, "department", "marks.all_departments", offered)
    department = next((one for one in offered if one.code == filters.department.data), None)
    if department is not None:
        mine = mine.in_department(department.id)
    services = [one for one in _services() if mine.has_department(one.department_id)]
    _choose(filters, "branch", "head.all_branches", branches)
    _choose(filters, "service", "head.all_services", services)
    weeks, first, last = _period(filters)
    scope = mine.narrowed(
        branch_id=next((one.id for one in branches if one.code == filters.branch.data), None),
        service_id=next((one.id for one in services if one.code == filters.service.data), None),
    )
    question = service.ask_lately(reading(), from_day=first, to_day=last, scope=scope)
    year_ago = None
    if first is not None and last is not None:
        year_ago = service.ask_lately(reading(), from_day=first - YEAR, to_day=last - YEAR, scope=scope)
    names = {
        "branch": {one.code: i18n.named(one) for one in branches},
        "service": {one.code: i18n.named(one) for one in services},
        "department": {one.code: i18n.named(one) for one in departments.values()},
        "scenario": _scenario_names(services),
    }
    place = targets.Place.of(reading(), scope)
    own, anew = targets.current(reading(), place), targets.rebases(reading(), place)
    return Asked(filters, weeks, question, year_ago, names, place, own, anew)


def _choose(filters: Filters, name: str, everything: str, offered: Sequence[Any]) -> None:
    """Offer what may be chosen; what is none of it is as if nothing was said."""
    field = filters._fields[name]
    field.choices = [("", i18n.t(everything)), *((one.code, i18n.named(one)) for one in offered)]
    if field.data not in {value for value, _ in field.choices}:
        field.data = ""


def _period(filters: Filters) -> tuple[int | None, dt.date | None, dt.date | None]:
    """The weeks (None for others), the first and the last day.

    Weeks are whole, from a Sunday on, the last of them still running. Days of one's own come first; where
    they cannot be, each says why beside itself and the chosen weeks are shown.
    """
    if request.args.get("own") and filters.period.data != OWN_DAYS:  # from own days back to weeks
        for field in filters.days:
            field.data, field.raw_data, field.process_errors = None, None, []
    _check_days(filters)
    offered = [(str(weeks), i18n.nt("head.weeks", weeks)) for weeks in WEEKS]
    offered.append((ALL_TIME, i18n.t("head.all_time")))
    if filters.has_days:
        offered.insert(0, (OWN_DAYS, i18n.t("marks.own_days")))
        filters.period.data = OWN_DAYS
    filters.period.choices = offered
    if filters.period.data not in dict(offered):
        filters.period.data = USUAL
    if filters.has_days:
        return None, filters.from_on.data, filters.to_on.data
    if filters.period.data == ALL_TIME:
        return None, None, None
    weeks = int(filters.period.data)
    today = clock.local_day(clock.now(), settings().default_timezone)
    return weeks, week_of(today) - dt.timedelta(weeks=weeks - 1), today


def _check_days(filters: Filters) -> None:
    """Say what is wrong with days of one's own, beside them; what was typed stays."""
    for field in filters.days:
        field.validate(filters)
    first, last = filters.days
    if filters.has_wrong_days or not (first.data or last.data):
        return
    if first.data is None:
        first.errors = ["marks.day_missing"]
    elif last.data is None:
        last.errors = ["marks.day_missing"]
    elif first.data > last.data:
        last.errors = ["marks.days_turned"]
    elif last.data - first.data > LONGEST:
        last.errors = ["marks.days_many"]


def _scenario_names(services: list[PublicService]) -> dict[str, str]:
    codes = {one.id: one.code for one in services}
    known = reading().scalars(select(Scenario).where(Scenario.service_id.in_(codes)))
    return {f"{codes[one.service_id]}/{one.code}": i18n.named(one) for one in known}


def _branches() -> list[Branch]:
    return list(reading().scalars(select(Branch).order_by(Branch.code)))


def _departments() -> list[Department]:
    return list(reading().scalars(select(Department).order_by(Department.code)))


def _services() -> list[PublicService]:
    return list(reading().scalars(select(PublicService).order_by(PublicService.code)))
