"""What a program sends: read by name and type; each thing that is wrong gets a sentence of its own."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

from govdesk import i18n
from govdesk.errors import DeskError
from govdesk.web import LARGEST_ID

FIRST_YEAR, LAST_YEAR = 1900, 2199
LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that may be sent: read from it here, described from it in the OpenAPI document."""

    name: str
    kind: str  # text | texts | whole | flag | day | moment | object | objects
    required: bool = False
    longest: int = LONGEST
    least: int = 1
    most: int = LARGEST_ID
    choices: tuple[str, ...] = ()
    fields: tuple["Field", ...] = ()  # of an object, or of each
    example: Any = None


class InvalidError(DeskError):
    """Something that was sent cannot be used; `errors` are pairs of a field and a sentence."""

    key = "api.invalid"
    status = 422

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.errors = errors

    @classmethod
    def of(cls, field: str, key: str, **params: object) -> "InvalidError":
        """One field, one sentence."""
        return cls([(field, i18n.t(key, **params))])


def body(fields: Sequence[Field]) -> dict[str, Any]:
    """Read the JSON object of a request; what was not sent is None. Raises DeskError, InvalidError."""
    if not request.is_json:
        raise DeskError("api.not_json", status=415)
    try:
        sent = json.loads(request.get_data())
    except (ValueError, RecursionError) as problem:
        raise DeskError("api.bad_json", status=400) from problem
    if not isinstance(sent, dict):
        raise DeskError("api.bad_json", status=400)
    return _all(fields, sent)


def no_body() -> None:
    """Read nothing, from a request that may come empty or with an empty object."""
    if request.get_data().strip():
        body(())


def body_if_any(fields: Sequence[Field]) -> dict[str, Any]:
    """Read the JSON object of a request that may come empty; what was not sent is None."""
    return body(fields) if request.get_data().strip() else dict.fromkeys(field.name for field in fields)


def query(fields: Sequence[Field]) -> dict[str, Any]:
    """Read the query of a request; a field that comes twice is joined with a comma. Raises InvalidError."""
    sent = {name: ",".join(values) for name, values in request.args.lists()}
    return _all(fields, {name: text for name, text in sent.items() if text}, is_query=True)


def _all(fields: Sequence[Field], sent: Mapping[str, Any], *, is_query: bool = False) -> dict[str, Any]:
    wrong: list[tuple[str, str]] = []
    read = _object(fields, sent, "", wrong, is_query=is_query)
    if wrong:
        raise InvalidError(wrong)
    return read


def _object(
    fields: Sequence[Field],
    sent: Mapping[str, Any],
    inside: str,
    wrong: list[tuple[str, str]],
    *,
    is_query: bool,
) -> dict[str, Any]:
    known = ", ".join(field.name for field in fields)
    for name in sent:
        if name not in {field.name for field in fields}:
            shown = name[:LONGEST].encode("utf-8", "replace").decode()
            wrong.append((inside + shown, i18n.t("api.unknown_field", known=known)))
    read: dict[str, Any] = {}
    for field in fields:
        given = sent.get(field.name)
        read[field.name] = None
        if given is None or given == "":
            if field.required:
                wrong.append((inside + field.name, i18n.t("api.missing")))
            continue
        try:
            if field.kind == "object":
                read[field.name] = _nested(field, given, f"{inside}{field.name}.", wrong)
            elif field.kind == "objects":
                read[field.name] = _several(field, given, inside, wrong)
            else:
                read[field.name] = _value(field, given, is_query=is_query)
        except DeskError as problem:
            wrong.append((inside + field.name, i18n.t(problem.key, **problem.params)))
    return read


def _nested(field: Field, given: object, inside: str, wrong: list[tuple[str, str]]) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise DeskError("api.not_object")
    return _object(field.fields, given, inside, wrong, is_query=False)


def _several(field: Field, given: object, inside: str, wrong: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Read a list of objects; what is wrong with one is said by its number, from 0."""
    if not isinstance(given, list) or len(given) > LONGEST:
        raise DeskError("api.not_objects")
    return [_nested(field, one, f"{inside}{field.name}.{number}.", wrong) for number, one in enumerate(given)]


def _value(field: Field, given: object, *, is_query: bool) -> Any:
    if field.kind == "whole":
        return _whole(field, given, is_query=is_query)
    if field.kind == "texts":
        return _texts(field, given)
    if field.kind == "flag":
        return _flag(given, is_query=is_query)
    if not isinstance(given, str):
        raise DeskError("api.not_text")
    if len(given) > field.longest:
        raise DeskError("api.too_long", longest=field.longest)
    if "\0" in given or any("\ud800" <= character <= "\udfff" for character in given):
        raise DeskError("api.not_text")
    if field.choices and given not in field.choices:
        raise DeskError("api.not_one_of", choices=", ".join(field.choices))
    if field.kind == "day":
        return _day(given)
    return _moment(given) if field.kind == "moment" else given


def _whole(field: Field, given: object, *, is_query: bool) -> int:
    if is_query and isinstance(given, str) and given.isdecimal() and len(given) <= len(str(LARGEST_ID)):
        given = int(given)
    if not isinstance(given, int) or isinstance(given, bool):
        raise DeskError("api.not_whole")
    if not field.least <= given <= field.most:
        raise DeskError("api.out_of_range", least=field.least, most=field.most)
    return given


def _flag(given: object, *, is_query: bool) -> bool:
    if is_query and given in {"true", "false"}:
        return given == "true"
    if not isinstance(given, bool):
        raise DeskError("api.not_flag")
    return given


def _texts(field: Field, given: object) -> list[str]:
    """Read a list of texts; each once, in their order."""
    if (
        not isinstance(given, list)
        or not all(isinstance(text, str) for text in given)
        or len(given) > LONGEST
    ):
        raise DeskError("api.not_texts")
    if field.choices and set(given) - set(field.choices):
        raise DeskError("api.not_one_of", choices=", ".join(field.choices))
    return list(dict.fromkeys(given))


def _day(given: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(given)
    except ValueError as problem:
        raise DeskError("api.not_day") from problem
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise DeskError("api.not_day")
    return day


def _moment(given: str) -> dt.datetime:
    """Read a moment; a plus sign that an address turned into a space is one again."""
    try:
        moment = dt.datetime.fromisoformat(given.replace(" ", "+") if "T" in given else given)
    except ValueError as problem:
        raise DeskError("api.not_moment") from problem
    if moment.tzinfo is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise DeskError("api.not_moment")
    return moment
