"""Forms of a promise: done, another day, another owner."""

from wtforms.validators import InputRequired

from govdesk.cases.commitments.rules import LONGEST
from govdesk.faces.fields import ChoiceField, DayField, line, row_id
from govdesk.web import DeskForm


class KeepForm(DeskForm):
    """It is done; what the person should know of it."""

    words = line("commitments.words", required=False, longest=LONGEST, description="commitments.words_hint")


class MoveForm(DeskForm):
    """Another day, and why."""

    due_on = DayField("commitments.new_day")
    reason = line(
        "commitments.reason", required=False, longest=LONGEST, description="commitments.reason_hint"
    )


class HandForm(DeskForm):
    """Who keeps it from now on."""

    to = ChoiceField(
        "commitments.to_whom", [InputRequired("errors.choose")], coerce=row_id, validate_choice=False
    )
