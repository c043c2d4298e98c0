"""Identity numbers: read as people type them, checked, and turned into a keyed pseudonym."""

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass, field
from typing import Literal

from govdesk.errors import DeskError

IdentityKind = Literal["national", "residence", "passport"]
PersonKind = Literal["citizen", "resident", "visitor"]

PERSON_KINDS: dict[IdentityKind, PersonKind] = {
    "national": "citizen",
    "residence": "resident",
    "passport": "visitor",
}
_FIRST_DIGITS: dict[IdentityKind, str] = {"national": "1", "residence": "2"}
_KIND_OF_FIRST_DIGIT: dict[str, IdentityKind] = {"1": "national", "2": "residence"}
_DIGITS = 10
_PASSPORT_SHORTEST, _PASSPORT_LONGEST = 6, 12
_SLIPPED_LETTERS = 2
_HINT = 3


class IdentityError(DeskError):
    """What was typed is not an identity number; the key says what is wrong with it."""

    key = "people.identity_invalid"
    status = 422


@dataclass(frozen=True, slots=True)
class Identity:
    """A checked identity number. Its repr leaves the number out, so that no log line holds it."""

    kind: IdentityKind
    number: str = field(repr=False)

    @property
    def person_kind(self) -> PersonKind:
        """Who carries such a number: citizen, resident or visitor."""
        return PERSON_KINDS[self.kind]

    @property
    def hint(self) -> str:
        """The last three characters, enough for a person to recognise their own number."""
        return self.number[-_HINT:]


def identify(text: str, kind: IdentityKind | None = None, *, field: str = "identity") -> Identity:
    """Read an identity number as typed: any digits, spaces, dashes, invisible direction marks.

    `kind` is what the form was told. Without it the first digit decides, and digits alone are never taken
    for a passport: one digit too few must not make a visitor of a citizen. A passport that is in fact a
    valid national or residence number counts as that number, so that one person keeps one pseudonym.
    Raises IdentityError with the given `field`.
    """
    compact = _compact(text)
    if not compact:
        raise IdentityError("people.identity_missing", field=field)
    if kind == "passport":
        return _number_or_none(compact) or _passport(compact, field)
    if kind is None and not compact.isdecimal() and not _is_slip_of_a_number(compact):
        return _passport(compact, field)
    return _numbered(compact, kind, field)


def pseudonym(identity: Identity, key: bytes) -> str:
    """Return the stable keyed name of a person: HMAC-SHA256 (RFC 2104) over "kind:number", 64 hex digits."""
    return _keyed(f"{identity.kind}:{identity.number}", key)


def pseudonym_of_reference(text: str, key: bytes) -> str:
    """Return the keyed name behind an imported beneficiary code.

    A code that is a valid national or residence number gives that person's own pseudonym, however it is
    written; any other text is taken letter by letter after trimming, and "NA" is a text like any other.
    """
    known = _number_or_none(_compact(text))
    if known is not None:
        return pseudonym(known, key)
    reference = unicodedata.normalize("NFC", text).strip()
    if not reference:
        raise IdentityError("people.identity_missing", field="beneficiary")
    return _keyed(f"reference:{reference}", key)


def check_digit(nine_digits: str) -> str:
    """Return the tenth digit of a national or residence number.

    The Luhn sum (ISO/IEC 7812-1 annex B): of the nine digits the first, third, … ninth are doubled.
    """
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(nine_digits))
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)  # noqa: PLR2004


def sample_identity(seed: int, kind: IdentityKind) -> Identity:
    """Return a made-up valid identity for demonstrations: other seeds below ten million give other numbers.

    Numbers begin with 19 or 29, so that they are unlikely to be a real person's.
    """
    scattered = f"{(seed * 4_827_137 + 1_730_659) % 10_000_000:07d}"
    if kind == "passport":
        return Identity(kind, f"K{scattered}")
    nine = f"{_FIRST_DIGITS[kind]}9{scattered}"
    return Identity(kind, nine + check_digit(nine))


def _compact(text: str) -> str:
    """Latin digits and capital letters without spaces, dashes and invisible marks."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(_plain_character(character) for character in plain if not _is_padding(character)).upper()


def _plain_character(character: str) -> str:
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def _is_padding(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] == "Z" or category in {"Cc", "Cf", "Pd"} or character == "\u2212"


def _is_slip_of_a_number(compact: str) -> bool:
    """Ten characters, begun like a number, with a letter or two in it: 1O2345… is no passport."""
    letters = sum(not c.isdecimal() for c in compact)
    return len(compact) == _DIGITS and compact[0] in _KIND_OF_FIRST_DIGIT and letters <= _SLIPPED_LETTERS


def _numbered(compact: str, kind: IdentityKind | None, field: str) -> Identity:
    if not compact.isdecimal():
        wrong = next(c for c in compact if not c.isdecimal())
        raise IdentityError("people.identity_letter", field=field, character=wrong)
    if len(compact) != _DIGITS:
        raise IdentityError("people.identity_length", field=field, typed=len(compact))
    found = _KIND_OF_FIRST_DIGIT.get(compact[0])
    if found is None or kind not in (None, found):
        key = f"people.identity_prefix_{kind}" if kind else "people.identity_prefix"
        raise IdentityError(key, field=field)
    if check_digit(compact[:-1]) != compact[-1]:
        raise IdentityError("people.identity_check_digit", field=field)
    return Identity(found, compact)


def _number_or_none(compact: str) -> Identity | None:
    if not compact:
        return None
    try:
        return _numbered(compact, None, "identity")
    except IdentityError:
        return None


def _passport(compact: str, field: str) -> Identity:
    if not (compact.isascii() and compact.isalnum()):
        wrong = next(c for c in compact if not (c.isascii() and c.isalnum()))
        raise IdentityError("people.passport_character", field=field, character=wrong)
    if not _PASSPORT_SHORTEST <= len(compact) <= _PASSPORT_LONGEST:
        raise IdentityError(
            "people.passport_length",
            field=field,
            typed=len(compact),
            shortest=_PASSPORT_SHORTEST,
            longest=_PASSPORT_LONGEST,
        )
    if not any(c.isdecimal() for c in compact):
        raise IdentityError("people.passport_digit", field=field)
    return Identity("passport", compact)


def _keyed(text: str, key: bytes) -> str:
    if not key:
        message = "a pseudonym needs a key"
        raise ValueError(message)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
