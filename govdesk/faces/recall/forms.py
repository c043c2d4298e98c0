"""What is filled in at a recall."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from govdesk.actor import Actor
from govdesk.cases.obstacles.places import linkable
from govdesk.cases.recall import rules
from govdesk.cases.recall.finding import Asked
from govdesk.cases.recall.service import LONGEST_FAULT, LONGEST_TITLE
from govdesk.cases.recall.steps import LONGEST
from govdesk.catalog.models import Branch, Cause, Department, PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.faces.fields import ChoiceField, DayField, TicksField, line, row_id, text
from govdesk.i18n import named
from govdesk.kpi.question import Scope
from govdesk.people.models import Staff
from govdesk.web import DeskForm

OUTCOMES = ("resolved", "planned_next_step", "unresolved")
NOT_SAID = SelectChoice("", "recall.any")
_FAULT = [
    DataRequired("errors.required"),
    Length(max=LONGEST_FAULT, message="errors.too_long"),
]


class StartForm(DeskForm):
    """The fault, and which visits it touched."""

    title = line("recall.title", longest=LONGEST_TITLE, description="recall.title_hint")
    fault_ar = text("recall.fault_ar", longest=LONGEST_FAULT, description="recall.fault_hint")
    fault_en = text("recall.fault_en", longest=LONGEST_FAULT)
    from_on = DayField("recall.from_on", [InputRequired("errors.required")])
    until_on = DayField("recall.until_on", [InputRequired("errors.required")])
    services = TicksField("recall.services", description="recall.none_is_all")
    branches = TicksField("recall.branches", description="recall.none_is_all")
    unit = ChoiceField("recall.unit")
    scenario = ChoiceField("recall.scenario")
    outcome = ChoiceField("recall.outcome")
    cause = ChoiceField("recall.cause")
    due_on = DayField("recall.due_on", [InputRequired("errors.required")], description="recall.due_hint")
    expected = HiddenField()

    def offer(self, session: Session, who: Actor) -> None:
        """Fill the lists with what is within someone's reach."""
        for field in (self.fault_ar, self.fault_en):
            field.validators = [*_FAULT]
            field.flags.required = True
        services, branches = _reached(session, who)
        self.services.choices = [SelectChoice(one.code, named(one)) for one in services]
        self.branches.choices = [SelectChoice(one.code, named(one)) for one in branches]
        self.unit.choices = [NOT_SAID, *_units(session, branches)]
        self.scenario.choices = [NOT_SAID, *_scenarios(session, services)]
        self.outcome.choices = [NOT_SAID, *(SelectChoice(one, f"queue.outcome_{one}") for one in OUTCOMES)]
        causes = session.scalars(select(Cause).order_by(Cause.position, Cause.code))
        self.cause.choices = [NOT_SAID, *(SelectChoice(one.code, named(one)) for one in causes)]

    @property
    def asked(self) -> Asked:
        """Which visits are meant."""
        return Asked(
            from_on=self.from_on.data or dt.date.min,
            until_on=self.until_on.data or dt.date.min,
            services=tuple(self.services.data or ()),
            branches=tuple(self.branches.data or ()),
            unit=self.unit.data or "",
            scenario=self.scenario.data or "",
            outcome=self.outcome.data or "",
            cause=self.cause.data or "",
        )


class AttemptForm(DeskForm):
    """Somebody tried to reach the person."""

    channel = ChoiceField(
        "recall.channel",
        choices=[SelectChoice(one, f"recovery.channel_{one}") for one in rules.CHANNELS],
        default="phone",
    )
    reached = RadioField(
        "recall.reached",
        [InputRequired("errors.choose")],
        choices=[SelectChoice("yes", "recovery.reached_yes"), SelectChoice("no", "recovery.reached_no")],
        invalid_choice_message="errors.choose_known",
    )
    words = text("recall.words", longest=LONGEST, id="attempt-words")


class EndForm(DeskForm):
    """How it ends for somebody."""

    how = RadioField(
        "recall.how",
        [InputRequired("errors.choose")],
        choices=[SelectChoice(one, f"recall.how_{one}") for one in ("remedied", "declined", "unreached")],
        invalid_choice_message="errors.choose_known",
    )
    words = text("recall.how_words", longest=LONGEST, id="end-words")


class WishForm(DeskForm):
    """What the person wants, on their own page."""

    wish = RadioField(
        "recall.wish",
        choices=[SelectChoice(one, f"recall.wish_{one}") for one in rules.WISHES],
        validate_choice=False,
    )
    words = text("recall.own_words", longest=LONGEST)


class DayForm(DeskForm):
    """Another last day, with the reason; also of one that is opened again."""

    due_on = DayField("recall.due_on", [InputRequired("errors.required")], id="move-due")
    words = text("recall.reason", longest=LONGEST, id="move-words")


class OwnerForm(DeskForm):
    """Who answers for it from now on."""

    staff = ChoiceField("recall.owner", coerce=row_id)

    def __init__(self, owners: Sequence[Staff], **given: Any) -> None:
        super().__init__(**given)
        self.staff.choices = [SelectChoice(one.id, named(one)) for one in owners]


def _reached(session: Session, who: Actor) -> tuple[list[PublicService], list[Branch]]:
    scope = Scope.of(who)
    services = session.scalars(select(PublicService).order_by(PublicService.code))
    branches = session.scalars(select(Branch).order_by(Branch.code))
    return (
        [one for one in services if scope.has_department(one.department_id)],
        [one for one in branches if scope.has_branch(one.id)],
    )


def _units(session: Session, branches: Sequence[Branch]) -> list[SelectChoice]:
    names = {one.code: named(one) for one in branches}
    departments = {one.code: named(one) for one in session.scalars(select(Department))}
    found = []
    for code in linkable(session)["unit"]:
        branch, _, department = code.partition("/")
        if branch in names:
            found.append(SelectChoice(code, f"{names[branch]} · {departments[department]}"))
    return found


def _scenarios(session: Session, services: Sequence[PublicService]) -> list[SelectChoice]:
    codes = {one.id: one for one in services}
    rows = session.scalars(
        select(Scenario)
        .where(Scenario.service_id.in_(codes))
        .order_by(Scenario.service_id, Scenario.position, Scenario.id)
    )
    return [
        SelectChoice(
            f"{codes[one.service_id].code}/{one.code}", f"{named(codes[one.service_id])} · {named(one)}"
        )
        for one in rows
    ]
