"""A QR code as an image in the page."""

import segno

INK = "#17242b"


def image(address: str, *, can_grow: bool = False) -> str:
    """The QR code of an address, as a data URI; one that can grow takes the size that the page gives it."""
    code = segno.make(address, error="m", micro=False)
    return code.svg_data_uri(scale=4, border=2, dark=INK, light="#fff", omitsize=can_grow)
