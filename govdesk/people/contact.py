"""Names, phone numbers and e-mail addresses: cleaned, checked, and masked for display."""

import re
import unicodedata

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

from govdesk.errors import DeskError

LONGEST_NAME = 120
LONGEST_EMAIL = 254
_LONGEST_LOCAL_PART = 64
_LONGEST_TYPED = 1000
_SHOWN_AT_START, _SHOWN_AT_END = 2, 2
_FIRST_GROUP, _NEXT_GROUPS = 4, 3
_DOT = "\N{BULLET}"

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?:[A-Za-z]{{2,63}}|[Xx][Nn]--[A-Za-z0-9-]{{2,59}})")
_NAME_MARKS = frozenset("'\u2019\u2018`\u00b4-\u2010\u2011.,\u060c()/\u00b7")
_JOINERS = "\u200c\u200d"


class ContactError(DeskError):
    """A name, phone number or e-mail address that cannot be used; the key says why."""

    key = "people.contact_invalid"
    status = 422


def clean_phone(text: str, region: str, *, field: str = "phone") -> str:
    """Read a phone number as typed and return it as E.164, such as +966501234567.

    `region` (ISO 3166, such as "SA") is the country of a number written without its country code.
    Arabic-Indic and Persian digits, spaces, dashes and brackets are welcome. Raises ContactError.
    """
    typed = _without_hidden(unicodedata.normalize("NFKC", text[:_LONGEST_TYPED]))
    if not typed:
        raise ContactError("people.phone_missing", field=field)
    if any(character.isalpha() for character in typed):
        raise ContactError("people.phone_letter", field=field)
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException as problem:
        raise ContactError(_unread(problem.error_type), field=field) from problem
    if not phonenumbers.is_valid_number(number):
        raise ContactError(_implausible(number), field=field)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def clean_email(text: str, *, field: str = "email") -> str:
    """Read an e-mail address and return it, its domain in small letters, the part before @ as typed.

    Only what nearly every mail server accepts: RFC 5321 lengths, no quoted forms, a domain with a dot.
    Raises ContactError.
    """
    typed = _without_hidden(unicodedata.normalize("NFKC", text[:_LONGEST_TYPED]))
    if not typed:
        raise ContactError("people.email_missing", field=field)
    if len(typed) > LONGEST_EMAIL:
        raise ContactError("people.email_long", field=field, longest=LONGEST_EMAIL)
    if any(character.isalpha() and not character.isascii() for character in typed):
        raise ContactError("people.email_letter", field=field)
    local, at, domain = _latin(typed).rpartition("@")
    if not at:
        raise ContactError("people.email_at", field=field)
    if len(local) > _LONGEST_LOCAL_PART or not _LOCAL_PART.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise ContactError("people.email_invalid", field=field)
    return f"{local}@{domain.lower()}"


def clean_name(text: str, *, field: str = "name") -> str:
    """Return a name in NFC, trimmed, single-spaced, without control characters and direction overrides.

    Letters of every script, their marks, digits and ' - . , ( ) / are kept. Emoji and other symbols are
    refused rather than dropped: a name is called out and compared with a document, so its owner decides.
    Raises ContactError: missing, longer than 120 characters, a symbol in it, or fewer than two letters.
    """
    name = _without_hidden(unicodedata.normalize("NFC", text), keep=_JOINERS)
    name = " ".join(word for word in (word.strip(_JOINERS) for word in name.split()) if word)
    if not name:
        raise ContactError("people.name_missing", field=field)
    if len(name) > LONGEST_NAME:
        raise ContactError("people.name_long", field=field, typed=len(name), longest=LONGEST_NAME)
    strange = next((character for character in name if not _belongs_in_a_name(character)), None)
    has_letters = sum(character.isalpha() for character in name) > 1
    if strange is not None and has_letters:
        raise ContactError("people.name_symbol", field=field, symbol=strange)
    if not has_letters:
        raise ContactError("people.name_letters", field=field)
    return name


def masked_name(name: str) -> str:
    """Return N••• A•••: what is enough to find a person on a list that others may see."""
    return " ".join(f"{word[:1]}{_DOT * 3}" for word in name.split())


def shown_phone(e164: str, region: str) -> str:
    """Return a number as it is dialled: 050 123 4512 at home, +44 7400 123456 from abroad."""
    number = phonenumbers.parse(e164, None)
    is_home = number.country_code == phonenumbers.country_code_for_region(region)
    form = PhoneNumberFormat.NATIONAL if is_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)


def masked_phone(e164: str, region: str) -> str:
    """Return what its owner recognises of a number: 05•• ••• •12 at home, +44 •••• ••• •56 from abroad."""
    number = phonenumbers.parse(e164, None)
    if number.country_code != phonenumbers.country_code_for_region(region):
        digits = phonenumbers.national_significant_number(number)
        return f"+{number.country_code} {_grouped(_dotted(digits, shown_at_start=0))}"
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    digits = "".join(character for character in national if character.isdecimal())
    return _grouped(_dotted(digits, shown_at_start=_SHOWN_AT_START))


def masked_email(address: str) -> str:
    """Return a•••@x.sa: the first character and the domain, and never how long the rest is."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}{_DOT * 3}@{domain}"


def _without_hidden(text: str, *, keep: str = "") -> str:
    """Trimmed text, breaks and tabs as spaces, without control, format, override and variation characters."""
    spaced = "".join(" " if character.isspace() else character for character in text)
    return "".join(c for c in spaced if c in keep or not _is_hidden(c)).strip()


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf"} or "\ufe00" <= character <= "\ufe0f"


def _latin(text: str) -> str:
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def _belongs_in_a_name(character: str) -> bool:
    if character in _JOINERS or character == " " or character in _NAME_MARKS:
        return True
    category = unicodedata.category(character)
    return category[0] == "L" or category in {"Mn", "Mc", "Nd"}


def _unread(error_type: int) -> str:
    too_short = (
        phonenumbers.NumberParseException.TOO_SHORT_NSN,
        phonenumbers.NumberParseException.TOO_SHORT_AFTER_IDD,
    )
    if error_type in too_short:
        return "people.phone_short"
    if error_type == phonenumbers.NumberParseException.TOO_LONG:
        return "people.phone_long"
    if error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
        return "people.phone_country"
    return "people.phone_invalid"


def _implausible(number: phonenumbers.PhoneNumber) -> str:
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason == ValidationResult.TOO_SHORT:
        return "people.phone_short"
    return "people.phone_long" if reason == ValidationResult.TOO_LONG else "people.phone_invalid"


def _dotted(digits: str, *, shown_at_start: int) -> str:
    hidden = max(len(digits) - shown_at_start - _SHOWN_AT_END, 0)
    return digits[:shown_at_start] + _DOT * hidden + digits[len(digits) - _SHOWN_AT_END :]


def _grouped(text: str) -> str:
    rest = text[_FIRST_GROUP:]
    groups = [text[:_FIRST_GROUP], *(rest[i : i + _NEXT_GROUPS] for i in range(0, len(rest), _NEXT_GROUPS))]
    return " ".join(groups)
