"""What is asked on a page: the period, the branch and the service, all in the address."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy import select
from wtforms import Form, SelectField

from govdesk import clock, i18n
from govdesk.catalog.models import Branch, Department, PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.config import settings
from govdesk.db import reading
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
LONGEST_BY_WEEK = 27


class Filters(Form):
    """The filters of every page; they are sent by GET and change nothing."""

    period = SelectField("head.period", default=USUAL)
    branch = SelectField("head.branch", default="")
    service = SelectField("head.service", default="")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the one about the same period a year ago, and the words for what is in it."""

    filters: Filters
    weeks: int | None
    question: Question
    year_ago: Question | None
    names: dict[str, dict[str, str]]  # of branches, services, departments, by code
    place: targets.Place
    targets: dict[str, Target]  # that hold in this place, by measure
    rebases: dict[str, list[Rebase]]  # of exactly this place, by measure

    @property
    def time(self) -> str:
        """In what periods a chart is drawn."""
        return "month" if self.weeks is None or self.weeks > LONGEST_BY_WEEK else "week"

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
        chosen = {name: field.data for name, field in self.filters._fields.items()}
        usual = {"period": USUAL, "branch": "", "service": ""}
        return {name: value for name, value in chosen.items() if value != usual[name]} | more

    def name_of(self, word: str, value: str | None) -> str:
        """The name of a group in the language spoken now."""
        if value is None:
            return i18n.t("head.unknown")
        return self.names.get(word, {}).get(value, value)


def asked() -> Asked:
    """Read the question from the address; what is unknown or out of one's scope counts as not said."""
    mine = Scope.of(actor())
    branches = [branch for branch in _branches() if mine.has_branch(branch.id)]
    services = [one for one in _services() if mine.has_department(one.department_id)]
    filters = _filters(branches, services)
    scope = mine.narrowed(
        branch_id=next((one.id for one in branches if one.code == filters.branch.data), None),
        service_id=next((one.id for one in services if one.code == filters.service.data), None),
    )
    weeks = None if filters.period.data == ALL_TIME else int(filters.period.data)
    first, last = _period(weeks)
    question = service.ask(reading(), from_day=first, to_day=last, scope=scope)
    year_ago = None
    if first is not None and last is not None:
        year_ago = service.ask(reading(), from_day=first - YEAR, to_day=last - YEAR, scope=scope)
    departments = reading().scalars(select(Department)).all()
    names = {
        "branch": {one.code: i18n.named(one) for one in branches},
        "service": {one.code: i18n.named(one) for one in services},
        "department": {one.code: i18n.named(one) for one in departments},
        "scenario": _scenario_names(services),
    }
    place = targets.Place.of(reading(), scope)
    own, anew = targets.current(reading(), place), targets.rebases(reading(), place)
    return Asked(filters, weeks, question, year_ago, names, place, own, anew)


def _filters(branches: list[Branch], services: list[PublicService]) -> Filters:
    filters = Filters(request.args)
    filters.period.choices = [(str(weeks), i18n.nt("head.weeks", weeks)) for weeks in WEEKS]
    filters.period.choices.append((ALL_TIME, i18n.t("head.all_time")))
    filters.branch.choices = [("", i18n.t("head.all_branches"))]
    filters.branch.choices += [(branch.code, i18n.named(branch)) for branch in branches]
    filters.service.choices = [("", i18n.t("head.all_services"))]
    filters.service.choices += [(one.code, i18n.named(one)) for one in services]
    for field, usual in ((filters.period, USUAL), (filters.branch, ""), (filters.service, "")):
        if field.data not in {value for value, _ in field.choices}:
            field.data = usual
    return filters


def _period(weeks: int | None) -> tuple[dt.date | None, dt.date | None]:
    """The first and last day: whole weeks from a Sunday on, the last of them still running."""
    if weeks is None:
        return None, None
    today = clock.local_day(clock.now(), settings().default_timezone)
    return week_of(today) - dt.timedelta(weeks=weeks - 1), today


def _scenario_names(services: list[PublicService]) -> dict[str, str]:
    codes = {one.id: one.code for one in services}
    known = reading().scalars(select(Scenario).where(Scenario.service_id.in_(codes)))
    return {f"{codes[one.service_id]}/{one.code}": i18n.named(one) for one in known}


def _branches() -> list[Branch]:
    return list(reading().scalars(select(Branch).order_by(Branch.code)))


def _services() -> list[PublicService]:
    return list(reading().scalars(select(PublicService).order_by(PublicService.code)))
