"""What a person types or touches at the kiosk."""

from collections.abc import Iterable
from typing import Any

from wtforms import RadioField, SelectChoice, StringField
from wtforms.validators import AnyOf, InputRequired, Length

from govdesk.catalog.guide import AT_HOME
from govdesk.catalog.scenario_models import Scenario
from govdesk.errors import DeskError
from govdesk.faces.fields import row_id, tidy
from govdesk.i18n import named
from govdesk.people.identity import Identity, identify
from govdesk.queue import rules
from govdesk.web import DeskForm

LONGEST = 300
PRIORITIES = ("none", *rules.PRIORITIES)
KINDS = ("number", "passport")


class ArrivalForm(DeskForm):
    """The reference of an appointment, typed, or what a reader typed of its code."""

    reference = StringField(
        "kiosk.reference",
        [InputRequired("kiosk.reference_missing"), Length(max=LONGEST, message="errors.too_long")],
        filters=[tidy],
    )


class TicketForm(DeskForm):
    """Who takes a ticket, if they care to say, and whether the law puts them first."""

    identity = StringField("kiosk.identity", [Length(max=LONGEST, message="errors.too_long")], filters=[tidy])
    kind = RadioField(
        "kiosk.kind",
        [AnyOf(KINDS, "errors.choose_known")],
        default="number",
        choices=[
            SelectChoice("number", "kiosk.kind_number"),
            SelectChoice("passport", "people.kind_passport"),
        ],
        validate_choice=False,
    )
    priority = RadioField(
        "kiosk.priority",
        [AnyOf(PRIORITIES, "errors.choose_known")],
        default="none",
        choices=[SelectChoice(name, f"queue.priority_{name}") for name in PRIORITIES],
        validate_choice=False,
    )
    scenario = RadioField("kiosk.scenario", coerce=row_id, default=0, validate_choice=False)
    identity_read: Identity | None = None

    def __init__(self, scenarios: Iterable[Scenario], **given: Any) -> None:
        super().__init__(**given)
        self.scenario.choices = [
            *(SelectChoice(one.id, named(one)) for one in scenarios if one.action not in AT_HOME),
            SelectChoice(0, "kiosk.scenario_none"),
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the identity number with the rules of `people`; what is wrong stands beside it."""
        is_valid = bool(super().validate(extra_validators))
        if self.identity.data and not self.identity.errors:
            try:
                is_passport = self.kind.data == "passport"
                self.identity_read = identify(self.identity.data, "passport" if is_passport else None)
            except DeskError as refusal:
                self.refuse(refusal)
                return False
        return is_valid
