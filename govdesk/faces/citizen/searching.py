"""Find a service by a person's own words, however they are spelled."""

import unicodedata
from collections.abc import Sequence

from govdesk.catalog.models import PublicService

LONGEST_QUESTION = 200
_ALIKE = str.maketrans("أإآٱىةؤئ", "اااايهوي")
_PREFIXES = ("وال", "بال", "كال", "فال", "لل", "ال")
_SHORTEST = 3


def search(services: Sequence[PublicService], question: str) -> list[PublicService]:
    """Return the services that have any of the words, those with most first; a name counts three times."""
    asked = _stems(question[:LONGEST_QUESTION])
    scores = {service.id: _score(service, asked) for service in services}
    found = [service for service in services if scores[service.id]]
    return sorted(found, key=lambda service: -scores[service.id])


def _score(service: PublicService, asked: set[str]) -> int:
    name = _stems(f"{service.name_ar} {service.name_en}")
    about = _stems(f"{service.description_ar} {service.description_en}")
    return sum(3 * _is_in(word, name) + _is_in(word, about) for word in asked)


def _is_in(word: str, words: set[str]) -> bool:
    return any(known.startswith(word) or word.startswith(known) for known in words)


def _stems(text: str) -> set[str]:
    """Words without case, marks, the Arabic article, and spelling that varies; short ones are left out."""
    plain = unicodedata.normalize("NFKD", text.replace("ـ", "")).casefold()
    kept = (character for character in plain if unicodedata.category(character) != "Mn")
    letters = "".join(character if character.isalnum() else " " for character in kept)
    words = (_bare(word) for word in letters.translate(_ALIKE).split())
    return {word for word in words if len(word) >= _SHORTEST}


def _bare(word: str) -> str:
    prefix = next((p for p in _PREFIXES if word.startswith(p) and len(word) - len(p) >= _SHORTEST), "")
    return word.removeprefix(prefix)
