"""Names compared as people write them: letters that vary, particles, and Arabic against Latin letters.

For suggestions that somebody looks at, never for a decision: consonants are compared, so that محمد, Mohammed
and Muhammad are one, and so now and then are two people.
"""

from __future__ import annotations

import unicodedata

_ALIKE = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ؤ": "و", "ئ": "ي", "ـ": None})
_PARTICLES = frozenset({"بن", "ابن", "بنت", "ال", "bin", "ben", "ibn", "bint", "al", "el"})
_JOINED = frozenset(
    {"عبد", "ابو", "ام", "abd", "abdul", "abdel", "abu", "abo", "umm"}
)  # one name with the next
_ARTICLE, _SHORTEST = "ال", 3
_ARABIC = str.maketrans(
    {
        "ا": "", "و": "", "ي": "", "ع": "", "ء": "", "ة": "", "ب": "b", "ت": "t", "ث": "t", "ج": "j",
        "ح": "h", "خ": "k", "د": "d", "ذ": "d", "ر": "r", "ز": "z", "س": "s", "ش": "s", "ص": "s", "ض": "d",
        "ط": "t", "ظ": "z", "غ": "g", "ف": "f", "ق": "k", "ك": "k", "ل": "l", "م": "m", "ن": "n", "ه": "h",
    }
)  # fmt: skip
_PAIRS = (("kh", "k"), ("gh", "g"), ("sh", "s"), ("th", "t"), ("dh", "d"), ("ch", "k"), ("ph", "f"))
_LATIN = str.maketrans({**dict.fromkeys("aeiouyw'", ""), "q": "k", "c": "k", "v": "f", "p": "b", "x": "k"})
_LONG_ENOUGH = 4  # consonants of a name in which one may differ


def sounds(name: str) -> tuple[str, ...]:
    """The consonants of each part of a name, without particles, articles and marks."""
    return tuple(filter(None, (_consonants(word) for word in _words(name))))


def are_alike(one: str, other: str) -> bool:
    """Whether two names may be one person's: the first parts alike, and nothing said that contradicts.

    A part that only one of them names, such as the father's, contradicts nothing.
    """
    here, there = sounds(one), sounds(other)
    if not here or not there or not _is_near(here[0], there[0]):
        return False
    short, long = sorted((here[1:], there[1:]), key=len)
    return all(any(_is_near(part, known) for known in long) for part in short)


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name.translate(_ALIKE)).casefold()
    kept = "".join(c if c.isalpha() else " " for c in plain if unicodedata.category(c) != "Mn")
    words: list[str] = []
    joins = ""
    for word in kept.split():
        if word in _JOINED:
            joins += word
        elif joins:
            words.append(joins + word.removeprefix(_ARTICLE))
            joins = ""
        elif word not in _PARTICLES:
            is_article = word.startswith(_ARTICLE) and len(word) - len(_ARTICLE) >= _SHORTEST
            words.append(word.removeprefix(_ARTICLE) if is_article else word)
    return [*words, joins] if joins else words


def _consonants(word: str) -> str:
    """عبدالله and Abdullah are bd: the article inside a name is heard, or not."""
    if word.startswith("عبدال"):
        word = "عبد" + word.removeprefix("عبدال")
    for spelled in ("abdul", "abdel", "abdal"):
        if word.startswith(spelled):
            word = "abd" + word.removeprefix(spelled)
    for pair, letter in _PAIRS:
        word = word.replace(pair, letter)
    said = word.translate(_ARABIC).translate(_LATIN)
    heard = "".join(letter for place, letter in enumerate(said) if said[place - 1 : place] != letter)
    return heard.removesuffix("h") or heard


def _is_near(one: str, other: str) -> bool:
    """Equal, or long enough and one letter apart."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) < _LONG_ENOUGH or len(long) - len(short) > 1:
        return False
    first = next((place for place, letter in enumerate(short) if letter != long[place]), len(short))
    same_length = len(short) == len(long)
    return short[first + same_length :] == long[first + 1 :]
