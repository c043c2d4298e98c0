"""What a matter is about: a vehicle, a property, an application; written one way to be compared."""

from __future__ import annotations

import unicodedata

KINDS = ("vehicle", "property", "application", "other")
LONGEST = 60
_ALIKE = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ـ": None}
)
# The letters of number plates stand in pairs, Arabic over Latin (GCC plates of Saudi Arabia).
_PLATE = {
    "a": "ا", "b": "ب", "j": "ح", "d": "د", "r": "ر", "s": "س", "x": "ص", "t": "ط", "e": "ع", "g": "ق",
    "k": "ك", "l": "ل", "z": "م", "n": "ن", "h": "ه", "u": "و", "v": "ي",
}  # fmt: skip
_MOST_LETTERS, _MOST_DIGITS = 3, 4
_DASH = "-"


def plain(text: str | None, kind: str | None = None) -> str:
    """Write a reference one way: Latin digits, no spaces and marks, letters that vary made one.

    A dash or a stroke between two parts stays, as one kind of dash. Of a vehicle the Latin letters of a plate
    give the Arabic ones, which are read the other way round, and digits stand first: «أ ب ح ١٢٣٤»,
    «ا ب ح 1234» and “1234 JBA” are one vehicle.
    """
    typed = unicodedata.normalize("NFKD", (text or "").translate(_ALIKE)).casefold().translate(_ALIKE)
    kept = "".join(_character(character) for character in typed)
    parts = [part for part in kept.split(_DASH) if part]
    if kind == "vehicle":
        return _plate("".join(parts)[:LONGEST])
    return _DASH.join(parts)[:LONGEST].removesuffix(_DASH)


def _character(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if character == "/" or unicodedata.category(character) == "Pd":
        return _DASH
    return character if character.isalnum() else ""


def _plate(kept: str) -> str:
    digits = "".join(character for character in kept if character.isdecimal())
    letters = "".join(character for character in kept if not character.isdecimal())
    is_plate = 0 < len(letters) <= _MOST_LETTERS and 0 < len(digits) <= _MOST_DIGITS
    if not is_plate or kept not in {digits + letters, letters + digits}:
        return kept  # a chassis number
    if all(letter in _PLATE for letter in letters):
        letters = "".join(_PLATE[letter] for letter in reversed(letters))
    return digits + letters
