"""SMS by the HTTP gateway of a provider: what it wants to be sent is data."""

import base64
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from govdesk.config import SettingError, Settings, settings
from govdesk.notify import rules
from govdesk.notify.letters import ChannelDownError, Letter, NotNowError, RefusedError

TIMEOUT = 10  # seconds
LONGEST_ANSWER = 64 * 1024
OURS = frozenset({401, 402, 403, 407})  # account, credit, permission: no number's fault
SOON = frozenset({408, 409, 425, 429})
CLIENT_ERRORS, SERVER_ERRORS = 400, 500


@dataclass(frozen=True, slots=True)
class Shape:
    """What a gateway wants and what it answers.

    Fields and headers are texts with {to} (+966…), {digits} (966…), {text}, {sender}, {token}, {username},
    {password} and {alphabet} (text or unicode). A path such as messages.0.status leads into the JSON answer.
    """

    content: str  # form | json
    fields: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)
    has_basic_auth: bool = False
    id_path: str = ""
    status_path: str = ""  # where the answer 200 may still say no
    accepted: tuple[str, ...] = ()  # what the status is when it says yes
    refused: tuple[str, ...] = ()  # and when it says never


SHAPES = {
    # as Twilio's Messages resource: a form, the account as basic authentication, an error by HTTP status
    "form": Shape(
        content="form",
        fields={"To": "{to}", "From": "{sender}", "Body": "{text}"},
        has_basic_auth=True,
        id_path="sid",
    ),
    # as Vonage's SMS API: JSON with the account in it, an error as a status in the answer 200
    "json": Shape(
        content="json",
        fields={
            "api_key": "{username}", "api_secret": "{password}", "from": "{sender}", "to": "{digits}",
            "text": "{text}", "type": "{alphabet}", "client-ref": "{token}",
        },
        id_path="messages.0.message-id",
        status_path="messages.0.status",
        accepted=("0",),
        refused=("6", "7"),
    ),
}  # fmt: skip


def send(letter: Letter) -> str | None:
    """Hand an SMS to the gateway; its id, where the answer has one. Raises RefusedError, NotNowError."""
    shape = shape_of(settings())
    request = compose(letter, shape, settings())
    try:
        with urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - compose allows http and https only
            return judge(answer.read(LONGEST_ANSWER), shape)
    except HTTPError as refused:
        with refused:
            raise _error(refused.code, refused.read(LONGEST_ANSWER)) from refused
    except (URLError, HTTPException, OSError) as down:
        raise ChannelDownError(f"{type(down).__name__}: {down}") from down


def shape_of(given: Settings) -> Shape:
    """Return the shape that is set: one of ours, or a TOML file in the instance folder. SettingError."""
    if given.sms_shape in SHAPES:
        return SHAPES[given.sms_shape]
    path = given.instance / given.sms_shape
    try:
        written = tomllib.loads(path.read_text("utf-8"))
        written |= {name: tuple(written.get(name, ())) for name in ("accepted", "refused")}
        return Shape(**written)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError) as error:
        raise SettingError(f"setting sms_shape: {path}: {error}") from error


def compose(letter: Letter, shape: Shape, given: Settings) -> Request:
    """Write the request. Its Idempotency-Key is the same each time, so that a repetition is known."""
    if not given.sms_url.startswith(("https://", "http://")):
        raise ChannelDownError("setting sms_url: neither http nor https")
    values = {
        "to": letter.to, "digits": letter.to.lstrip("+"), "text": letter.text, "sender": given.sms_sender,
        "token": letter.token, "username": given.sms_username, "password": given.sms_password,
        "alphabet": "unicode" if rules.sms_parts(letter.text).is_unicode else "text",
    }  # fmt: skip
    fields = {name: rules.render(text, values) for name, text in shape.fields.items()}
    headers = {name: rules.render(text, values) for name, text in shape.headers.items()}
    is_json = shape.content == "json"
    data = json.dumps(fields, ensure_ascii=False) if is_json else urlencode(fields)
    headers["Content-Type"] = (
        "application/json; charset=utf-8" if is_json else "application/x-www-form-urlencoded"
    )
    headers |= {"Accept": "application/json", "Idempotency-Key": letter.token}
    if shape.has_basic_auth:
        account = f"{given.sms_username}:{given.sms_password}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(account).decode('ascii')}"
    return Request(given.sms_url, data=data.encode(), headers=headers, method="POST")  # noqa: S310 - see above


def judge(body: bytes, shape: Shape) -> str | None:
    """Read an answer 200: the message's id, or RefusedError or NotNowError by its status."""
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    status = _at(answer, shape.status_path)
    if shape.status_path and status not in shape.accepted:
        sentence = f"status {status}"
        raise RefusedError(sentence) if status in shape.refused else NotNowError(sentence)
    return _at(answer, shape.id_path)


def _at(answer: Any, path: str) -> str | None:
    """What stands at a path of names and places, as text."""
    for step in path.split(".") if path else ():
        if isinstance(answer, dict):
            answer = answer.get(step)
        elif isinstance(answer, list) and step.isdecimal() and int(step) < len(answer):
            answer = answer[int(step)]
        else:
            return None
    return str(answer) if path and answer is not None else None


def _error(code: int, body: bytes) -> Exception:
    sentence = f"HTTP {code}: {body.decode('utf-8', 'replace')[:200]}"
    if code in OURS:
        return ChannelDownError(sentence)
    is_refused = CLIENT_ERRORS <= code < SERVER_ERRORS and code not in SOON
    return RefusedError(sentence) if is_refused else NotNowError(sentence)
