"""What is filled in about an obstacle."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from govdesk.cases.obstacles.places import linkable
from govdesk.cases.obstacles.rules import CATEGORIES
from govdesk.cases.obstacles.service import LONGEST_WORDS
from govdesk.catalog.models import Branch, Cause, Department, PublicService
from govdesk.faces.fields import ChoiceField, DayField, TicksField, line, tidy
from govdesk.i18n import named
from govdesk.people.models import Staff
from govdesk.web import DeskForm

NOT_SAID = ""
EVERYWHERE = ""
KINDS = ("cause", "service", "unit")


def words_field(label: str, hint: str = "") -> TextAreaField:
    """Return a field of several lines that must be filled in."""
    checks = [DataRequired("errors.required"), Length(max=LONGEST_WORDS, message="errors.too_long")]
    return TextAreaField(label, checks, filters=[tidy], description=hint, render_kw={"rows": 4})


class PosterForm(DeskForm):
    """What stops good service, by whoever stands at the back door."""

    category = RadioField(
        "obstacles.category",
        choices=[SelectChoice(one, f"obstacles.category_{one}") for one in CATEGORIES],
        validators=[InputRequired("errors.choose")],
        validate_choice=False,
    )
    words = words_field("obstacles.words", "obstacles.words_hint")
    name = line("obstacles.name", required=False, description="obstacles.name_hint")


class ReportForm(DeskForm):
    """What stops good service, by someone who is signed in."""

    category = RadioField(
        "obstacles.category",
        choices=[SelectChoice(one, f"obstacles.category_{one}") for one in CATEGORIES],
        validators=[InputRequired("errors.choose")],
        validate_choice=False,
    )
    words = words_field("obstacles.words", "obstacles.words_hint")
    branch = ChoiceField("obstacles.where")
    service = ChoiceField("obstacles.service", description="obstacles.service_hint")
    cause = ChoiceField("obstacles.cause", description="obstacles.cause_hint")

    def offer(self, session: Session, branches: Sequence[Branch]) -> None:
        """Fill the lists."""
        self.branch.choices = [SelectChoice(branch.code, named(branch)) for branch in branches]
        self.branch.choices.append(SelectChoice(EVERYWHERE, "obstacles.everywhere"))
        not_said = SelectChoice(NOT_SAID, "obstacles.not_said")
        names = names_of(session)
        self.service.choices = [not_said, *_choices(names["service"])]
        self.cause.choices = [not_said, *_choices(names["cause"])]

    @property
    def links(self) -> list[tuple[str, str]]:
        """What it is linked to from the first."""
        chosen = (("service", self.service.data), ("cause", self.cause.data))
        return [(kind, code) for kind, code in chosen if code]


class WordsForm(DeskForm):
    """A few words on it."""

    words = words_field("obstacles.note")


class CloseForm(DeskForm):
    """What changed, and since when."""

    what_changed = words_field("obstacles.what_changed", "obstacles.what_changed_hint")
    changed_on = DayField(
        "obstacles.changed_on",
        [InputRequired("errors.required")],
        description="obstacles.changed_on_hint",
    )


class MoveForm(DeskForm):
    """Another last day, and why."""

    due_on = DayField("obstacles.due_on", [InputRequired("errors.required")])
    words = words_field("obstacles.why_moved")


class AssignForm(DeskForm):
    """Who answers for it from now on."""

    staff = ChoiceField("obstacles.assigned_to", coerce=int)
    words = line("obstacles.why_assigned", required=False)

    def offer(self, managers: Sequence[Staff]) -> None:
        """Fill the list."""
        self.staff.choices = [SelectChoice(one.id, named(one)) for one in managers]


class LinksForm(DeskForm):
    """The causes, services and units whose failures it makes."""

    causes = TicksField("obstacles.causes")
    services = TicksField("obstacles.services")
    units = TicksField("obstacles.units", description="obstacles.units_hint")

    def offer(self, session: Session) -> None:
        """Fill the lists."""
        names = names_of(session)
        self.causes.choices = _choices(names["cause"])
        self.services.choices = _choices(names["service"])
        self.units.choices = _choices(names["unit"])

    @property
    def links(self) -> list[tuple[str, str]]:
        """All that is ticked."""
        ticked = zip(KINDS, (self.causes, self.services, self.units), strict=True)
        return [(kind, code) for kind, field in ticked for code in field.data or ()]


def names_of(session: Session) -> dict[str, dict[str, str]]:
    """The names of all that an obstacle may be linked to, by kind and code."""
    codes = linkable(session)
    causes = {row.code: named(row) for row in session.scalars(select(Cause))}
    services = {row.code: named(row) for row in session.scalars(select(PublicService))}
    branches = {row.code: named(row) for row in session.scalars(select(Branch))}
    departments = {row.code: named(row) for row in session.scalars(select(Department))}
    units = {}
    for code in codes["unit"]:
        branch, department = code.split("/")
        units[code] = f"{branches[branch]} · {departments[department]}"
    return {
        "cause": {code: causes[code] for code in codes["cause"]},
        "service": {code: services[code] for code in codes["service"]},
        "unit": units,
    }


def _choices(names: Mapping[str, str]) -> list[SelectChoice]:
    return [SelectChoice(code, name) for code, name in names.items()]
