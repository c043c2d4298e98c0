"""Words compared however people spell them: Arabic letters that vary, the article, case, plurals, digits."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

_ALIKE = str.maketrans("أإآٱىةؤئ", "اااايهوي")
_PREFIXES = ("وال", "بال", "كال", "فال", "لل", "ال")
_SHORTEST = 3  # letters; a number may be shorter
_LONG_ENOUGH = 4  # of a known word, to stand for a longer one that begins with it
_KEEP_THEIR_S = ("ss", "us", "is")
_HISSING = ("sses", "shes", "ches", "xes", "zes")


def stems(text: str) -> frozenset[str]:
    """Give the words of a text without case, marks, tatweel, article and plural; short ones are left out."""
    plain = unicodedata.normalize("NFKD", text.replace("ـ", "")).casefold()
    kept = "".join(_plain(character) for character in plain if unicodedata.category(character) != "Mn")
    words = (_singular(_without_article(word)) for word in kept.translate(_ALIKE).split())
    return frozenset(word for word in words if len(word) >= _SHORTEST or word.isdecimal())


def likeness(asked: AbstractSet[str], known: AbstractSet[str]) -> int:
    """Tell how well stems that are asked for are met by those known: two for a word, one for a beginning."""
    return sum(2 if word in known else _begins(word, known) for word in asked)


def _begins(word: str, known: AbstractSet[str]) -> int:
    if word.isdecimal():
        return 0
    return int(
        any(one.startswith(word) or (len(one) >= _LONG_ENOUGH and word.startswith(one)) for one in known)
    )


def _plain(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return character if character.isalnum() else " "


def _without_article(word: str) -> str:
    prefix = next((p for p in _PREFIXES if word.startswith(p) and len(word) - len(p) >= _SHORTEST), "")
    return word.removeprefix(prefix)


def _singular(word: str) -> str:
    if not word.isascii() or len(word) <= _SHORTEST or not word.endswith("s") or word.endswith(_KEEP_THEIR_S):
        return word
    if word.endswith("ies") and len(word) > len("ties"):
        return word.removesuffix("ies") + "y"
    return word.removesuffix("es" if word.endswith(_HISSING) else "s")
