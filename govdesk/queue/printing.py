"""Slips on ESC/POS printers in the network: drawn as one image, because printers cannot shape Arabic."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import segno

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

PROFILE, WIDTH = "TM-T88V", 512  # the common kind on paper of 80 mm, and its width in dots
CONNECT, ANSWER = 3.0, 1.0  # seconds; many printers never answer when asked for paper
NO_PAPER = 0
QR_WIDTH = 260
SMALLEST = 18
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"  # Latin and Arabic in one


class PrinterError(Exception):
    """A printer that is not there, has no paper, or broke off; the text is for the technician."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on a slip, in the language of the person."""

    language: str
    number: str
    lines: Sequence[str]  # service, branch, people ahead, wait, moment
    address: str  # of the ticket's private page, as a QR code
    mark: str = ""  # "copy"


def probe(printer: str) -> None:
    """Raise PrinterError when a printer (host:port) does not answer or says that it has no paper."""
    opened = _connect(printer)
    try:
        _refuse_without_paper(opened)
    finally:
        opened.close()


def send(printer: str, paper: Paper) -> None:
    """Print a slip, drawn before connecting; PrinterError when it cannot come out."""
    data = _rendered(paper)
    opened = _connect(printer)
    try:
        _refuse_without_paper(opened)
        opened.device.settimeout(CONNECT)
        opened._raw(data)  # noqa: SLF001 - what was composed on the dummy is sent in one piece
    except OSError as problem:
        raise PrinterError(f"broke off: {problem}") from problem
    finally:
        opened.close()


def render(paper: Paper) -> bytes:
    """Return the commands for a slip: one image and the cut; without means to shape Arabic, Latin text."""
    printer = _escpos().Dummy(profile=PROFILE)
    if paper.language != "ar" or can_shape():
        printer.image(draw(paper), impl="bitImageRaster", center=False)
    else:  # a number and a code that is read by a phone are better than letters that are not joined
        printer.set(align="center", bold=True, custom_size=True, width=4, height=4)
        printer.textln(paper.number)
        printer.set(align="center", normal_textsize=True)
        printer.image(_qr(paper.address, WIDTH // 2), impl="bitImageRaster", center=False)
    printer.cut()
    return bytes(printer.output)


def _rendered(paper: Paper) -> bytes:
    try:
        return render(paper)
    except (ImportError, OSError, ValueError) as problem:
        raise PrinterError(f"could not be drawn: {problem}") from problem


def can_shape() -> bool:
    """Whether Arabic letters can be joined and set from the right here (Pillow with raqm)."""
    from PIL import features  # noqa: PLC0415 - an extra: only offices with network printers install it

    return bool(features.check("raqm"))


def draw(paper: Paper) -> "Image":
    """Return the slip as an image in black and white."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - as above

    parts: list[tuple[str, int]] = [(paper.mark, 34)] if paper.mark else []
    parts += [(paper.number, 150), *((text, 34) for text in paper.lines if text)]
    rows = [(text, _fitting(text, size), size + size // 3) for text, size in parts]
    code = _qr(paper.address, QR_WIDTH)
    image = Image.new("1", (WIDTH, sum(height for _t, _f, height in rows) + code.height + 40), 1)
    pen, top = ImageDraw.Draw(image), 10
    for text, font, height in rows:
        pen.text((WIDTH / 2, top), text, fill=0, font=font, anchor="ma", **_direction(text))
        top += height
    image.paste(code, ((WIDTH - code.width) // 2, top + 20))
    return image


def _qr(address: str, width: int) -> "Image":
    from PIL import Image  # noqa: PLC0415 - as above

    made, drawn = segno.make(address, error="m", micro=False), BytesIO()
    made.save(drawn, kind="png", scale=max(1, width // made.symbol_size(border=2)[0]), border=2)
    return Image.open(BytesIO(drawn.getvalue())).convert("1")


def _fitting(text: str, size: int) -> "FreeTypeFont":
    """The font at this size, or as much smaller as the line needs."""
    font = _font(size)
    while font.getlength(text, **_direction(text)) > WIDTH and font.size > SMALLEST:
        font = font.font_variant(size=font.size - 2)
    return font


def _font(size: int) -> "FreeTypeFont":
    from PIL import ImageFont  # noqa: PLC0415 - as above

    if Path(FONT).is_file():
        return ImageFont.truetype(FONT, size)
    import barcode  # noqa: PLC0415 - comes with python-escpos, and a plainer font of the same family in it

    return ImageFont.truetype(str(Path(barcode.__file__).parent / "fonts" / "DejaVuSansMono.ttf"), size)


def _direction(text: str) -> dict[str, Any]:
    if any("\u0600" <= letter <= "\u06ff" for letter in text):
        return {"direction": "rtl", "language": "ar"}
    return {}


def _connect(printer: str) -> Any:
    host, _, port = printer.rpartition(":")
    if not host:
        raise PrinterError("no printer is named")
    opened = _escpos().Network(host, port=int(port), timeout=CONNECT)
    try:  # its own `open` leaves the socket behind when nobody answers
        opened.device = socket.create_connection((host, int(port)), CONNECT)
    except OSError as problem:
        raise PrinterError(f"does not answer: {problem}") from problem
    return opened


def _refuse_without_paper(opened: Any) -> None:
    """Ask before printing: a printer without paper would keep the slip and print it to somebody else."""
    opened.device.settimeout(ANSWER)
    try:
        if opened.paper_status() == NO_PAPER:
            raise PrinterError("no paper")
    except (socket.timeout, TimeoutError):  # noqa: UP041 - one that does not know the question may print
        return
    except OSError as problem:
        raise PrinterError(f"broke off: {problem}") from problem


def _escpos() -> Any:
    try:
        from escpos import printer  # noqa: PLC0415 - an extra: only offices with network printers install it
    except ImportError as problem:
        raise PrinterError("python-escpos is not installed: pip install govdesk[printing]") from problem
    return printer
