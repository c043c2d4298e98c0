"""Fields that forgive how people type: spaces, Arabic digits; what cannot be read stays as typed."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from wtforms import (
    DateField,
    Field,
    FloatField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from govdesk.i18n import latin_digits, t
from govdesk.web import LARGEST_ID

FIRST_YEAR, LAST_YEAR = 1900, 2199
LONGEST_LINE = 120
LONGEST_TEXT = 500
_KNOWN = "errors.choose_known"


def tidy(text: str | None) -> str:
    """Return what was typed without spaces at its ends, never None."""
    return (text or "").strip()


def line(
    label: str,
    *,
    required: bool = True,
    longest: int = LONGEST_LINE,
    checks: Sequence[Any] = (),
    filters: Sequence[Any] = (tidy,),
    **given: Any,
) -> StringField:
    """Return a field of one line, with further checks."""
    first = [DataRequired("errors.required")] if required else []
    length = Length(max=longest, message="errors.too_long")
    return StringField(label, [*first, length, *checks], filters=filters, **given)


def text(label: str, *, longest: int = LONGEST_TEXT, **given: Any) -> TextAreaField:
    """Return a field of several lines, which may stay empty."""
    return TextAreaField(label, [Length(max=longest, message="errors.too_long")], filters=[tidy], **given)


def whole(label: str, least: int, most: int, *, required: bool = True, **given: Any) -> "WholeField":
    """Return a field for a whole number from `least` to `most`."""
    first = InputRequired("errors.required") if required else Optional()
    return WholeField(label, [first, NumberRange(least, most, "errors.out_of_range")], **given)


class WholeField(IntegerField):
    """A whole number in any digits."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read it, or say what to type."""
        _read(self, valuelist, _whole_number, "errors.whole_number")


class NumberField(FloatField):
    """A number with or without a decimal part, in any digits."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read it, or say what to type."""
        _read(
            self, [str(one).replace("٫", ".").replace(",", ".") for one in valuelist], float, "errors.number"
        )


class ClockField(TimeField):
    """A time of the day, 07:30."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read it, or say what to type."""
        _read(self, valuelist, dt.time.fromisoformat, "errors.time")


class DayField(DateField):
    """A date, 2026-10-14, of a year in which somebody living may have something to do."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read it, or say what to type."""
        _read(self, valuelist, _day, "errors.date")


class ChoiceField(SelectField):
    """One of a list; what is not in it is refused in words."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, invalid_value_message=_KNOWN, invalid_choice_message=_KNOWN, **named)


class TicksField(SelectMultipleField):
    """Any of a list, each with a box to tick; what is not in it is refused in words."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, invalid_value_message=_KNOWN, invalid_choice_message=_KNOWN, **named)


def plan_word(code: str) -> str:
    """Return a planned step in words; one that an administrator added shows its code."""
    key = f"queue.plan_{code}"
    return t(key) if t(key) != key else code


def row_id(typed: Any) -> int:
    """Read the id of a row that a form names; ValueError for what no column can hold."""
    number = int(typed)
    if not 0 <= number <= LARGEST_ID:
        raise ValueError(typed)
    return number


def _whole_number(typed: str) -> int:
    if not typed.lstrip("-").isdecimal():
        raise ValueError
    return int(typed)


def _day(typed: str) -> dt.date:
    day = dt.date.fromisoformat(typed)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError
    return day


def _read(field: Field, valuelist: list[Any], read: Any, sentence: str) -> None:
    if not valuelist:
        return
    typed = latin_digits(str(valuelist[0])).strip()
    field.data = None
    if typed:
        try:
            field.data = read(typed)
        except ValueError as problem:
            raise ValueError(sentence) from problem


class DegreesField(FloatField):
    """Degrees of latitude or longitude, in any digits; empty is not known."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed."""
        typed = latin_digits(valuelist[0].strip() if valuelist else "").replace("٫", ".")
        self.data = None
        if typed:
            try:
                self.data = float(typed)
            except ValueError as problem:
                raise ValueError("admin.degrees_wrong") from problem
