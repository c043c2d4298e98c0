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
from govdesk.kpi.registry import MEASURES


def differences(session: Session) -> Iterator[str]:
    """Name each figure, with its breakdown, that the store tells otherwise than the rows; none without one.

    Both as of the moment that the store is true for, over all time, in every breakdown.
    """
    places = Places(session, settings().default_timezone)
    moment = standing.as_of(session, places)
    if moment is None:
        return
    asked = Question(moment.astimezone(places.default_zone), None, None, Scope(), places)
    for measure in MEASURES:
        if service.COUNTING[measure.key].tally not in KEPT:
            continue
        words = DIMENSIONS[measure.family]
        bys: list[By] = [(), *((word,) for word in words)]
        bys += [("week", word) for word in ("branch", "service") if word in words]
        wanted = [(measure.key, by) for by in bys]
        kept = service.figures(session, asked, wanted)
        counted = service.figures(session, asked, wanted, is_from_rows=True)
        for by, one, other in zip(bys, kept, counted, strict=True):
            if _written(one) != _written(other):
                yield " by ".join(filter(None, [measure.key, " and ".join(by)]))


def _written(figure: Figure) -> str:
    return json.dumps(figure.as_json(), sort_keys=True)
