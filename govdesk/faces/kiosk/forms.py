"""What a person types or touches at the kiosk."""

from collections.abc import Iterable
from typing import Any

from wtforms import RadioField, SelectChoice, StringField
from wtforms.validators import AnyOf, InputRequired, Length
from wtforms.widgets import HiddenInput

from govdesk.catalog.guide import AT_HOME
from govdesk.catalog.objects import LONGEST as LONGEST_OBJECT
from govdesk.catalog.scenario_models import Scenario
from govdesk.config import settings
from govdesk.errors import DeskError
from govdesk.faces import priorities
from govdesk.faces.fields import row_id, tidy
from govdesk.i18n import named
from govdesk.people.contact import clean_phone
from govdesk.people.identity import Identity, identify
from govdesk.web import DeskForm

LONGEST = 300
KINDS = ("number", "passport")


def phone_field(missing: str | None) -> StringField:
    """Return a field for a phone number, which may stay empty unless a sentence for that is given."""
    first = [InputRequired(missing)] if missing else []
    length = Length(max=LONGEST, message="errors.too_long")
    return StringField("kiosk.phone", [*first, length], filters=[tidy])


class ArrivalForm(DeskForm):
    """A reference, what a reader typed of its code, a phone or an identity number."""

    reference = StringField(
        "kiosk.reference",
        [InputRequired("kiosk.reference_missing"), Length(max=LONGEST, message="errors.too_long")],
        filters=[tidy],
    )


class IdentityForm(DeskForm):
    """Who stands here, if they care to say."""

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
    identity_read: Identity | None = None

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


class TicketForm(IdentityForm):
    """Who takes a ticket, why, and whether the law puts them first."""

    priority = RadioField(
        "kiosk.priority",
        default="none",
        choices=priorities.choices_of_oneself,
        invalid_choice_message="errors.choose_known",
    )
    scenario = RadioField("kiosk.scenario", coerce=row_id, default=0, validate_choice=False)
    object_ref = StringField(
        "linking.object_of", [Length(max=LONGEST_OBJECT, message="errors.too_long")], filters=[tidy]
    )

    def __init__(self, scenarios: Iterable[Scenario], **given: Any) -> None:
        super().__init__(**given)
        self.scenario.choices = [
            *(SelectChoice(one.id, named(one)) for one in scenarios if one.action not in AT_HOME),
            SelectChoice(0, "kiosk.scenario_none"),
        ]


class PhoneForm(DeskForm):
    """Where a message goes."""

    phone = phone_field("kiosk.phone_missing")


class AwayForm(IdentityForm):
    """Somebody who goes home; what was typed of them before goes along unseen."""

    identity = StringField(
        "kiosk.identity",
        [Length(max=LONGEST, message="errors.too_long")],
        filters=[tidy],
        widget=HiddenInput(),
    )
    kind = StringField("kiosk.kind", default="number", widget=HiddenInput())

    def validate(self, extra_validators: Any = None) -> bool:
        """Go on without who they are where it cannot be read: they may go home all the same."""
        if not super().validate(extra_validators):
            self.identity.errors = []
        return not self.errors


class CallBackForm(AwayForm):
    """The number at which somebody wants to be called."""

    phone = phone_field("kiosk.phone_missing")


class PlaceForm(IdentityForm):
    """Who comes at another time: by identity number, by phone, or both."""

    phone = phone_field(None)
    phone_read: str | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        """Want one of the two, and read both."""
        is_valid = super().validate(extra_validators)
        if not self.identity.data and not self.phone.data:
            self.refuse(DeskError("kiosk.who_missing", field="phone", status=422))
            return False
        if self.phone.data and not self.phone.errors:
            try:
                self.phone_read = clean_phone(self.phone.data, settings().country)
            except DeskError as refusal:
                self.refuse(refusal)
                return False
        return is_valid
