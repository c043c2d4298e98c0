"""What comes over a line is answered from memory only if it is one whole, plain question of ours."""

import pytest

from govdesk.faces.following import question
from govdesk.faces.following.question import Question

SECRET = "Zk3_-abcDEF0123456789x"
PHONE = f"GET /ticket/{SECRET}/state.json HTTP/1.1\r\nHost: desk\r\n".encode()
BOARD = b"GET /board/north/state.json HTTP/1.1\r\nHost: desk\r\n"
END = b"\r\n"


def test_a_phone_asks_for_its_ticket() -> None:
    assert question.read(PHONE + END) == Question(SECRET, b"", goes_on=True, asker=b"")


def test_a_phone_says_what_it_has_already() -> None:
    asked = question.read(PHONE + b'if-none-match: W/"abc" \r\n' + END)
    assert asked is not None
    assert asked.known == b'W/"abc"'


@pytest.mark.parametrize(
    ("data", "goes_on"),
    [
        (PHONE + END, True),
        (PHONE + b"Connection: keep-alive\r\n" + END, True),
        (PHONE + b"Connection: Close\r\n" + END, False),
        (PHONE.replace(b"HTTP/1.1", b"HTTP/1.0") + END, False),
    ],
)
def test_the_line_stays_open_where_both_sides_may(data: bytes, goes_on: bool) -> None:  # noqa: FBT001 - a table
    asked = question.read(data)
    assert asked is not None
    assert asked.goes_on is goes_on


@pytest.mark.parametrize(
    "data",
    [
        b"",
        PHONE,  # half a question
        PHONE + END + PHONE,  # more than one
        PHONE + END + PHONE + END,
        PHONE.replace(b"GET", b"POST") + END,
        PHONE.replace(b"GET", b"HEAD") + END,
        PHONE.replace(b"HTTP/1.1", b"HTTP/2.0") + END,
        PHONE.replace(b"/state.json", b"") + END,
        PHONE.replace(b"/state.json", b"/state.json?x=1") + END,
        PHONE.replace(b"/ticket/", b"/ticket/../") + END,
        PHONE.replace(b"/ticket/", b"/%74icket/") + END,
        PHONE + b"Content-Length: 5\r\n" + END,
        PHONE + b"content-length : 5\r\n" + END,
        PHONE + b"Transfer-Encoding: chunked\r\n" + END,
        PHONE + b"Upgrade: h2c\r\n" + END,
        PHONE + b"Expect: 100-continue\r\n" + END,
        PHONE + b"Authorization: Bearer x\r\n" + END,
        PHONE + b"Connection: close\r\nConnection: keep-alive\r\n" + END,
        PHONE + b"X: " + b"x" * question.LONGEST + b"\r\n" + END,
        BOARD + b"Cookie: a=1\r\nCookie: b=2\r\n" + END,
        b"GET /admin/staff HTTP/1.1\r\nHost: desk\r\n\r\n",
    ],
)
def test_anything_else_goes_to_the_application(data: bytes) -> None:
    assert question.read(data) is None


def test_who_asks_for_a_board_is_told_apart() -> None:
    variants = [
        BOARD,
        BOARD.replace(b"north", b"south"),
        BOARD.replace(b"state.json", b"state.json?services=renewal"),
        BOARD + b"Cookie: govdesk_device=x\r\n",
        BOARD + b"Cookie: govdesk_device=y\r\n",
        BOARD + b"Accept-Language: en\r\n",
        BOARD.replace(b"/board/north/state.json", b"/counter/live.json"),
    ]
    asked = [question.read(data + END) for data in variants]
    assert None not in asked
    assert len({one.asker for one in asked if one is not None}) == len(variants)
    assert question.read(BOARD + b"User-Agent: x\r\n" + END) == asked[0]


def test_the_content_is_sent_only_to_who_has_another() -> None:
    body, head = question.body('{"ahead":1}'), question.lines([("Cache-Control", "private, no-cache")])
    tag = body.tag.encode()
    whole = (
        b"HTTP/1.1 200 OK\r\nCache-Control: private, no-cache\r\n"
        b'ETag: "%b"\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"ahead":1}' % tag
    )
    assert question.sent(b"", body, head) == question.sent(b'"old"', body, head) == whole
    same = b'HTTP/1.1 304 NOT MODIFIED\r\nCache-Control: private, no-cache\r\nETag: "%b"\r\n\r\n' % tag
    assert question.sent(b'"%b"' % tag, body, head) == same
