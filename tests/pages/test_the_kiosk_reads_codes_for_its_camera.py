"""What the kiosk's camera sees is read by the server: a code, nothing, or a picture that is none."""

import segno
from werkzeug.test import TestResponse

from tests.desk import Desk
from tests.makers import Cast

SIDE = 240
READ = "/kiosk/north/code"


def picture(text: str, *, side: int = SIDE, scale: int = 4, is_turned: bool = False) -> bytes:
    """A QR code in the middle of a grey wall, as bytes of grey row by row."""
    code = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(scale=scale, border=4)]
    if is_turned:
        code = [list(row) for row in zip(*code[::-1], strict=True)]
    margin = (side - len(code)) // 2
    rows = [bytearray([120] * side) for _ in range(side)]
    for down, row in enumerate(code):
        for right, is_dark in enumerate(row):
            rows[margin + down][margin + right] = 40 if is_dark else 200
    return b"".join(bytes(row) for row in rows)


def ask(desk: Desk, data: bytes, width: int = SIDE, height: int = SIDE) -> TestResponse:
    form = desk.get("/kiosk/north/appointment").form("/kiosk/north/appointment")
    token = next(one.get("value") for one in form.iter("input") if one.get("name") == "csrf_token")
    return desk.flask.post(
        f"{READ}?width={width}&height={height}", data=data, headers={"X-CSRFToken": str(token)},
        content_type="application/octet-stream",
    )  # fmt: skip


def test_a_code_is_read_upright_and_turned(cast: Cast, desk: Desk) -> None:
    link = "https://desk.example/appointments/V1StGXR8_Z5jdHi6B"
    for data in (picture(link), picture(link, is_turned=True), picture(link, scale=3)):
        answer = ask(desk, data)
        assert (answer.status_code, answer.get_json()) == (200, {"text": link})


def test_where_no_code_is_seen_nothing_is_told(cast: Cast, desk: Desk) -> None:
    assert ask(desk, bytes([120]) * SIDE * SIDE).get_json() == {"text": ""}
    assert ask(desk, picture("x" * 301, side=400, scale=3), 400, 400).get_json() == {
        "text": ""
    }  # none of ours


def test_what_is_no_picture_of_its_size_is_refused(cast: Cast, desk: Desk) -> None:
    whole = bytes(SIDE * SIDE)
    for data, width, height in (
        (whole[:-1], SIDE, SIDE), (b"", SIDE, SIDE), (whole, 0, 0), (whole, -SIDE, -SIDE),
        (bytes(63 * 63), 63, 63), (bytes(1281 * 64), 1281, 64),
    ):  # fmt: skip
        assert ask(desk, data, width, height).status_code == 400


def test_nobody_else_has_pictures_read(cast: Cast, desk: Desk) -> None:
    assert desk.flask.post(f"{READ}?width=64&height=64", data=bytes(64 * 64)).status_code == 400  # no token
    assert desk.flask.post("/kiosk/nowhere/code").status_code in {400, 404}
