"""Lists come in pages: an array, and in the Link header the address of the next one."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, jsonify, request

from govdesk.faces.api.fields import Field, InvalidError

USUAL, MOST = 200, 1000
LIMIT = Field(name="limit", kind="whole", most=MOST, example=100)
CURSOR = Field(name="cursor", kind="text", example="WyJub3J0aCJd")
PAGED = (LIMIT, CURSOR)
Row = TypeVar("Row")
Key = tuple[str | int, ...]


def pages(
    rows: Sequence[Row], asked: dict[str, Any], key_of: Callable[[Row], Key], shape: Callable[[Row], Any]
) -> Response:
    """Answer with the page of a short list that was asked for, in the order of its keys."""
    ordered = sorted(rows, key=key_of)
    after = position(asked, key_of(ordered[0])) if ordered else None
    left = [row for row in ordered if after is None or key_of(row) > after]
    return answer(left, asked, key_of, shape)


def answer(
    left: Sequence[Row], asked: dict[str, Any], key_of: Callable[[Row], Key], shape: Callable[[Row], Any]
) -> Response:
    """Answer with the first of the rows that are left; one more than the limit means a next page."""
    most = limit(asked)
    given = jsonify([shape(row) for row in left[:most]])
    if len(left) > most:
        query = [(name, text) for name, text in request.args.items(multi=True) if name != CURSOR.name]
        address = urlencode([*query, (CURSOR.name, _written(key_of(left[most - 1])))])
        given.headers["Link"] = f'<{request.base_url}?{address}>; rel="next"'
    return given


def limit(asked: dict[str, Any]) -> int:
    """How many rows a page has."""
    return asked["limit"] or USUAL


def position(asked: dict[str, Any], like: Key) -> Key | None:
    """Where the page begins, a key made `like` this one; None at the start. Raises InvalidError."""
    if asked["cursor"] is None:
        return None
    try:
        read = json.loads(base64.urlsafe_b64decode(asked["cursor"]))
    except (ValueError, RecursionError) as problem:
        raise InvalidError.of("cursor", "api.bad_cursor") from problem
    if not isinstance(read, list) or [type(part) for part in read] != [type(part) for part in like]:
        raise InvalidError.of("cursor", "api.bad_cursor")
    return tuple(read)


def _written(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()
