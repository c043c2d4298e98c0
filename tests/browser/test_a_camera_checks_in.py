"""Whoever holds the code of a booking before the kiosk's camera is checked in without a touch."""

from pathlib import Path

import segno
from playwright.sync_api import expect

from tests.browser.conftest import Launch

WIDTH, HEIGHT, SCALE = 640, 480, 8
GREY = b"\x80"


def film(path: Path, text: str) -> None:
    """A film of one picture: a QR code in the middle, as Chromium plays a camera from a file."""
    code = list(segno.make(text, error="m", micro=False).matrix_iter(scale=SCALE, border=4))
    top, left = (HEIGHT - len(code)) // 2, (WIDTH - len(code)) // 2
    rows = [bytearray(GREY * WIDTH) for _ in range(HEIGHT)]
    for down, row in enumerate(code):
        rows[top + down][left : left + len(code)] = bytes(16 if is_dark else 235 for is_dark in row)
    frame = b"".join(bytes(row) for row in rows) + GREY * (WIDTH * HEIGHT // 2)
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F5:1 Ip C420\n".encode() + (b"FRAME\n" + frame) * 5)


def test_a_code_before_the_camera_is_sent_once(server: str, launch: Launch, tmp_path: Path) -> None:
    film(tmp_path / "seen.y4m", "ZZZZ9999")  # which nobody has booked: what was read stands in the field
    browser = launch(
        "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'seen.y4m'}",
    )  # fmt: skip
    page = browser.new_context(base_url=server, locale="en").new_page()
    page.set_default_timeout(45_000)
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    page.goto("/kiosk/rawdah")
    expect(page.locator("[data-with-camera]")).to_be_visible()
    page.goto("/kiosk/rawdah/appointment")
    expect(page.locator(".error-summary")).to_be_visible()
    assert page.locator("input[name=reference]").input_value() == "ZZZZ9999"
    expect(page.locator("[data-camera]")).to_be_visible()
    with page.expect_response("**/code?*") as read:  # the page with the refusal looks on
        assert read.value.json() == {"text": "ZZZZ9999"}
    page.wait_for_timeout(1000)
    assert len([one for one in sent if one.endswith("/appointment")]) == 1
    browser.close()
