"""What somebody wrote, without what would tell who they are or whom they mean: pure rules."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from govdesk.catalog.spelling import stems

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

MASK = "***"
_EMAIL = re.compile(r"[^\s@<>()،,;]+@[^\s@<>()،,;]+\.[^\s@<>()،,;]+")
_NUMBER = re.compile(r"\+?\d(?:[\s().\-\u2013/]{0,2}\d){6,}")  # of a phone, an identity: seven digits or more
_PASSPORT = re.compile(r"\b[A-Za-z]{1,2}\s?\d{6,9}\b")
_WORD = re.compile(r"[^\W\d_]+")
_JOINED = ("و", "ف", "ب", "ل", "ك")  # Arabic writes these together with the name that follows
_SHORTEST = 3
_NO_NAMES = stems(
    "head of department officer supervisor floor reception receptionist administrator admin auditor counter "
    "desk the staff employee manager رئيس رئيسة الإدارة إدارة مشرف مشرفة الصالة موظف موظفة الاستقبال "
    "استقبال مدير مديرة النظام مراجع مدقق مدققة نافذة شباك عبد بن بنت آل أبو أم"
)


def names_in(names: Iterable[str]) -> frozenset[str]:
    """Give the stems of people's names that are masked; words of their posts are not."""
    return frozenset(stem for name in names for stem in stems(name) if len(stem) >= _SHORTEST) - _NO_NAMES


def masked(text: str, names: AbstractSet[str] = frozenset()) -> str:
    """Give a text without addresses, numbers of phones and identities, and the names whose stems are given.

    Digits of any script and the usual spellings of Arabic letters are the same.
    """
    plain = "".join(_latin(character) for character in text)  # as long as the text: places stay
    spans = [match.span() for found in (_EMAIL, _PASSPORT, _NUMBER) for match in found.finditer(plain)]
    spans += [match.span() for match in _WORD.finditer(text) if _is_name(match.group(), names)]
    return _without(text, spans)


def _is_name(word: str, names: AbstractSet[str]) -> bool:
    if not names:
        return False
    forms = {word, *(word[1:] for joined in _JOINED if word.startswith(joined))}
    return any(stem in names for form in forms for stem in stems(form))


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    kept, last = [], 0
    for start, end in sorted(spans):
        if start >= last:
            kept += [text[last:start], MASK]
        last = max(last, end)
    return "".join([*kept, text[last:]])


def _latin(character: str) -> str:
    return str(unicodedata.decimal(character)) if character.isdecimal() else character
