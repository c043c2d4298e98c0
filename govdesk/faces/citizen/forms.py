"""What a citizen fills in."""

import functools
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length

from govdesk import i18n
from govdesk.booking.errors import SlotUnknownError
from govdesk.booking.slots import LARGEST_ID
from govdesk.booking.visit.together import LARGEST_VISIT
from govdesk.catalog.models import PublicService
from govdesk.catalog.objects import LONGEST as LONGEST_OBJECT
from govdesk.config import settings
from govdesk.errors import DeskError
from govdesk.faces import priorities
from govdesk.people.contact import clean_email, clean_name, clean_phone, masked_email, masked_phone
from govdesk.people.identity import Identity, identify
from govdesk.people.service import UnknownPersonError
from govdesk.web import DeskForm

LONGEST_TYPED = 1000
LONGEST_ADDRESS, LONGEST_CODE = 300, 30
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
    priority = RadioField(
        "citizen.priority", default="none", choices=priorities.choices_of_oneself,
        invalid_choice_message=_KNOWN,
    )  # fmt: skip
    home_address = StringField(
        "citizen.home_address", [Length(max=LONGEST_ADDRESS, message="errors.too_long")]
    )
    object_ref = StringField("linking.object_of", [Length(max=LONGEST_OBJECT, message="errors.too_long")])
    code = StringField("citizen.code", [Length(max=LONGEST_CODE, message="errors.too_long")])
    slot = StringField("citizen.time")

    is_proving = False  # a code was sent, and is asked for
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

    @property
    def contact_read(self) -> str | None:
        """The contact it is booked with: the phone number, else the e-mail address."""
        return self.phone_read or self.email_read

    @property
    def known_by(self) -> str:
        """The field beside which a refusal stands that concerns who books."""
        return "identity" if self.identity_read else "phone" if self.phone_read else "email"

    @property
    def contact_shown(self) -> str:
        """The same, masked, as its owner recognises it."""
        return masked(self.contact_read) if self.contact_read else ""

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


@dataclass(frozen=True, slots=True)
class Asked:
    """That a part of a visit says what it is about: its number, a vehicle or a property, which part it is."""

    number: int
    kind: str
    words: str = ""


def asked_of(parts: Iterable[tuple[PublicService, int]]) -> list[Asked]:
    """Of the services of a visit, each with its member, those that want to know what they are about."""
    told = list(parts)
    return [
        Asked(number, service.object_kind, part_words(service, member) if len(told) > 1 else "")
        for number, (service, member) in enumerate(told)
        if service.object_kind
    ]


def part_words(service: PublicService, member: int) -> str:
    """A part of a visit in words: the service, and for whom."""
    whom = i18n.t("citizen.visit_member", number=i18n.num(member)) if member else i18n.t("citizen.visit_you")
    return i18n.t("citizen.visit_part", service=i18n.named(service), whom=whom)


class VisitForm(DetailsForm):
    """Who comes to a visit of several people: `members_read` holds a name and an identity for each other.

    They have fields of their own, `name_1` and so on; who books is the one that is reached for all. What a
    part is about is asked in `object_0` and so on, by the number of the part.
    """

    def __init__(
        self, *args: Any, members: Collection[int], asked: Sequence[Asked] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.members = sorted(members)
        self.asked = asked
        numbers = {one.number for one in asked}
        for number in range(LARGEST_VISIT):
            if number not in numbers:
                del self[f"object_{number}"]
        self.members_read: dict[int, tuple[str, Identity | None]] = {}
        for member in range(1, LARGEST_VISIT):
            if member not in members:
                for part in ("name", "document", "identity"):
                    del self[f"{part}_{member}"]
            else:
                self[f"document_{member}"].choices = list(self.document.choices)

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the others too."""
        is_valid = super().validate(extra_validators)
        read = [_read(self, functools.partial(self._read_member, member)) for member in self.members]
        return is_valid and all(read)

    @property
    def objects(self) -> dict[int, str]:
        """What the parts are about, by their numbers."""
        typed = {one.number: self[f"object_{one.number}"].data or "" for one in self.asked}
        return {number: text for number, text in typed.items() if text.strip()}

    def _read_member(self, member: int) -> None:
        name, typed = self[f"name_{member}"], (self[f"identity_{member}"].data or "").strip()[:LONGEST_TYPED]
        if name.errors:
            return
        cleaned = clean_name(name.data[:LONGEST_TYPED], field=name.name)
        is_passport = self[f"document_{member}"].data == "passport"
        field = f"identity_{member}"
        identity = identify(typed, "passport" if is_passport else None, field=field) if typed else None
        self.members_read[member] = cleaned, identity


for _member in range(1, LARGEST_VISIT):
    setattr(VisitForm, f"name_{_member}", StringField("citizen.name", [InputRequired("people.name_missing")]))
    setattr(
        VisitForm,
        f"document_{_member}",
        RadioField("citizen.document", default="number", invalid_choice_message=_KNOWN),
    )
    setattr(VisitForm, f"identity_{_member}", StringField("citizen.identity"))
for _number in range(LARGEST_VISIT):
    setattr(
        VisitForm,
        f"object_{_number}",
        StringField("linking.object_of", [Length(max=LONGEST_OBJECT, message="errors.too_long")]),
    )


class CompanionForm(DetailsForm):
    """One more of a visit: only a time for the same person; for another of the family who that is."""

    def __init__(self, *args: Any, is_other: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_other = is_other
        if not is_other:
            self.name.validators = []
            self.name.flags.required = False

    def _read_identity(self) -> None:
        if self.is_other:
            super()._read_identity()

    def _read_phone(self) -> None:
        if self.is_other:
            super()._read_phone()

    def _read_slot(self) -> None:
        if not self.slot.data:
            raise DeskError("citizen.time_missing", field="slot", status=422)
        super()._read_slot()


class LostLinkForm(DeskForm):
    """What somebody still has: the reference, and the phone number or address of the booking."""

    reference = StringField(
        "citizen.reference",
        [InputRequired("citizen.reference_missing"), Length(max=LONGEST_CODE, message="errors.too_long")],
    )
    contact = StringField(
        "citizen.contact",
        [InputRequired("citizen.contact_missing"), Length(max=LONGEST_TYPED, message="errors.too_long")],
    )
    contact_read = ""

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the contact as a phone number, or with an @ as an e-mail address."""
        is_valid = super().validate(extra_validators)
        return is_valid and _read(self, self._read_contact)

    def _read_contact(self) -> None:
        typed = self.contact.data or ""
        if "@" in typed:
            self.contact_read = clean_email(typed, field="contact")
        else:
            self.contact_read = clean_phone(typed, settings().country, field="contact")


def masked(contact: str) -> str:
    """A phone number or an address as its owner recognises it and nobody else."""
    return masked_email(contact) if "@" in contact else masked_phone(contact, settings().country)


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
