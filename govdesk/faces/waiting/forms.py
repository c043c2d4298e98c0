"""What is filled in to stand in a line."""

from collections.abc import Sequence
from typing import Any

from wtforms import RadioField

from govdesk import i18n
from govdesk.booking.turns import LARGEST_GROUP, PARTS
from govdesk.catalog.models import Branch
from govdesk.faces.citizen.forms import DetailsForm
from govdesk.faces.fields import DayField, TicksField, whole


class JoinForm(DetailsForm):
    """For which place: where, which days, what part of the day, how many people; and who waits."""

    branches = TicksField("waiting.branches")
    first_on = DayField("waiting.first_on")
    last_on = DayField("waiting.last_on")
    part = RadioField("waiting.part", default="any", invalid_choice_message="errors.choose_known")
    people = whole("waiting.people", 1, LARGEST_GROUP, default=1)

    def __init__(self, offered: Sequence[Branch], **given: Any) -> None:
        super().__init__(**given)
        self.branches.choices = [(branch.code, i18n.named(branch)) for branch in offered]
        self.part.choices = [(part, f"waiting.part_{part}") for part in PARTS]
