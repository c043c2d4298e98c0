"""The question of a screen that follows, as it comes over the line, and its answer: bytes to bytes."""

import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple

LONGEST = 8192  # bytes of a question; what is longer is none of a page of ours
END = b"\r\n\r\n"
_TICKET = rb"ticket/(?P<secret>[\w-]{8,80})/state\.json"
_SCREEN = rb"(?:counter/live|(?:board|reception)/[\w-]{1,80}/state)\.json(?:\?[!-~]*)?"
_LINE = re.compile(rb"GET (?P<address>/(?:%b|%b)) HTTP/1\.(?P<form>[01])\r\n" % (_TICKET, _SCREEN), re.ASCII)
_HEAD = re.compile(
    rb"\r\n(?:(if-none-match|connection|cookie|accept-language):[ \t]*([^\r\n]*)"
    rb"|(?:content-length|transfer-encoding|upgrade|expect|authorization))",
    re.IGNORECASE,
)


class Question(NamedTuple):
    """Whose ticket is asked for, or by which screen, and what the asker has already."""

    secret: str  # of a ticket; empty for a screen
    known: bytes  # the tags that the asker has
    goes_on: bool  # whether the line stays open
    asker: bytes  # what the answer to a screen depends on: the address, who asks, and in which language


class Body(NamedTuple):
    """An answer kept as bytes, and the tag by which it is known."""

    tag: str
    data: bytes


def body(text: str) -> Body:
    """An answer ready to be kept."""
    data = text.encode()
    return Body(hashlib.blake2b(data, digest_size=9).hexdigest(), data)


def read(data: bytes) -> Question | None:
    """Read what came over a line; None unless it is one whole, plain question of one of our pages.

    Strict, because what is not understood in every part goes to those who do.
    """
    line = _LINE.match(data)
    if line is None or len(data) >= LONGEST or data.find(END) != len(data) - len(END):
        return None
    found = _HEAD.findall(data)
    said = {name.lower(): value.rstrip(b" \t") for name, value in found}
    if len(said) < len(found) or b"" in said:
        return None  # said twice, or more than a plain question has
    goes_on = line["form"] == b"1" and b"close" not in said.get(b"connection", b"").lower()
    known, secret = said.get(b"if-none-match", b""), line["secret"]
    if secret is not None:
        return Question(secret.decode(), known, goes_on, b"")
    whose = asker(line["address"], said.get(b"cookie", b""), said.get(b"accept-language", b""))
    return Question("", known, goes_on, whose)


def asker(address: bytes, cookies: bytes, languages: bytes) -> bytes:
    """Who asks for what, told apart without keeping a cookie."""
    return hashlib.blake2b(b"\0".join((address, cookies, languages)), digest_size=16).digest()


def lines(head: Sequence[tuple[str, str]]) -> bytes:
    """The lines of a head that are the same in every answer of a kind."""
    return "".join(f"{name}: {value}\r\n" for name, value in head).encode("latin-1")


def sent(known: bytes, body: Body, head: bytes) -> bytes:
    """The whole answer as it goes over the line, with its first line; without content to who has it."""
    tag = body.tag.encode("latin-1")
    if tag in known:
        return b'HTTP/1.1 304 NOT MODIFIED\r\n%bETag: "%b"\r\n\r\n' % (head, tag)
    return b"".join(
        (
            b"HTTP/1.1 200 OK\r\n", head, b'ETag: "', tag,
            b'"\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n' % len(body.data), body.data,
        )
    )  # fmt: skip
