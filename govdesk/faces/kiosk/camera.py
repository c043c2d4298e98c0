"""What the kiosk's camera sees, read here: most browsers of kiosks read no codes by themselves."""

import zxingcpp
from flask import Response, jsonify, request

from govdesk.errors import DeskError
from govdesk.faces.devices import device
from govdesk.faces.kiosk.views import bp

LEAST, MOST = 64, 1280  # points of a side
LONGEST = 300  # characters of what a code of ours may say
QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


class PictureError(DeskError):
    """What was sent is no picture of the size that it names."""

    key = "errors.body_400"
    status = 400


@bp.post("/kiosk/<branch>/code")
@device("kiosk")
def read_code(branch: str) -> Response:  # noqa: ARG001 - the guard has looked at it
    """Read the QR code in a picture: bytes of grey, `width` in each of `height` rows.

    The answer is `{"text": …}`, empty where no code is seen. Nothing is kept of the picture.
    """
    width, height = (request.args.get(name, 0, type=int) for name in ("width", "height"))
    grey = request.get_data(cache=False)
    if not (LEAST <= width <= MOST and LEAST <= height <= MOST) or len(grey) != width * height:
        raise PictureError
    return jsonify(text=code_in(grey, width, height))


def code_in(grey: bytes, width: int, height: int) -> str:
    """The text of the first QR code in a picture of grey, from the upper left row by row; "" without one."""
    picture = memoryview(grey).cast("B", (height, width))
    found = zxingcpp.read_barcodes(picture, formats=QR, try_downscale=False)
    texts = (one.text for one in found)
    return next((text for text in texts if len(text) <= LONGEST), "")
