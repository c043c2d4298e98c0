"""Forms of the counter."""

from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from govdesk.cases.commitments.rules import LONGEST as LONGEST_PROMISE
from govdesk.cases.returns.rules import LONGEST_WORDS as LONGEST_SAID
from govdesk.faces.fields import DayField, TicksField, line, row_id, text, tidy
from govdesk.queue import rules
from govdesk.queue.reasons import LONGEST as LONGEST_REASON
from govdesk.web import DeskForm

LONGEST, LONGEST_WORDS = 40, 120
NOTHING = SelectChoice("", "counter.choose")
NOTHING_ELSE = SelectChoice(0, "counter.also_nothing")
ANYBODY = SelectChoice("", "counter.transfer_anybody")
NO_REASON = SelectChoice(0, "counter.no_reason")


class ActForm(DeskForm):
    """A button that acts: nothing to fill in."""


class OpenForm(DeskForm):
    """Which counter to sit down at."""

    counter = RadioField(
        "counter.which",
        [InputRequired("errors.choose")],
        coerce=row_id,
        validate_choice=False,
        invalid_value_message="errors.choose_known",
    )


class ConcludeForm(DeskForm):
    """How the service ended. What each outcome wants besides is asked by the service that concludes."""

    then = HiddenField(default="")
    outcome = RadioField(
        "counter.outcome",
        [InputRequired("queue.outcome_missing")],
        choices=[SelectChoice(name, f"queue.outcome_{name}") for name in rules.OUTCOMES],
        validate_choice=False,
    )
    plan_reason = SelectField("counter.plan_reason", choices=[NOTHING], validate_choice=False)
    plan_due = DayField("counter.plan_due")
    cause = SelectField("counter.cause", choices=[NOTHING], validate_choice=False)
    return_reason = RadioField("counter.return_reason", choices=[], validate_choice=False)
    return_words = line("counter.return_words", required=False, longest=LONGEST_SAID)
    also = SelectField("counter.also", coerce=row_id, choices=[NOTHING_ELSE], validate_choice=False)


# of a conclusion: goes along when another form of the page is sent, and comes back as it was
CARRIED = ("outcome", "plan_reason", "plan_due", "cause", "return_reason", "also")


class UndoForm(DeskForm):
    """Which of the officer's steps is undone: the one that the page showed."""

    step = HiddenField(default="", filters=[lambda text: int(text) if text and text.isdecimal() else 0])


class PersonForm(DeskForm):
    """Whose matter it is, by the number on a card, and about what."""

    kind = SelectField(
        "counter.identity_kind",
        choices=[
            SelectChoice("", "counter.kind_by_number"),
            SelectChoice("passport", "people.kind_passport"),
        ],
        default="",
        validate_choice=False,
    )
    identity = StringField(
        "counter.identity",
        [InputRequired("people.identity_missing"), Length(max=LONGEST, message="errors.too_long")],
        filters=[tidy],
    )
    object_ref = line("counter.object_ref", required=False, longest=LONGEST)


PAUSE, CLOSE = "pause-", "close-"  # their fields stand beside others of the same name


class PauseForm(DeskForm):
    """Why nobody is called for a while."""

    reason = SelectField("counter.pause_reason", choices=[], validate_choice=False)
    words = line("counter.pause_words", required=False, longest=LONGEST_WORDS)


class CloseForm(PauseForm):
    """Why a counter closes before the branch does."""


class HoldForm(DeskForm):
    """Until when a person is set aside, and for whom."""

    minutes = SelectField("counter.hold_for", coerce=row_id, choices=[], validate_choice=False, default=0)
    is_mine = BooleanField("counter.hold_mine")


class TransferForm(DeskForm):
    """To which service, counter or officer a person is sent on."""

    service = SelectField(
        "counter.transfer_to",
        coerce=row_id,
        choices=[],
        validate_choice=False,
        invalid_value_message="errors.choose_known",
    )
    to = SelectField("counter.transfer_whom", choices=[ANYBODY], validate_choice=False, default="")


class PromiseForm(DeskForm):
    """What is promised, and by which day."""

    what = line("commitments.what", required=False, longest=LONGEST_PROMISE)
    due_on = DayField("commitments.due_on")


class ReasonForm(DeskForm):
    """For which foreseen reason the person came."""

    scenario = SelectField(
        "counter.reason",
        coerce=row_id,
        choices=[NO_REASON],
        validate_choice=False,
        invalid_value_message="errors.choose_known",
    )


class MissingForm(DeskForm):
    """Which of the papers are missing."""

    missing = TicksField("counter.missing", coerce=row_id, choices=[], validate_choice=False)


class UnforeseenForm(DeskForm):
    """A reason that nobody foresaw, in a few words."""

    words = text("counter.unforeseen", longest=LONGEST_REASON, description="counter.unforeseen_hint")
