"""What is filled in to build a questionnaire; labels and sentences are keys."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from govdesk.catalog.models import Department
from govdesk.errors import DeskError
from govdesk.faces.admin.forms import ARABIC, ENGLISH
from govdesk.faces.fields import ChoiceField, TicksField, line, tidy
from govdesk.faces.questionnaires.words import answers_of, said
from govdesk.feedback.forms.editing import mark_of
from govdesk.feedback.forms.models import Questionnaire, QuestionnaireVersion
from govdesk.feedback.forms.presets import presets
from govdesk.feedback.forms.rules import (
    DRIVERS,
    KINDS,
    ROLES,
    TYPES,
    Choice,
    Form,
    Question,
    Section,
    Shown,
    Words,
)
from govdesk.feedback.forms.service import digest
from govdesk.feedback.forms.soundness import LONGEST_LEAD, LONGEST_WORDS, MOST_CHOICES, WEIGHED
from govdesk.i18n import named, num, t
from govdesk.web import DeskForm

EMPTY, AGENCY, NONE = "empty", "", ""
COPY = "copy-"  # before the id of a questionnaire
SPARE_CHOICES, FIRST_CHOICES = 2, 4


def _words(label: str, attributes: dict[str, str], longest: int = LONGEST_WORDS) -> TextAreaField:
    checks = [Length(max=longest, message="errors.too_long")]
    return TextAreaField(label, checks, filters=[tidy], render_kw={**attributes, "rows": "2"})


def _choices_of(beginning: str, codes: Iterable[str]) -> list[SelectChoice]:
    return [SelectChoice(code, beginning + code) for code in codes]


def both(arabic: Any, english: Any) -> Words | None:
    """Return what was typed in two languages; None where nothing was."""
    typed = {"ar": arabic.data or "", "en": english.data or ""}
    return typed if any(typed.values()) else None


class OvertakenError(DeskError):
    """Somebody else changed it since it was shown: what they wrote is shown before it is written over."""

    key = "questionnaires.overtaken"
    status = 409


class NameForm(DeskForm):
    """What staff call it."""

    name_ar = line("questionnaires.name_ar", render_kw=ARABIC)
    name_en = line("questionnaires.name_en", render_kw=ENGLISH)


class NewForm(DeskForm):
    """What to begin with, and for whom."""

    preset = RadioField(
        "questionnaires.begin_with",
        validators=[InputRequired("errors.choose")],
        validate_choice=False,
    )
    kind = ChoiceField("questionnaires.kind", description="questionnaires.kind_hint")
    department = ChoiceField("questionnaires.department", description="questionnaires.department_hint")
    name_ar = line("questionnaires.name_ar", required=False, render_kw=ARABIC)
    name_en = line("questionnaires.name_en", required=False, render_kw=ENGLISH)

    def offer(
        self, departments: Sequence[Department], copied: Sequence[Questionnaire], *, has_agency: bool
    ) -> None:
        """Fill the lists."""
        written = [SelectChoice(one.key, said(one.name)) for one in presets().values()]
        copies = [
            SelectChoice(f"{COPY}{one.id}", t("questionnaires.copy_of", name=named(one))) for one in copied
        ]
        self.preset.choices = [*written, *copies, SelectChoice(EMPTY, "questionnaires.empty")]
        self.kind.choices = _choices_of("questionnaires.kind_", KINDS)
        agency = [SelectChoice(AGENCY, "questionnaires.whole_agency")] if has_agency else []
        self.department.choices = agency + [SelectChoice(one.code, named(one)) for one in departments]


class SeenForm(DeskForm):
    """A form of something that others may change: it comes back with the mark of what its writer saw."""

    seen = HiddenField()
    is_overtaken = False  # somebody else changed it meanwhile

    def show(self, part: Question | Section | Form | None) -> None:
        """Note what is seen now; what came back from before is kept, unless it was overtaken."""
        if not self.is_submitted() or self.is_overtaken:
            self.seen.data = mark_of(part)

    def refuse_overtaken(self, part: Question | Section | Form | None) -> None:
        """Raise OvertakenError where something does not stand as its writer saw it."""
        if self.seen.data != mark_of(part):
            self.is_overtaken = True
            raise OvertakenError


class PublishForm(DeskForm):
    """The draft as it was when its changes were shown: no other is published."""

    seen = HiddenField()

    def refuse_overtaken(self, draft: QuestionnaireVersion | None) -> None:
        """Raise OvertakenError where the draft is another one now."""
        if draft is not None and self.seen.data != digest(draft.content):
            raise OvertakenError("questionnaires.draft_overtaken")


class SectionForm(SeenForm):
    """The heading of a section; without one its questions just follow."""

    title_ar = _words("questionnaires.title_ar", ARABIC)
    title_en = _words("questionnaires.title_en", ENGLISH)


class AroundForm(SeenForm):
    """What is said before the questions, and after them."""

    intro_ar = _words("questionnaires.intro_ar", ARABIC, LONGEST_LEAD)
    intro_en = _words("questionnaires.intro_en", ENGLISH, LONGEST_LEAD)
    thanks_ar = _words("questionnaires.thanks_ar", ARABIC, LONGEST_LEAD)
    thanks_en = _words("questionnaires.thanks_en", ENGLISH, LONGEST_LEAD)


class QuestionForm(SeenForm):
    """A question; its choices are rows of two fields and a key."""

    text_ar = _words("questionnaires.text_ar", ARABIC)
    text_en = _words("questionnaires.text_en", ENGLISH)
    kind = ChoiceField("questionnaires.type", choices=_choices_of("questionnaires.type_", TYPES))
    is_required = BooleanField("questionnaires.is_required")
    section = ChoiceField("questionnaires.in_section")
    role = ChoiceField(
        "questionnaires.role",
        choices=[SelectChoice(NONE, "questionnaires.role_none"), *_choices_of("questionnaires.role_", ROLES)],
        description="questionnaires.role_hint",
    )
    about = ChoiceField("questionnaires.about", description="questionnaires.about_hint")
    low_ar = line("questionnaires.low_ar", required=False, render_kw=ARABIC)
    low_en = line("questionnaires.low_en", required=False, render_kw=ENGLISH)
    high_ar = line("questionnaires.high_ar", required=False, render_kw=ARABIC)
    high_en = line("questionnaires.high_en", required=False, render_kw=ENGLISH)
    shown = TicksField("questionnaires.shown", validate_choice=False)
    count = 0
    known: Collection[str] = ()  # keys of the choices that it has

    def rows(self) -> list[tuple[Any, Any]]:
        """Return the fields of each choice, in Arabic and in English."""
        return [(self[f"choice_{n}_ar"], self[f"choice_{n}_en"]) for n in range(self.count)]

    def move(self, typed: str) -> int | None:
        """Let two choices change places as a button says (`up-2`, `down-0`); where it is now, or None.

        What was typed goes along. Nothing is saved by it.
        """
        way, _, place = typed.partition("-")
        row = int(place) if place.isascii() and place.isdecimal() and len(place) < len("100") else self.count
        other = row - 1 if way == "up" else row + 1
        if way not in ("up", "down") or not (0 <= row < self.count and 0 <= other < self.count):
            return None
        for part in ("ar", "en", "key"):
            here, there = self[f"choice_{row}_{part}"], self[f"choice_{other}_{part}"]
            here.data, there.data = there.data, here.data
        return other

    def offer(self, form: Form, earlier: Sequence[Question]) -> None:
        """Say in which section it may stand, what it may weigh, and on what it may depend."""
        self.section.choices = [
            SelectChoice(one.key, said(one.title) or t("questionnaires.section_number", number=num(place)))
            for place, one in enumerate(form.sections, start=1)
        ]
        weighed = [SelectChoice(one, f"questionnaires.{_area(one)}_{one}") for one in WEIGHED]
        self.about.choices = [SelectChoice(NONE, "questionnaires.about_none"), *weighed]
        self.shown.choices = [
            SelectChoice(f"{one.key}:{value}", words) for one in earlier for value, words in answers_of(one)
        ]

    def question(self, key: str, earlier: Sequence[Question]) -> Question:
        """Return the question as it was typed. Raises DeskError beside a field."""
        text = both(self.text_ar, self.text_en)
        if text is None:
            raise DeskError("errors.required", field="text_ar", status=422)
        kind = self.kind.data
        return Question(
            key=key, kind=kind, text=text, is_required=bool(self.is_required.data),
            role=self.role.data or None, about=self.about.data or None, choices=self._choices(kind),
            low=both(self.low_ar, self.low_en) if kind in ("agreement", "scale") else None,
            high=both(self.high_ar, self.high_en) if kind in ("agreement", "scale") else None,
            shown=self._shown(earlier),
        )  # fmt: skip

    def _choices(self, kind: str) -> tuple[Choice, ...]:
        if kind not in ("one", "many", "drivers"):
            return ()
        if kind == "drivers":
            worded = presets()["after_service"].form.questions[1].choices
            return tuple(Choice(one.key, self._typed_driver(one.key) or one.text) for one in worded)
        choices: list[Choice] = []
        used = {*self.known}
        for n, (arabic, english) in enumerate(self.rows()):
            words = both(arabic, english)
            if words is None:
                continue
            key = self[f"choice_{n}_key"].data or ""
            if key not in self.known or key in DRIVERS or key in [one.key for one in choices]:
                key = next(one for one in (f"c{m}" for m in range(1, 1000)) if one not in used)
                used.add(key)
            choices.append(Choice(key, words))
        return tuple(choices)

    def _typed_driver(self, key: str) -> Words | None:
        for n, (arabic, english) in enumerate(self.rows()):
            if self[f"choice_{n}_key"].data == key:
                return both(arabic, english)
        return None

    def _shown(self, earlier: Sequence[Question]) -> Shown | None:
        pairs = [one.partition(":")[::2] for one in self.shown.data or ()]
        asked = next((one for one in earlier if pairs and one.key == pairs[0][0]), None)
        if asked is None:
            return None
        if any(key != asked.key for key, _value in pairs):
            raise DeskError("questionnaires.shown_one_only", field="shown", status=422)
        known = {str(value): value for value, _words in answers_of(asked)}
        return Shown(asked.key, tuple(known[value] for _key, value in pairs if value in known))


def question_form(question: Question | None, section: Section, sent: Collection[str]) -> QuestionForm:
    """Return a form with rows for the choices of a question, and some to spare.

    What was sent has all its rows, also where somebody else took some out meanwhile.
    """
    choices = question.choices if question else ()
    count = len(choices) + (SPARE_CHOICES if choices else FIRST_CHOICES)
    if question and question.kind == "drivers":
        count = max(len(choices), 1)
    most = MOST_CHOICES + SPARE_CHOICES
    count = max(min(count, most), *(n + 1 for n in range(most) if f"choice_{n}_ar" in sent), 0)
    fields: dict[str, Any] = {"count": count, "known": [choice.key for choice in choices]}
    for n in range(count):
        named_ar, named_en = (t(f"questionnaires.choice_{code}", number=num(n + 1)) for code in ("ar", "en"))
        fields[f"choice_{n}_ar"] = line(named_ar, required=False, render_kw=ARABIC)
        fields[f"choice_{n}_en"] = line(named_en, required=False, render_kw=ENGLISH)
        fields[f"choice_{n}_key"] = HiddenField()
    values = {"section": section.key, "kind": "agreement", **(_shown_values(question) if question else {})}
    made: QuestionForm = type("QuestionForm", (QuestionForm,), fields)(data=values)
    return made


def _shown_values(question: Question) -> dict[str, Any]:
    shown = question.shown
    values: dict[str, Any] = {
        "kind": question.kind, "is_required": question.is_required, "role": question.role or NONE,
        "about": question.about or NONE,
        "shown": [f"{shown.question}:{answer}" for answer in shown.answers] if shown else [],
    }  # fmt: skip
    for name, words in (("text", question.text), ("low", question.low), ("high", question.high)):
        values |= {f"{name}_{language}": (words or {}).get(language, "") for language in ("ar", "en")}
    for n, choice in enumerate(question.choices):
        values[f"choice_{n}_key"] = choice.key
        values |= {f"choice_{n}_{language}": choice.text.get(language, "") for language in ("ar", "en")}
    return values


def _area(weighed: str) -> str:
    return "driver" if weighed in DRIVERS else "role"
