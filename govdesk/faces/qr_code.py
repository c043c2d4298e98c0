"""A QR code as an image in the page."""

import segno

INK = "#17242b"


def image(address: str) -> str:
    """The QR code of an address, as a data URI."""
    return segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=2, dark=INK, light="#fff")
