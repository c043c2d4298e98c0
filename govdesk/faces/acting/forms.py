"""What is filled in about a wave and about what changes after it."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from govdesk.cases.obstacles.rules import CATEGORIES
from govdesk.catalog.models import Branch
from govdesk.faces.fields import ChoiceField, DayField, line, tidy
from govdesk.feedback.acting.service import LANGUAGES, LONGEST
from govdesk.feedback.acting.themes import LONGEST_NAME
from govdesk.i18n import named
from govdesk.people.models import Staff
from govdesk.web import DeskForm

NO_OBSTACLE = ""
EVERYWHERE = ""
ARABIC: dict[str, Any] = {"lang": "ar", "dir": "rtl", "rows": 3}
ENGLISH: dict[str, Any] = {"lang": "en", "dir": "ltr", "rows": 3}


def words_in(label: str, language: str, hint: str = "") -> TextAreaField:
    """Return a field of several lines in one language; one of the two languages may stay empty."""
    checks = [Length(max=LONGEST, message="errors.too_long")]
    kw = ARABIC if language == "ar" else ENGLISH
    return TextAreaField(f"{label}_{language}", checks, filters=[tidy], render_kw=kw, description=hint)


def both(form: DeskForm, name: str) -> dict[str, str]:
    """What was written in the two languages."""
    return {code: form[f"{name}_{code}"].data or "" for code in LANGUAGES}


class HeardForm(DeskForm):
    """What was heard."""

    heard_ar = words_in("acting.heard", "ar", "acting.heard_hint")
    heard_en = words_in("acting.heard", "en")


class WordForm(DeskForm):
    """What people said and what will be done about it."""

    said_ar = words_in("acting.said", "ar", "acting.said_hint")
    said_en = words_in("acting.said", "en")
    will_ar = words_in("acting.will", "ar", "acting.will_hint")
    will_en = words_in("acting.will", "en")


class PlanForm(WordForm):
    """A change with who does it, until when, and what stands in the way."""

    owner = ChoiceField("acting.owner", coerce=int)
    due_on = DayField("acting.due_on", [InputRequired("errors.required")])
    obstacle = ChoiceField("acting.obstacle", description="acting.obstacle_hint")
    branch = ChoiceField("acting.obstacle_where")

    def offer(self, managers: Sequence[Staff], branches: Sequence[Branch]) -> None:
        """Fill the lists."""
        self.owner.choices = [SelectChoice(one.id, named(one)) for one in managers]
        kinds = [SelectChoice(one, f"obstacles.category_{one}") for one in CATEGORIES]
        self.obstacle.choices = [SelectChoice(NO_OBSTACLE, "acting.no_obstacle"), *kinds]
        places = [SelectChoice(one.code, named(one)) for one in branches]
        self.branch.choices = [SelectChoice(EVERYWHERE, "obstacles.everywhere"), *places]


class DidForm(DeskForm):
    """What was done, and since when."""

    did_ar = words_in("acting.did", "ar", "acting.did_hint")
    did_en = words_in("acting.did", "en")
    done_on = DayField("acting.done_on", [InputRequired("errors.required")])


class MoveForm(DeskForm):
    """Another last day, and why."""

    due_on = DayField("acting.due_on", [InputRequired("errors.required")])
    words = TextAreaField(
        "acting.why", [DataRequired("errors.required"), Length(max=LONGEST, message="errors.too_long")],
        filters=[tidy], render_kw={"rows": 3},
    )  # fmt: skip


class ReasonForm(DeskForm):
    """Why it is as before."""

    words = TextAreaField(
        "acting.why", [DataRequired("errors.required"), Length(max=LONGEST, message="errors.too_long")],
        filters=[tidy], render_kw={"rows": 3},
    )  # fmt: skip


class OwnerForm(DeskForm):
    """Who does it from now on."""

    owner = ChoiceField("acting.owner", coerce=int)

    def offer(self, managers: Sequence[Staff]) -> None:
        """Fill the list."""
        self.owner.choices = [SelectChoice(one.id, named(one)) for one in managers]


class ThemeForm(DeskForm):
    """The names of a theme."""

    name_ar = line("acting.theme_ar", longest=LONGEST_NAME, render_kw={"lang": "ar", "dir": "rtl"})
    name_en = line("acting.theme_en", longest=LONGEST_NAME, render_kw={"lang": "en", "dir": "ltr"})


class ThemeEditForm(ThemeForm):
    """The names of a theme, and whether it is still given to comments."""

    is_used = BooleanField("acting.theme_used")
