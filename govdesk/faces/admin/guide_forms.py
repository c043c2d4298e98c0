"""Forms of the guide's editor; labels and sentences are keys."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, HiddenField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from govdesk.catalog import guide
from govdesk.faces.admin.forms import ARABIC, ENGLISH, LATIN, NamedForm
from govdesk.faces.fields import ChoiceField, line, text, whole
from govdesk.web import DeskForm

MOST_EXTRA = 240
SPARE_ROWS = 2
LONG = 200


def _long(label: str, attributes: dict[str, str], **given: Any) -> StringField:
    return line(label, required=False, longest=LONG, render_kw=attributes, **given)


def _choices(beginning: str, names: Sequence[str]) -> list[SelectChoice]:
    return [SelectChoice(name, beginning + name) for name in names]


class ScenarioForm(NamedForm):
    """A foreseen reason to come."""

    action = ChoiceField("guide_admin.action", choices=_choices("guide_admin.do_", guide.ACTIONS))
    advice_ar = text("guide_admin.advice_ar", render_kw=ARABIC, description="guide_admin.advice_hint")
    advice_en = text("guide_admin.advice_en", render_kw=ENGLISH, description="guide_admin.advice_hint")
    link = _long("guide_admin.link", LATIN, description="guide_admin.link_hint")
    keywords_ar = _long("guide_admin.keywords_ar", ARABIC, description="guide_admin.keywords_hint")
    keywords_en = _long("guide_admin.keywords_en", ENGLISH, description="guide_admin.keywords_hint")
    extra_minutes = whole(
        "guide_admin.extra_minutes", 0, MOST_EXTRA, default=0, description="guide_admin.extra_hint"
    )
    is_active = BooleanField("admin.in_use", default=True)

    def values(self) -> dict[str, Any]:
        """Return the columns as the verb takes them."""
        columns = ("action", "advice_ar", "advice_en", "link", "keywords_ar", "keywords_en", "extra_minutes")
        typed = {name: self[name].data for name in columns}
        return self.names() | typed | {"is_active": bool(self.is_active.data)}


class PaperForm(NamedForm):
    """A paper to bring."""

    how_ar = _long("guide_admin.how_ar", ARABIC)
    how_en = _long("guide_admin.how_en", ENGLISH)
    link = _long("guide_admin.paper_link", LATIN)
    form = ChoiceField("guide_admin.form", choices=_choices("guide.form_", guide.FORMS))
    is_required = BooleanField("guide_admin.is_required", default=True)

    def values(self) -> dict[str, Any]:
        """Return the columns as the verb takes them."""
        typed = {name: self[name].data for name in ("how_ar", "how_en", "link", "form")}
        return self.names() | typed | {"is_required": bool(self.is_required.data)}


class QuestionForm(DeskForm):
    """A question; its answers are rows of three fields each."""

    name_ar = line("guide_admin.question_ar", longest=LONG, render_kw=ARABIC)
    name_en = line("guide_admin.question_en", longest=LONG, render_kw=ENGLISH)
    hint_ar = line("guide_admin.hint_ar", required=False, longest=LONG, render_kw=ARABIC)
    hint_en = line("guide_admin.hint_en", required=False, longest=LONG, render_kw=ENGLISH)
    count = 0

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """Return the fields of each answer: in Arabic, in English, and where it leads."""
        return [
            (self[f"answer_{n}_ar"], self[f"answer_{n}_en"], self[f"answer_{n}_to"])
            for n in range(self.count)
        ]

    def code_of(self, row: int) -> str:
        """Return which answer stands in a row; nothing for a new one."""
        return self[f"answer_{row}_code"].data or ""

    def move(self, typed: str) -> int | None:
        """Let two rows change places as a button says (`up-2`, `down-0`); where it is now, or None.

        What was typed goes along, and so does which answer it is. Nothing is saved by it.
        """
        way, _, place = typed.partition("-")
        row = int(place) if place.isascii() and place.isdecimal() and len(place) < len("1000") else self.count
        other = row - 1 if way == "up" else row + 1
        if way not in ("up", "down") or not (0 <= row < self.count and 0 <= other < self.count):
            return None
        for part in ("ar", "en", "to", "code"):
            here, there = self[f"answer_{row}_{part}"], self[f"answer_{other}_{part}"]
            here.data, there.data = there.data, here.data
        return other

    def offer(self, ways: Sequence[SelectChoice]) -> None:
        """Say where an answer may lead."""
        for _, _, to in self.rows():
            to.choices = [SelectChoice("", "guide_admin.leads_nowhere"), *ways]


def question_form(answers: int, **given: Any) -> QuestionForm:
    """Return a form with rows for so many answers, and some to spare."""
    fields: dict[str, Any] = {"count": answers + SPARE_ROWS}
    for n in range(answers + SPARE_ROWS):
        fields[f"answer_{n}_ar"] = line("guide_admin.answer_ar", required=False, render_kw=ARABIC)
        fields[f"answer_{n}_en"] = line("guide_admin.answer_en", required=False, render_kw=ENGLISH)
        fields[f"answer_{n}_to"] = ChoiceField("guide_admin.leads_to", [Optional()], default="")
        fields[f"answer_{n}_code"] = HiddenField()
    made: QuestionForm = type("QuestionForm", (QuestionForm,), fields)(**given)
    return made
