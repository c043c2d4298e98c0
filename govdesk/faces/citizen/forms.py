"""What a citizen fills in."""

from collections.abc import Callable, Sequence
from typing import Any

from wtforms import RadioField, StringField
from wtforms.validators import InputRequired

from govdesk import i18n
from govdesk.booking.errors import SlotUnknownError
from govdesk.booking.slots import LARGEST_ID
from govdesk.config import settings
from govdesk.errors import DeskError
from govdesk.people.contact import clean_email, clean_name, clean_phone
from govdesk.people.identity import Identity, identify
from govdesk.people.service import UnknownPersonError
from govdesk.web import DeskForm

LONGEST_TYPED = 1000
_KNOWN = "errors.choose_known"


class TimeForm(DeskForm):
    """A time, chosen from those shown."""

    slot = StringField("citizen.time")
    slot_id: int

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the slot's number, which only a changed page would send otherwise than as shown."""
        is_valid = super().validate(extra_validators)
        return _read(self, self._read_slot) and is_valid

    def _read_slot(self) -> None:
        if not self.slot.data:
            raise DeskError("citizen.time_missing", field="slot", status=422)
        self.slot_id = slot_number(self.slot.data)


class DetailsForm(DeskForm):
    """Who comes, and how to reach them; `identity_read`, `phone_read` and so on hold what was read."""

    whom = RadioField("citizen.whom", default="self", invalid_choice_message=_KNOWN)
    name = StringField("citizen.name", [InputRequired("people.name_missing")])
    document = RadioField("citizen.document", default="number", invalid_choice_message=_KNOWN)
    identity = StringField("citizen.identity")
    phone = StringField("citizen.phone")
    email = StringField("citizen.email")
    language = RadioField("citizen.language", invalid_choice_message=_KNOWN)
    slot = StringField("citizen.time")

    name_read = ""
    identity_read: Identity | None = None
    phone_read: str | None = None
    email_read: str | None = None
    slot_id: int | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.whom.choices = _choices("self", "other", key="citizen.whom_")
        self.document.choices = _choices("number", "passport", key="citizen.document_")
        self.language.choices = list(i18n.LANGUAGES.items())
        if not self.language.data:
            self.language.data = i18n.language()

    def validate(self, extra_validators: Any = None) -> bool:
        """Read every field with the rules of `people`; each refusal stands beside its own field."""
        is_valid = super().validate(extra_validators)
        readers = (self._read_name, self._read_identity, self._read_phone, self._read_email, self._read_slot)
        read = [_read(self, reader) for reader in readers]
        return is_valid and all(read)

    def _read_name(self) -> None:
        if self.name.data and not self.name.errors:
            self.name_read = clean_name(self.name.data[:LONGEST_TYPED])

    def _read_identity(self) -> None:
        typed = (self.identity.data or "").strip()[:LONGEST_TYPED]
        if typed:
            self.identity_read = identify(typed, "passport" if self.document.data == "passport" else None)

    def _read_phone(self) -> None:
        if (self.phone.data or "").strip():
            self.phone_read = clean_phone(self.phone.data or "", settings().country)
        elif not (self.email.data or "").strip():
            raise UnknownPersonError("citizen.contact_missing", field="phone")

    def _read_email(self) -> None:
        if (self.email.data or "").strip():
            self.email_read = clean_email(self.email.data or "")

    def _read_slot(self) -> None:
        self.slot_id = slot_number(self.slot.data) if self.slot.data else None


def slot_number(text: str) -> int:
    """The number of a slot as sent; any digits. Raises SlotUnknownError for what cannot be one."""
    digits = i18n.latin_digits(text.strip())
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > len(str(LARGEST_ID)):
        raise SlotUnknownError(field="slot")
    return int(digits)


def _read(form: DeskForm, reader: Callable[[], None]) -> bool:
    try:
        reader()
    except DeskError as refusal:
        form.refuse(refusal)
        return False
    return True


def _choices(*values: str, key: str) -> Sequence[tuple[str, str]]:
    return [(value, f"{key}{value}") for value in values]
