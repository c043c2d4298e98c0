"""Find a service by a person's own words, however they are spelled."""

from collections.abc import Sequence

from govdesk.catalog.models import PublicService
from govdesk.catalog.spelling import likeness, stems

LONGEST_QUESTION = 200


def search(services: Sequence[PublicService], question: str) -> list[PublicService]:
    """Return the services that have any of the words, those with most first; a name counts three times."""
    asked = stems(question[:LONGEST_QUESTION])
    scores = {service.id: _score(service, asked) for service in services}
    found = [service for service in services if scores[service.id]]
    return sorted(found, key=lambda service: -scores[service.id])


def _score(service: PublicService, asked: frozenset[str]) -> int:
    name = stems(f"{service.name_ar} {service.name_en}")
    about = stems(f"{service.description_ar} {service.description_en}")
    return 3 * likeness(asked, name) + likeness(asked, about)
