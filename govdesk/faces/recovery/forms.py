"""What is filled in at a task."""

from typing import Any

from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from govdesk import i18n
from govdesk.cases.recovery import rules
from govdesk.cases.recovery.models import RedressKind
from govdesk.cases.recovery.redressing import HIGHEST
from govdesk.cases.recovery.service import LONGEST
from govdesk.faces.fields import ChoiceField, row_id, text, whole
from govdesk.people.models import Staff
from govdesk.web import DeskForm

_CHANNELS = [SelectChoice(channel, f"recovery.channel_{channel}") for channel in rules.CHANNELS]


class AttemptForm(DeskForm):
    """Somebody tried to reach the person."""

    channel = ChoiceField("recovery.channel", choices=_CHANNELS, default="phone", id="attempt-channel")
    reached = RadioField(
        "recovery.reached",
        [InputRequired("errors.choose")],
        choices=[SelectChoice("yes", "recovery.reached_yes"), SelectChoice("no", "recovery.reached_no")],
        invalid_choice_message="errors.choose_known",
    )
    words = text("recovery.words_said", longest=LONGEST, id="attempt-words")


class WordForm(DeskForm):
    """What the person says."""

    good = RadioField(
        "recovery.word",
        [InputRequired("errors.choose")],
        choices=[SelectChoice("yes", "recovery.word_yes"), SelectChoice("no", "recovery.word_no")],
        invalid_choice_message="errors.choose_known",
    )
    channel = ChoiceField("recovery.word_channel", choices=_CHANNELS, default="phone", id="word-channel")
    words = text("recovery.words_said", longest=LONGEST, id="word-words")


class SorryForm(DeskForm):
    """What is written with the apology."""

    words = text("recovery.sorry_words", longest=200, description="recovery.sorry_hint", id="sorry-words")


class GiveForm(DeskForm):
    """What is given to make it good."""

    code = ChoiceField("recovery.redress")
    cost = whole("recovery.cost", 0, HIGHEST, required=False, description="recovery.cost_hint")
    words = text("recovery.redress_words", longest=200, id="give-words")

    def __init__(self, offered: list[RedressKind], **given: Any) -> None:
        super().__init__(**given)
        self.code.choices = [SelectChoice(kind.code, i18n.named(kind)) for kind in offered]


class HandForm(DeskForm):
    """Who answers for it from now on."""

    staff = ChoiceField("recovery.hand_to", coerce=row_id)

    def __init__(self, colleagues: list[Staff], **given: Any) -> None:
        super().__init__(**given)
        self.staff.choices = [SelectChoice(one.id, i18n.named(one)) for one in colleagues]


class EndForm(DeskForm):
    """Why it ends without the person's word."""

    words = text("recovery.end_words", longest=LONGEST, id="end-words")


class SayForm(DeskForm):
    """What the person writes on their own page."""

    words = text("recovery.own_words", longest=LONGEST)
