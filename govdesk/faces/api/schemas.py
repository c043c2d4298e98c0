"""What answers look like, as JSON Schema (2020-12), each with an example that fits it."""

from typing import Any

from govdesk.booking.chains import KINDS
from govdesk.catalog.guide import ACTIONS, FORMS
from govdesk.feedback.forms.rules import KINDS as FORM_KINDS
from govdesk.feedback.forms.rules import TYPES
from govdesk.webhooks.rules import EVENTS

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
CODE: Schema = {"type": "string", "minLength": 1}
WHOLE: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
NUMBER: Schema = {"type": ["number", "null"]}
MOMENT: Schema = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
}
DAY: Schema = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d\d-\d\d$"}
URL: Schema = {"type": "string", "format": "uri"}
APPOINTMENT_STATES = ("booked", "arrived", "fulfilled", "cancelled", "noshow")
TICKET_STATES = (
    "waiting", "called", "serving", "held", "served", "turned_away", "noshow", "abandoned", "transferred",
    "closed_unserved", "undone",
)  # fmt: skip


def thing(**members: Schema) -> Schema:
    """An object with exactly these members."""
    return {
        "type": "object", "properties": members, "required": list(members), "additionalProperties": False
    }  # fmt: skip


def listed(of: Schema) -> Schema:
    """An array."""
    return {"type": "array", "items": of}


def or_nothing(schema: Schema) -> Schema:
    """The same, or null."""
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def ref(name: str) -> Schema:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


BOTH = thing(ar=TEXT, en=TEXT)
WAIT = or_nothing(thing(low=COUNT, high=COUNT))
_APPOINTMENT: dict[str, Schema] = {
    "reference": CODE,
    "id": WHOLE,
    "state": {"enum": list(APPOINTMENT_STATES)},
    "kind": {"enum": list(KINDS)},
    "service": CODE,
    "branch": CODE,
    "starts_at": MOMENT,
    "ends_at": MOMENT,
}
_VISIT = {**_APPOINTMENT, "visit": listed(ref("PartOfVisit"))}
_WRONG = thing(field=TEXT, title=TEXT)

SCHEMAS: dict[str, Schema] = {
    "Branch": thing(
        id=CODE, name=TEXT, names=BOTH, address=BOTH, timezone=CODE, latitude=NUMBER, longitude=NUMBER,
        services=listed(CODE),
    ),
    "Service": thing(
        id=CODE, name=TEXT, names=BOTH, description=BOTH, department=CODE, minutes=COUNT,
        common=or_nothing(thing(vocabulary=CODE, code=CODE)), branches=listed(CODE),
    ),
    "PriorityGroup": thing(id=CODE, name=TEXT, names=BOTH, meant=BOTH, is_stated=FLAG),
    "Paper": thing(
        id=CODE, name=TEXT, how=TEXT, link=or_nothing(URL), form={"enum": list(FORMS)}, is_required=FLAG
    ),
    "Scenario": thing(
        id=CODE, name=TEXT, action={"enum": list(ACTIONS)}, advice=TEXT, link=or_nothing(URL),
        extra_minutes=COUNT, papers=listed(ref("Paper")),
    ),
    "Answer": thing(id=CODE, text=TEXT, question=or_nothing(CODE), scenario=or_nothing(CODE)),
    "Question": thing(id=CODE, text=TEXT, hint=TEXT, answers=listed(ref("Answer"))),
    "Guide": thing(service=CODE, questions=listed(ref("Question")), scenarios=listed(ref("Scenario"))),
    "Slot": thing(id=WHOLE, starts_at=MOMENT, ends_at=MOMENT, branch=CODE, free=COUNT),
    "Hold": thing(hold=CODE, expires_at=MOMENT),
    "CodeSent": thing(expires_at=MOMENT),
    "PartOfVisit": thing(**_APPOINTMENT),
    "Appointment": thing(**_VISIT),
    "Booked": thing(**_VISIT, manage_url=URL),
    "AppointmentShown": {
        **thing(**_VISIT, contact=thing(phone=or_nothing(TEXT), email=or_nothing(TEXT))),
        "required": list(_VISIT),
    },
    "Ticket": thing(
        id=WHOLE, number=CODE, branch=CODE, service=CODE, state={"enum": list(TICKET_STATES)},
        counter=or_nothing(WHOLE), arrived_at=MOMENT, called_at=or_nothing(MOMENT), ahead=or_nothing(COUNT),
        wait=WAIT, status_url=URL,
    ),
    "Live": thing(
        branch=CODE,
        day=DAY,
        is_open=FLAG,
        changes_at=or_nothing(MOMENT),
        stops=listed(thing(service=or_nothing(CODE), reason=TEXT, until=or_nothing(MOMENT))),
        called=listed(thing(ticket=WHOLE, number=CODE, counter=WHOLE, called_at=MOMENT, calls=COUNT)),
        waiting=listed(thing(service=CODE, waiting=COUNT, wait=WAIT)),
        counters=listed(thing(id=WHOLE, number=WHOLE, is_paused=FLAG)),
    ),
    "Counter": thing(
        id=WHOLE, number=WHOLE, branch=CODE, state={"enum": ["closed", "open", "paused"]},
        ticket=or_nothing(WHOLE),
    ),
    "Webhook": thing(
        id=WHOLE, url=URL, events=listed({"enum": list(EVENTS)}), branch=or_nothing(CODE), created_at=MOMENT,
        waiting=COUNT, given_up=COUNT, last_error=or_nothing(TEXT),
    ),
    "Delivery": thing(
        id=CODE, event={"enum": list(EVENTS)}, at=MOMENT,
        state={"enum": ["waiting", "delivered", "given_up"]}, attempts=COUNT,
        due_at=or_nothing(MOMENT), last_error=or_nothing(TEXT),
    ),
    "Replay": thing(count=COUNT),
    "Measure": thing(
        key=CODE, definition_version=CODE, name=TEXT, question=TEXT, unit=CODE, is_lower_better=FLAG
    ),
    "FigureRow": thing(
        group={"type": "object", "additionalProperties": or_nothing(TEXT)}, unit=CODE, value=NUMBER,
        numerator=or_nothing(WHOLE), denominator=or_nothing(WHOLE), n=or_nothing(COUNT),
        interval={"type": ["array", "null"], "items": NUMBER, "minItems": 2, "maxItems": 2},
        pending=or_nothing(COUNT), excluded=or_nothing(COUNT), unlinked=or_nothing(COUNT),
        open=or_nothing(COUNT), data_quality={"type": "object"}, detail={"type": "object"},
    ),
    "Figure": thing(
        **{"key": CODE, "definition_version": CODE, "as_of": MOMENT, "from": or_nothing(DAY),
           "to": or_nothing(DAY), "by": listed(CODE), "rows": listed(ref("FigureRow"))},
    ),
    "AskedQuestion": thing(
        id=CODE, kind={"enum": list(TYPES)}, series=WHOLE, role=or_nothing(CODE), text=BOTH,
        choices=listed(CODE),
    ),
    "Questionnaire": thing(
        id=CODE, kind={"enum": list(FORM_KINDS)}, name=TEXT, names=BOTH, version=WHOLE,
        questions=listed(ref("AskedQuestion")),
    ),
    "GivenAnswer": thing(question=CODE, series=WHOLE, number=or_nothing(WHOLE), choice=or_nothing(CODE)),
    "Response": thing(
        questionnaire=CODE, version=WHOLE, week=DAY, wave=or_nothing(WHOLE), source=CODE,
        branch=or_nothing(CODE), service=or_nothing(CODE), occasion=CODE, mode=CODE,
        channel=or_nothing(CODE), outcome=or_nothing(CODE), person_kind=or_nothing(CODE),
        priority=or_nothing(CODE), language=or_nothing(CODE), answers=listed(ref("GivenAnswer")),
    ),
    "Problem": {
        **thing(
            type=CODE, title=TEXT, status=WHOLE, errors=listed(_WRONG), alternatives=listed(ref("Slot"))
        ),
        "required": ["type", "title", "status"],
    },
}  # fmt: skip

_NAMES = {"ar": "فرع الشمال", "en": "North Branch"}
_RENEWAL = {"ar": "تجديد الهوية", "en": "Identity renewal"}
_SLOT = {
    "id": 4711, "starts_at": "2026-10-05T09:00:00+03:00", "ends_at": "2026-10-05T09:30:00+03:00",
    "branch": "north", "free": 2,
}  # fmt: skip
_BOOKED = {
    "reference": "K7M2QX4P", "id": 1204, "state": "booked", "service": "renewal", "branch": "north",
    "starts_at": "2026-10-05T09:00:00+03:00", "ends_at": "2026-10-05T09:30:00+03:00", "kind": "on_site",
}  # fmt: skip
_BOOKED_WHOLE = {
    **_BOOKED,
    "visit": [{**_BOOKED, "reference": "K7M2QX4P2", "id": 1205, "service": "passport",
               "starts_at": "2026-10-05T09:30:00+03:00", "ends_at": "2026-10-05T10:00:00+03:00"}],
}  # fmt: skip
EXAMPLES: dict[str, Any] = {
    "Branch": {
        "id": "north", "name": "North Branch", "names": _NAMES, "timezone": "Asia/Riyadh",
        "latitude": 24.7333, "longitude": 46.7667,
        "address": {"ar": "طريق الملك فهد", "en": "King Fahd Road"}, "services": ["passport", "renewal"],
    },
    "Service": {
        "id": "renewal", "name": "Identity renewal", "names": _RENEWAL, "department": "civil", "minutes": 10,
        "description": {"ar": "", "en": ""}, "common": {"vocabulary": "national-services", "code": "CIV-201"},
        "branches": ["harbour", "north"],
    },
    "PriorityGroup": {
        "id": "infant", "name": "With an infant", "names": {"ar": "مع رضيع", "en": "With an infant"},
        "meant": {"ar": "من معه طفل يُحمل أو في عربة.", "en": "Whoever has a child in arms or in a pram."},
        "is_stated": True,
    },
    "Guide": {
        "service": "renewal",
        "questions": [{
            "id": "why", "text": "What happened to the card?", "hint": "",
            "answers": [{"id": "lost", "text": "I lost it", "question": None, "scenario": "lost"}],
        }],
        "scenarios": [{
            "id": "lost", "name": "Lost card", "action": "book", "advice": "", "link": None,
            "extra_minutes": 5,
            "papers": [{
                "id": "report", "name": "Report of the loss", "how": "From the police, also online",
                "link": None, "form": "original", "is_required": True,
            }],
        }],
    },
    "Slot": _SLOT,
    "CodeSent": {"expires_at": "2026-10-04T09:10:00+03:00"},
    "Hold": {"hold": "m3vHq0Zk", "expires_at": "2026-10-04T09:05:00+03:00"},
    "Appointment": {**_BOOKED, "visit": [], "starts_at": "2026-10-06T11:00:00+03:00",
                    "ends_at": "2026-10-06T11:30:00+03:00"},
    "Booked": {**_BOOKED_WHOLE, "manage_url": "https://desk.example.org/appointment/Zx81"},
    "AppointmentShown": {**_BOOKED, "visit": [], "contact": {"phone": "05•• ••• •67", "email": None}},
    "Ticket": {
        "id": 88, "number": "A012", "branch": "north", "service": "renewal", "state": "waiting",
        "counter": None, "arrived_at": "2026-10-04T09:00:00+03:00", "called_at": None, "ahead": 3,
        "wait": {"low": 6, "high": 18}, "status_url": "https://desk.example.org/ticket/Qp27",
    },
    "Live": {
        "branch": "north", "day": "2026-10-04", "is_open": True,
        "changes_at": "2026-10-04T16:00:00+03:00", "stops": [],
        "called": [{"ticket": 87, "number": "A011", "counter": 2,
                    "called_at": "2026-10-04T08:59:40+03:00", "calls": 1}],
        "waiting": [{"service": "renewal", "waiting": 3, "wait": {"low": 6, "high": 18}}],
        "counters": [{"id": 2, "number": 2, "is_paused": False}],
    },
    "Counter": {"id": 2, "number": 2, "branch": "north", "state": "open", "ticket": 87},
    "Webhook": {
        "id": 3, "url": "https://city.example.org/events", "events": ["ticket.called"], "branch": "north",
        "created_at": "2026-10-04T09:00:00+03:00", "waiting": 0, "given_up": 0, "last_error": None,
    },
    "Delivery": {
        "id": "m3vHq0Zk", "event": "ticket.called", "at": "2026-10-04T09:00:00+03:00", "state": "waiting",
        "attempts": 2, "due_at": "2026-10-04T09:01:10+03:00", "last_error": "HTTP 503",
    },
    "Replay": {"count": 12},
    "Measure": {
        "key": "repeat_visit_rate", "definition_version": "v1", "name": "Repeat visit rate",
        "question": "How many must come back?", "unit": "share", "is_lower_better": True,
    },
    "Figure": {
        "key": "repeat_visit_rate", "definition_version": "v1", "as_of": "2026-10-04T09:00:00+03:00",
        "from": "2026-07-01", "to": "2026-09-30", "by": ["branch"],
        "rows": [{
            "group": {"branch": "north"}, "unit": "share", "value": 0.125, "numerator": 15,
            "denominator": 120, "n": 120, "interval": [0.077, 0.196], "pending": 11, "excluded": 4,
            "unlinked": 2, "open": None, "data_quality": {}, "detail": {},
        }],
    },
    "Questionnaire": {
        "id": "after_service-1", "kind": "after_service", "name": "After a visit", "version": 2,
        "names": {"ar": "بعد الزيارة", "en": "After a visit"},
        "questions": [{
            "id": "satisfied", "kind": "faces", "series": 1, "role": "satisfied", "choices": [],
            "text": {"ar": "كيف كانت زيارتك؟", "en": "How was your visit?"},
        }],
    },
    "Response": {
        "questionnaire": "after_service-1", "version": 2, "week": "2026-09-28", "wave": None,
        "source": "live", "branch": "north", "service": "renewal", "occasion": "served", "mode": "sms",
        "channel": "counter", "outcome": "resolved", "person_kind": None, "priority": None, "language": "ar",
        "answers": [{"question": "satisfied", "series": 1, "number": 3, "choice": None}],
    },
    "Problem": {
        "type": "/api/v1/docs#booking.slot_taken", "title": "This time has just been taken.", "status": 409,
        "errors": [{"field": "slot", "title": "This time has just been taken."}], "alternatives": [_SLOT],
    },
}  # fmt: skip
