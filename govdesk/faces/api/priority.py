"""Whether the law puts somebody first, as a program says it."""

from typing import Any

from flask import Response

from govdesk.catalog.priorities import NONE
from govdesk.faces import priorities
from govdesk.faces.api import paging, shapes
from govdesk.faces.api.fields import Field, InvalidError, query
from govdesk.web import actor

PRIORITY = Field(name="priority", kind="text", example="none")
OF_GROUPS = paging.PAGED


def groups() -> Response:
    """The groups that the token may say somebody belongs to, in the order in which people choose."""
    asked = query(OF_GROUPS)
    sayable = priorities.sayable(by_staff=actor().has("counter"))
    places = {one.code: place for place, one in enumerate(sayable)}
    return paging.pages(
        sayable,
        asked,
        lambda one: (places[one.code], one.code),
        lambda one: {
            "id": one.code,
            **shapes.names(one),
            "meant": {"ar": one.meant_ar, "en": one.meant_en},
            "is_stated": one.is_stated,
        },
    )


def read(sent: dict[str, Any]) -> str:
    """The code of a group in use, or that of none. Raises InvalidError, which lists them.

    A program at the counter speaks for staff; any other for people themselves.
    """
    known = [NONE, *(one.code for one in priorities.sayable(by_staff=actor().has("counter")))]
    code: str = sent["priority"] or NONE
    if code not in known:
        raise InvalidError.of("priority", "api.not_one_of", choices=", ".join(known))
    return code
