"""Compare the figures of the store of facts with the same figures counted from the rows."""

import json
from collections.abc import Iterator

from sqlalchemy.orm import Session

from govdesk.config import settings
from govdesk.kpi import service
from govdesk.kpi.facts import standing
from govdesk.kpi.facts.families import KEPT
from govdesk.kpi.figures import Figure
from govdesk.kpi.groups import DIMENSIONS, By
from govdesk.kpi.question import Places, Question, Scope
from govdesk.kpi.registry import MEASURES, Measure


def differences(session: Session) -> Iterator[str]:
    """Name each figure, with its breakdown, that the store tells otherwise than the rows; none without one.

    Both as of the moment that the store is true for, over all time, in every breakdown, as a reader reads it.
    """
    places = Places(session, settings().default_timezone)
    moment = standing.as_of(session, places)
    if moment is None:
        return
    asked = Question(moment.astimezone(places.default_zone), None, None, Scope(is_of_reader=True), places)
    for tally in KEPT:
        wanted = [
            (measure.key, by)
            for measure in MEASURES
            if service.COUNTING[measure.key].tally == tally
            for by in _breakdowns(measure)
        ]
        kept = service.figures(session, asked, wanted)
        counted = service.figures(session, asked, wanted, is_from_rows=True)
        for (key, by), one, other in zip(wanted, kept, counted, strict=True):
            if _written(one) != _written(other):
                yield " by ".join(filter(None, [key, " and ".join(by)]))


def _breakdowns(measure: Measure) -> list[By]:
    words = DIMENSIONS[measure.family]
    found: list[By] = [(), *((word,) for word in words)]
    return found + [("week", word) for word in ("branch", "service") if word in words]


def _written(figure: Figure) -> str:
    return json.dumps(figure.as_json(), sort_keys=True)
