"""The code of a service in a classification that agencies share, such as a national service catalogue."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LONGEST = 40
_VOCABULARY = re.compile(r"[a-z][a-z0-9.-]{0,39}", re.ASCII)
_CODE = re.compile(r"[A-Z0-9][A-Z0-9._/-]{0,39}", re.ASCII)


class CommonCodeError(ValueError):
    """A code that cannot be one; `field` is the part that is wrong: vocabulary or code."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True, slots=True)
class CommonCode:
    """What a service is in a shared classification; both parts empty: in none."""

    vocabulary: str
    code: str

    @property
    def written(self) -> str:
        """Both parts as one word, vocabulary:code, as it is published; empty for none."""
        return f"{self.vocabulary}:{self.code}" if self.code else ""


NO_CODE = CommonCode("", "")


def common_code(vocabulary: str, code: str) -> CommonCode:
    """Write a code the one way in which agencies compare it; NO_CODE where both parts are empty.

    Small letters in the name of the vocabulary, capital ones in the code, Latin digits, no spaces at the
    ends. Raises CommonCodeError.
    """
    name, own = _plain(vocabulary).lower(), _plain(code).upper()
    if not name and not own:
        return NO_CODE
    if not _VOCABULARY.fullmatch(name):
        raise CommonCodeError("vocabulary")
    if not _CODE.fullmatch(own):
        raise CommonCodeError("code")
    return CommonCode(name, own)


def is_written(text: object) -> bool:
    """Whether a text is vocabulary:code as this module writes it."""
    if not isinstance(text, str):
        return False
    vocabulary, _, code = text.partition(":")
    return bool(_VOCABULARY.fullmatch(vocabulary) and _CODE.fullmatch(code))


def _plain(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text).strip()
    return "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in normal)
