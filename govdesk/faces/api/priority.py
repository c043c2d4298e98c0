"""Whether the law puts somebody first, as a program says it."""

from typing import Any

from govdesk.catalog.priorities import NONE
from govdesk.faces import priorities
from govdesk.faces.api.fields import Field, InvalidError
from govdesk.web import actor

PRIORITY = Field(name="priority", kind="text", example="none")


def read(sent: dict[str, Any]) -> str:
    """The code of a group in use, or that of none. Raises InvalidError, which lists them.

    A program at the counter speaks for staff; any other for people themselves.
    """
    known = dict(priorities.choices() if actor().has("counter") else priorities.choices_of_oneself())
    code: str = sent["priority"] or NONE
    if code not in known:
        raise InvalidError.of("priority", "api.not_one_of", choices=", ".join(known))
    return code
