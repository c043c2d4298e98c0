"""Forms of the case file; their fields stand on one page, so each form has a beginning of its own."""

from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired

from govdesk.cases.commitments.rules import LONGEST as LONGEST_PROMISE
from govdesk.cases.linking.service import LONGEST_REASON
from govdesk.cases.work import asking
from govdesk.faces.fields import DayField, line, text
from govdesk.web import DeskForm

LONGEST = 600
LONGEST_ASKED = 300  # an SMS has to bring it
NOBODY = SelectChoice("", "cases.choose_who")


class ActForm(DeskForm):
    """A button that acts: nothing to fill in."""


class AssignForm(DeskForm):
    """To whom a case is given."""

    to = SelectField("cases.to", [DataRequired("errors.choose")], choices=[NOBODY], validate_choice=False)


class HandOverForm(DeskForm):
    """To whom or where a case goes on, and what they must know."""

    to = SelectField("cases.to", [DataRequired("errors.choose")], choices=[NOBODY], validate_choice=False)
    words = text("cases.hand_over_words", longest=LONGEST)


class AskForm(DeskForm):
    """What is asked of the person, why, and until when an answer is waited for."""

    reason = SelectField(
        "cases.ask_reason",
        choices=[SelectChoice(one, f"cases.reason_{one}") for one in asking.REASONS],
        validate_choice=False,
    )
    asked = text("cases.asked", longest=LONGEST_ASKED)
    until = DayField("cases.until")


class ResolveForm(DeskForm):
    """What was done, and how the person hears of it."""

    words = text("cases.resolve_words", longest=LONGEST_ASKED)
    by = RadioField(
        "cases.resolve_by",
        choices=[SelectChoice(one, f"cases.by_{one}") for one in ("message", "telephone")],
        default="message",
        validate_choice=False,
    )


class PromiseForm(DeskForm):
    """What is promised, and by which day."""

    what = line("commitments.what", required=False, longest=LONGEST_PROMISE)
    due_on = DayField("commitments.due_on")


class JoinForm(DeskForm):
    """Which other case of the person and the need is the same, and how that is known."""

    to = RadioField("cases.join_with", [InputRequired("errors.choose")], choices=[], validate_choice=False)
    reason = line("linking.reason", longest=LONGEST_REASON)


class WordsForm(DeskForm):
    """A note, or why a case is opened again."""

    words = text("cases.words", longest=LONGEST)


class AnswerForm(DeskForm):
    """What the person answers."""

    words = text("cases.your_answer", longest=LONGEST)
