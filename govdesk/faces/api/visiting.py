"""What a program wants of an appointment beside its time: a reason, a language, a way; or a whole visit."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.booking import chains
from govdesk.booking import service as booking
from govdesk.booking.errors import Place, SlotUnknownError
from govdesk.booking.models import Appointment, Slot
from govdesk.booking.slots import LARGEST_ID
from govdesk.booking.visit import courses
from govdesk.booking.visit import service as visits
from govdesk.booking.visit.fitting import Part
from govdesk.booking.visit.together import LARGEST_VISIT
from govdesk.catalog import ways
from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.objects import LONGEST as LONGEST_OBJECT
from govdesk.catalog.scenarios import scenario_in_use
from govdesk.faces.api.fields import Field, InvalidError
from govdesk.faces.api.offers import service_of
from govdesk.web import actor

ON_SITE = "on_site"
SLOT = Field(name="slot", kind="whole", most=LARGEST_ID, example=4711)
SERVICE = Field(name="service", kind="text", example="renewal")
SCENARIO = Field(name="scenario", kind="text", example="lost")
ANSWERS = Field(
    name="answers",
    kind="objects",
    fields=(
        Field(name="question", kind="text", required=True, example="where"),
        Field(name="answer", kind="text", required=True, example="stolen"),
    ),
)
INTERPRETER = Field(name="interpreter", kind="text", choices=chains.INTERPRETERS, example="ur")
KIND = Field(name="kind", kind="text", choices=chains.KINDS, example=ON_SITE)
ALSO = Field(name="also", kind="texts", example=["passport"])
OBJECT = Field(name="object", kind="text", longest=LONGEST_OBJECT, example="1234 JBA")
ALSO_OBJECTS = Field(
    name="also_objects",
    kind="objects",
    fields=(Field(name="service", kind="text", required=True, example="passport"), OBJECT),
)
OF_APPOINTMENT = (SCENARIO, INTERPRETER, KIND, ALSO)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted, read: the parts are one, or several of a whole visit."""

    service: PublicService
    parts: Sequence[Part]
    scenario_id: int | None
    interpreter: str | None
    kind: str
    way: ways.Steps = ()  # the answers in the guide that led to the scenario

    @property
    def is_visit(self) -> bool:
        """Whether several appointments are wanted at once."""
        return len(self.parts) > 1

    @property
    def minutes(self) -> int:
        """How long the first lasts."""
        return self.parts[0].minutes


def read(session: Session, sent: Mapping[str, Any], *, others: Sequence[str] = ()) -> Wish:
    """Read what is wanted, at a branch that the token may see.

    `others` are the services of others of a family. Raises InvalidError, DeskError.
    """
    if sent.get("slot") is not None:
        refuse_elsewhere(session, sent["slot"])
    service = service_of(session, sent["service"], field="service")
    scenario = scenario_in_use(session, service.id, sent["scenario"] or "")
    if sent["scenario"] is not None and scenario is None:
        raise InvalidError.of("scenario", "catalog.scenario_unknown", code=sent["scenario"])
    wanted = [(service.id, 0)]
    wanted += [(service_of(session, code, field="also").id, 0) for code in sent["also"] or ()]
    wanted += [(service_of(session, code, field="others").id, n) for n, code in enumerate(others, 1)]
    if len(wanted) > LARGEST_VISIT:
        raise InvalidError.of("others" if others else "also", "booking.visit_full")
    kind = sent.get("kind") or ON_SITE
    if kind != ON_SITE and len(wanted) > 1:
        raise InvalidError.of("kind", "api.visit_on_site")
    scenario_id = scenario.id if scenario else None
    parts = courses.parts_of(session, wanted, scenario_id=scenario_id, interpreter=sent["interpreter"])
    given = {one["question"]: one["answer"] for one in sent.get("answers") or ()}
    way = ways.led_to(session, service, scenario, given)
    if given and not way:
        raise InvalidError.of("answers", "api.answers_lead_elsewhere")
    return Wish(service, parts, scenario_id, sent["interpreter"], kind, way)


def hold(session: Session, slot_id: int, wish: Wish) -> list[Appointment]:
    """Keep the place, or all places of a visit."""
    wanted: dict[str, Any] = {
        "actor": actor(),
        "slot_id": slot_id,
        "language": i18n.language(),
        "channel": "api",
        "scenario_id": wish.scenario_id,
        "interpreter": wish.interpreter,
    }
    if wish.is_visit:
        held = visits.hold(session, parts=wish.parts, **wanted)
    else:
        held = [booking.hold(session, service_id=wish.service.id, kind=wish.kind, **wanted)]
    if wish.scenario_id is not None:
        about = f"appointment:{held[0].id}"
        ways.keep(session, about=about, service=wish.service, scenario_id=wish.scenario_id, steps=wish.way)
    return held


def objects_of(visit: Sequence[Appointment], sent: Mapping[str, Any]) -> dict[int, str]:
    """What each appointment of a visit is about, by its number: of the first, of those beside it, of others.

    Raises InvalidError for a service that the person does not book in this visit.
    """
    found = {0: sent["object"]}
    also = {one.service.code: number for number, one in enumerate(visit) if number and one.member == 0}
    for place, one in enumerate(sent["also_objects"] or ()):
        if one["service"] not in also:
            raise InvalidError.of(f"also_objects.{place}.service", "api.object_not_booked")
        found[also[one["service"]]] = one["object"]
    theirs = [one["object"] for one in sent["others"] or ()]
    found |= {number: theirs[one.member - 1] for number, one in enumerate(visit) if one.member}
    return {number: text for number, text in found.items() if text}


def starts(
    session: Session,
    parts: Sequence[Part],
    here: Mapping[int, Branch],
    since: dt.datetime,
    until: dt.datetime,
) -> Iterator[Place]:
    """The places in [since, until) from which on a whole visit can be had, each once; by branch."""
    for branch in here.values():
        days = [clock.local_day(moment, branch.timezone) for moment in (since, until)]
        found = courses.possible(session, parts=parts, branch=branch, from_day=days[0], to_day=days[1])
        firsts = (course[0][0] for course in found)
        yield from (
            first._replace(capacity=1, booked=0) for first in firsts if since <= first.starts_at < until
        )


def codes(text: str | None) -> list[str]:
    """The codes in a text with commas between them."""
    return [code for code in (text or "").split(",") if code]


def refuse_elsewhere(session: Session, slot_id: int) -> None:
    """Refuse a slot of a branch that the token may not see, as one that is not there."""
    slot = session.get(Slot, slot_id)
    if slot is None or not actor().sees_branch(slot.branch_id):
        raise SlotUnknownError(field="slot")


def first_places(found: Sequence[courses.Course]) -> list[Place]:
    """Where courses begin, as alternatives: each is one place for the whole visit."""
    return [course[0][0]._replace(capacity=1, booked=0) for course in found]
