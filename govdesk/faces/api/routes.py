"""Every address of the API in one table, of which its description is made too."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from govdesk.bearer import token
from govdesk.booking.errors import SlotTakenError
from govdesk.booking.slots import alternatives_to
from govdesk.catalog.models import Branch
from govdesk.db import reading
from govdesk.faces.api import (
    answers,
    appointments,
    counters,
    figures,
    offers,
    places,
    priority,
    proving,
    shapes,
    tickets,
    webhooks,
)
from govdesk.faces.api.fields import Field, InvalidError
from govdesk.i18n import language
from govdesk.web import actor, problem
from govdesk.webhooks.service import SCOPE

PREFIX = "/api/v1"
bp = Blueprint("api", __name__, url_prefix=PREFIX)
AT_THE_DOOR = ("kiosk", "counter")
AT_COUNTERS = ("counter",)
BOOKING = ("booking",)
WEBHOOKS = (SCOPE,)
AROUND_A_VISIT = ("booking", *AT_THE_DOOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One address with one method: who may come (no scope: any token), what is sent, what is answered."""

    name: str
    method: str
    path: str
    view: Callable[..., ResponseReturnValue]
    scopes: tuple[str, ...]
    answer: str | None  # the schema; none: an empty answer
    status: int = 200
    is_list: bool = False
    query: Sequence[Field] = ()
    body: Sequence[Field] = ()
    refusals: tuple[int, ...] = ()  # beyond 401, 403, 422 and 429
    may_be_empty: bool = False  # 204 instead of the answer where there is nothing
    has_version: bool = False  # an ETag, and 304 for who knows it


ENDPOINTS = (
    Endpoint(
        name="list_branches", method="GET", path="/branches", view=offers.branches, scopes=(),
        query=offers.OF_BRANCHES, answer="Branch", is_list=True,
    ),
    Endpoint(
        name="list_services", method="GET", path="/services", view=offers.services, scopes=(),
        query=offers.OF_SERVICES, answer="Service", is_list=True,
    ),
    Endpoint(
        name="list_priority_groups", method="GET", path="/priority-groups", view=priority.groups, scopes=(),
        query=priority.OF_GROUPS, answer="PriorityGroup", is_list=True,
    ),
    Endpoint(
        name="show_guide", method="GET", path="/services/<service>/guide", view=offers.guide, scopes=(),
        answer="Guide", refusals=(404,),
    ),
    Endpoint(
        name="list_slots", method="GET", path="/slots", view=places.free_slots, scopes=AROUND_A_VISIT,
        query=places.OF_SLOTS, answer="Slot", is_list=True,
    ),
    Endpoint(
        name="hold_slot", method="POST", path="/holds", view=appointments.hold, scopes=BOOKING,
        body=appointments.HOLD, answer="Hold", status=201, refusals=(400, 409, 415),
    ),
    Endpoint(
        name="send_code", method="POST", path="/codes", view=proving.ask, scopes=BOOKING,
        body=proving.ASK, answer="CodeSent", status=202, refusals=(400, 415),
    ),
    Endpoint(
        name="book_appointment", method="POST", path="/appointments", view=appointments.book, scopes=BOOKING,
        body=appointments.BOOK, answer="Booked", status=201, refusals=(400, 409, 410, 415),
    ),
    Endpoint(
        name="show_appointment", method="GET", path="/appointments/<reference>", view=appointments.show,
        scopes=AROUND_A_VISIT, answer="AppointmentShown", refusals=(404,),
    ),
    Endpoint(
        name="cancel_appointment", method="DELETE", path="/appointments/<reference>",
        view=appointments.cancel, scopes=BOOKING, query=appointments.CANCEL, answer=None, status=204,
        refusals=(404, 409),
    ),
    Endpoint(
        name="move_appointment", method="POST", path="/appointments/<reference>/move",
        view=appointments.move, scopes=BOOKING, body=appointments.MOVE, answer="Appointment",
        refusals=(400, 404, 409, 410, 415),
    ),
    Endpoint(
        name="check_in", method="POST", path="/appointments/<reference>/check-in",
        view=appointments.check_in, scopes=AROUND_A_VISIT, answer="Ticket", refusals=(404, 409, 410),
    ),
    Endpoint(
        name="issue_ticket", method="POST", path="/tickets", view=tickets.issue, scopes=AT_THE_DOOR,
        body=tickets.ISSUE, answer="Ticket", status=201, refusals=(400, 409, 415),
    ),
    Endpoint(
        name="show_ticket", method="GET", path="/tickets/<int:ticket_id>", view=tickets.show,
        scopes=AROUND_A_VISIT, answer="Ticket", refusals=(404,),
    ),
    Endpoint(
        name="show_live", method="GET", path="/branches/<branch>/live", view=tickets.live_state,
        scopes=("board", *AT_THE_DOOR), answer="Live", refusals=(404,), has_version=True,
    ),
    Endpoint(
        name="list_counters", method="GET", path="/branches/<branch>/counters", view=counters.known,
        scopes=AT_COUNTERS, query=counters.OF_COUNTERS, answer="Counter", is_list=True, refusals=(404,),
    ),
    Endpoint(
        name="open_counter", method="POST", path="/counters/<int:counter_id>/open", view=counters.open_,
        scopes=AT_COUNTERS, body=counters.OPEN, answer="Counter", refusals=(400, 404, 409, 415),
    ),
    Endpoint(
        name="close_counter", method="POST", path="/counters/<int:counter_id>/close", view=counters.close,
        scopes=AT_COUNTERS, body=counters.CLOSE, answer="Counter", refusals=(400, 404, 409, 415),
    ),
    Endpoint(
        name="call_next", method="POST", path="/counters/<int:counter_id>/next", view=counters.call_next,
        scopes=AT_COUNTERS, answer="Ticket", refusals=(404, 409), may_be_empty=True,
    ),
    *(
        Endpoint(
            name=f"{view.__name__}_ticket", method="POST", path=f"/tickets/<int:ticket_id>/{view.__name__}",
            view=view, scopes=AT_COUNTERS, answer="Ticket", refusals=(404, 409),
        )
        for view in (counters.recall, counters.start, counters.resume, counters.noshow)
    ),
    Endpoint(
        name="hold_ticket", method="POST", path="/tickets/<int:ticket_id>/hold", view=counters.hold,
        scopes=AT_COUNTERS, body=counters.HOLD, answer="Ticket", refusals=(400, 404, 409, 415),
    ),
    Endpoint(
        name="transfer_ticket", method="POST", path="/tickets/<int:ticket_id>/transfer",
        view=counters.transfer, scopes=AT_COUNTERS, body=counters.TRANSFER, answer="Ticket",
        refusals=(400, 404, 409, 415),
    ),
    Endpoint(
        name="conclude_ticket", method="POST", path="/tickets/<int:ticket_id>/conclude",
        view=counters.conclude, scopes=AT_COUNTERS, body=counters.CONCLUDE, answer="Ticket",
        refusals=(400, 404, 409, 415),
    ),
    Endpoint(
        name="add_webhook", method="POST", path="/webhooks", view=webhooks.add, scopes=WEBHOOKS,
        body=webhooks.ADD, answer="Webhook", status=201, refusals=(400, 409, 415),
    ),
    Endpoint(
        name="list_webhooks", method="GET", path="/webhooks", view=webhooks.known, scopes=WEBHOOKS,
        query=webhooks.OF_WEBHOOKS, answer="Webhook", is_list=True,
    ),
    Endpoint(
        name="remove_webhook", method="DELETE", path="/webhooks/<int:webhook_id>", view=webhooks.remove,
        scopes=WEBHOOKS, answer=None, status=204, refusals=(404,),
    ),
    Endpoint(
        name="list_deliveries", method="GET", path="/webhooks/<int:webhook_id>/deliveries",
        view=webhooks.deliveries, scopes=WEBHOOKS, query=webhooks.OF_WEBHOOKS, answer="Delivery",
        is_list=True, refusals=(404,),
    ),
    Endpoint(
        name="replay_webhook", method="POST", path="/webhooks/<int:webhook_id>/replay",
        view=webhooks.replay, scopes=WEBHOOKS, body=webhooks.REPLAY, answer="Replay", status=202,
        refusals=(400, 404, 415),
    ),
    Endpoint(
        name="list_questionnaires", method="GET", path="/questionnaires", view=answers.questionnaires,
        scopes=("kpi:read",), query=answers.OF_QUESTIONNAIRES, answer="Questionnaire", is_list=True,
    ),
    Endpoint(
        name="list_responses", method="GET", path="/responses", view=answers.responses, scopes=("kpi:read",),
        query=answers.OF_RESPONSES, answer="Response", is_list=True,
    ),
    Endpoint(
        name="list_measures", method="GET", path="/kpi", view=figures.measures, scopes=("kpi:read",),
        query=figures.OF_LIST, answer="Measure", is_list=True,
    ),
    Endpoint(
        name="show_figure", method="GET", path="/kpi/<key>", view=figures.figure, scopes=("kpi:read",),
        query=figures.OF_FIGURE, answer="Figure", refusals=(404,),
    ),
)  # fmt: skip
for _endpoint in ENDPOINTS:
    bp.add_url_rule(
        _endpoint.path,
        _endpoint.name,
        token(*_endpoint.scopes)(_endpoint.view),
        methods=[_endpoint.method],
        provide_automatic_options=False,
    )


@bp.errorhandler(InvalidError)
def _invalid(error: InvalidError) -> Response:
    return problem(error, errors=[{"field": field, "title": title} for field, title in error.errors])


@bp.errorhandler(SlotTakenError)
def _taken(error: SlotTakenError) -> Response:
    """Name the nearest free places, read after the transaction that was refused is undone."""
    found = alternatives_to(reading(), error.slot_id) if error.others is None else error.others
    return problem(
        error,
        alternatives=[
            shapes.place(place, reading().get_one(Branch, place.branch_id))
            for place in found
            if actor().sees_branch(place.branch_id)
        ],
    )


@bp.after_request
def _speak(answer: Response) -> Response:
    """Say in which language the answer speaks."""
    answer.headers.setdefault("Content-Language", language())
    answer.vary.add("Accept-Language")
    answer.vary.add("Authorization")
    return answer
