"""SMS by the HTTP gateway of a provider: what it wants to be sent is data."""

import base64
import hashlib
import hmac
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
from govdesk.notify.letters import ChannelDownError, Letter, NotNowError, OwnFaultError, RefusedError

TIMEOUT = 10  # seconds
LONGEST_ANSWER = 64 * 1024
OURS = frozenset({401, 402, 403, 404, 405, 407, 410, 415})  # account, credit, permission, address: no number
SOON = frozenset({408, 409, 425, 429})
RECEIPTS = "/receipts/sms/{}"  # where a gateway tells what became of a message
LISTS = ("accepted", "refused", "ours", "delivered", "undelivered")
CLIENT_ERRORS, SERVER_ERRORS = 400, 500


@dataclass(frozen=True, slots=True)
class Shape:
    """What a gateway wants and what it answers.

    Fields and headers are texts with {to} (+966…), {digits} (966…), {text}, {sender}, {token}, {username},
    {password}, {alphabet} (text or unicode) and {receipts}: where to tell later what became of it; a field
    that says only this is left out where nobody could reach us. A path such as messages.0.status leads into
    the JSON answer. Receipts come as a form or as JSON; their paths lead into them.
    """

    content: str  # form | json
    fields: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)
    has_basic_auth: bool = False
    id_path: str = ""
    status_path: str = ""  # where the answer 200 may still say no
    accepted: tuple[str, ...] = ()  # what the status is when it says yes
    refused: tuple[str, ...] = ()  # and when it says never
    error_path: str = ""  # where an HTTP error tells more than its status
    ours: tuple[str, ...] = ()  # what status or error is when our own set-up is wrong, and no number
    receipt_id_path: str = ""  # where a receipt names the message by the gateway's id
    receipt_token_path: str = ""  # or by ours
    receipt_status_path: str = ""
    delivered: tuple[str, ...] = ()  # what the status of a receipt is when it has arrived
    undelivered: tuple[str, ...] = ()  # and when it never will


SHAPES = {
    # as Twilio's Messages resource: a form, the account as basic authentication, an error by HTTP status
    "form": Shape(
        content="form",
        fields={"To": "{to}", "From": "{sender}", "Body": "{text}", "StatusCallback": "{receipts}"},
        has_basic_auth=True,
        id_path="sid",
        error_path="code",
        # credentials, account, no such sender, no right to send there
        ours=("20003", "20005", "20404", "21212", "21408", "21603", "21606", "21609", "21659", "21660"),
        receipt_id_path="MessageSid",
        receipt_status_path="MessageStatus",
        delivered=("delivered", "read"),
        undelivered=("undelivered", "failed"),
    ),
    # as Vonage's SMS API: JSON with the account in it, an error as a status in the answer 200
    "json": Shape(
        content="json",
        fields={
            "api_key": "{username}", "api_secret": "{password}", "from": "{sender}", "to": "{digits}",
            "text": "{text}", "type": "{alphabet}", "client-ref": "{token}", "callback": "{receipts}",
        },
        id_path="messages.0.message-id",
        status_path="messages.0.status",
        accepted=("0",),
        refused=("6", "7", "33"),
        # parameters, credentials, account, credit, signature, sender, callback
        ours=("2", "4", "8", "9", "11", "14", "15", "23", "32"),
        receipt_id_path="messageId",
        receipt_token_path="client-ref",  # noqa: S106 - a path
        receipt_status_path="status",
        delivered=("delivered",),
        undelivered=("expired", "failed", "rejected"),
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
            raise _error(refused.code, refused.read(LONGEST_ANSWER), shape) from refused
    except (URLError, HTTPException, OSError) as down:
        raise ChannelDownError(f"{type(down).__name__}: {down}") from down


def shape_of(given: Settings) -> Shape:
    """Return the shape that is set: one of ours, or a TOML file in the instance folder. SettingError."""
    if given.sms_shape in SHAPES:
        return SHAPES[given.sms_shape]
    path = given.instance / given.sms_shape
    try:
        written = tomllib.loads(path.read_text("utf-8"))
        written |= {name: tuple(written.get(name, ())) for name in LISTS}
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
        "receipts": f"{receipts_address(given)}?message={letter.token}" if given.public_url else "",
    }  # fmt: skip
    wanted = {name: text for name, text in shape.fields.items() if text != "{receipts}" or values["receipts"]}
    fields = {name: rules.render(text, values) for name, text in wanted.items()}
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


def receipts_address(given: Settings) -> str:
    """Where a gateway tells what became of a message: nobody else knows this address."""
    secret = hmac.new(given.secret_key.encode(), b"receipts of sms", hashlib.sha256).hexdigest()
    return given.base_address + RECEIPTS.format(secret[:40])


def judge(body: bytes, shape: Shape) -> str | None:
    """Read an answer 200: the message's id, or RefusedError, OwnFaultError or NotNowError by its status."""
    answer = _read(body)
    status = at(answer, shape.status_path)
    if shape.status_path and status not in shape.accepted:
        sentence = f"status {status}"
        if status in shape.ours:
            raise ChannelDownError(sentence)
        raise RefusedError(sentence) if status in shape.refused else NotNowError(sentence)
    return at(answer, shape.id_path)


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def at(answer: Any, path: str) -> str | None:
    """What stands at a path of names and places, as text."""
    for step in path.split(".") if path else ():
        if isinstance(answer, dict):
            answer = answer.get(step)
        elif isinstance(answer, list) and step.isdecimal() and int(step) < len(answer):
            answer = answer[int(step)]
        else:
            return None
    return str(answer) if path and answer is not None else None


def _error(code: int, body: bytes, shape: Shape) -> Exception:
    sentence = f"HTTP {code}: {body.decode('utf-8', 'replace')[:200]}"
    if code in OURS or at(_read(body), shape.error_path) in shape.ours:
        return ChannelDownError(sentence)
    is_refused = CLIENT_ERRORS <= code < SERVER_ERRORS and code not in SOON
    return RefusedError(sentence) if is_refused else OwnFaultError(sentence)
