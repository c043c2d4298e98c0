"""What people of the demo city come for, how it ends, and who has to come back."""

import datetime as dt
from dataclasses import dataclass, replace

from govdesk.catalog.models import Branch, PublicService
from govdesk.chance import Draw
from govdesk.people.models import Person

FAULTS = (  # cause, weight
    ("missing_document", 34),
    ("wrong_information", 20),
    ("not_ready", 15),
    ("system_down", 11),
    ("office_error", 8),
    ("citizen_side", 7),
    ("unclear_letter", 5),
)
PLANS = (("collect_document", 5), ("biometrics", 3), ("instalment", 1))
UNRESOLVED, TURNED_AWAY, PLANNED, HIDDEN = 0.085, 0.02, 0.09, 0.035  # shares of first visits
BRANCH_FACTOR = {"rawdah": 1.25, "harbour": 0.75, "nakheel": 1.0}
NEW_PAPER = (
    "rawdah",
    "vehicle-transfer",
)  # since it was asked for and not put on the list, people are sent back
NEW_PAPER_SINCE = dt.timedelta(days=55)
OLD_SYSTEM = "nakheel"  # until it was mended, its records stood still every morning
OLD_SYSTEM_ENDED = dt.timedelta(days=60)
COMES_BACK = 0.82


@dataclass(frozen=True, slots=True)
class Errand:
    """One need: whose, which service, and on a return the reason."""

    service: PublicService
    person: Person | None
    language: str
    priority: str = "none"
    reason: str | None = None
    object_ref: str | None = None
    today: dt.date | None = None  # the city's present day, from which the story of the new paper is told


@dataclass(frozen=True, slots=True)
class Ending:
    """How a service ends, and when the person is back."""

    outcome: str
    cause: str | None = None
    plan_reason: str | None = None
    plan_due: dt.date | None = None
    back_on: dt.date | None = None
    errand: Errand | None = None


def draw_ending(draw: Draw, errand: Errand, *, branch: Branch, today: dt.date) -> Ending:
    """Draw how a visit ends: most needs are met; a fault sends people back, and a later visit ends better."""
    factor = BRANCH_FACTOR.get(branch.code, 1.0) * (0.6 if errand.reason else 1.0)
    luck = draw.random()
    told = _story(errand, branch, today, luck)
    if told is not None:
        return _failed(draw, errand, "unresolved", told, today)
    if luck < UNRESOLVED * factor:
        return _failed(draw, errand, "unresolved", _fault(draw), today)
    luck -= UNRESOLVED * factor
    if luck < TURNED_AWAY:
        return _failed(draw, errand, "turned_away", draw.choice(("missing_document", "system_down")), today)
    luck -= TURNED_AWAY
    if luck < HIDDEN * factor:  # seems resolved, is not: the person finds out at home
        back = today + dt.timedelta(days=draw.randint(2, 24))
        return Ending("resolved", back_on=back, errand=replace(errand, reason=_fault(draw)))
    luck -= HIDDEN * factor
    if luck < PLANNED and errand.person is not None:
        reason = draw.choices([code for code, _ in PLANS], [weight for _, weight in PLANS])[0]
        due = today + dt.timedelta(days=draw.randint(3, 12))
        back = due + dt.timedelta(days=draw.choice((0, 0, 1, 2, 4)))
        return Ending(
            "planned_next_step",
            plan_reason=reason,
            plan_due=due,
            back_on=back,
            errand=replace(errand, reason=None),
        )
    return Ending("resolved")


def _story(errand: Errand, branch: Branch, today: dt.date, luck: float) -> str | None:
    """The cause that a story of the city gives, if one sends this person back on a first visit."""
    present = errand.today or today
    if errand.reason:
        return None
    is_new_paper = (branch.code, errand.service.code) == NEW_PAPER and today > present - NEW_PAPER_SINCE
    if is_new_paper and luck < 0.24:  # noqa: PLR2004 - the share sent back for it
        return "missing_document"
    is_old_system = branch.code == OLD_SYSTEM and today < present - OLD_SYSTEM_ENDED
    return "system_down" if is_old_system and luck > 0.78 else None  # noqa: PLR2004 - the same


def _failed(draw: Draw, errand: Errand, outcome: str, cause: str, today: dt.date) -> Ending:
    if draw.random() > COMES_BACK:
        return Ending(outcome, cause=cause)
    back = today + dt.timedelta(days=min(29, 1 + int(draw.expovariate(1 / 6))))
    return Ending(outcome, cause=cause, back_on=back, errand=replace(errand, reason=cause))


def _fault(draw: Draw) -> str:
    return draw.choices([code for code, _ in FAULTS], [weight for _, weight in FAULTS])[0]
