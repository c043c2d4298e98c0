"""Imported files as rows of cells: packed or not, in their encoding, with the line each begins on."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from govdesk.errors import DeskError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

GZIP_MARK = b"\x1f\x8b"
OTHER_DELIMITERS = (";", "\t", "|", ",")
Cells = list[str]
Line = tuple[int, Cells]


class FileError(DeskError):
    """A file as a whole cannot be read; the sentence says why and where."""

    key = "exchange.file_unreadable"
    status = 422


@contextmanager
def lines_of(
    path: Path,
    *,
    encoding: str = "utf-8",
    delimiter: str = ",",
    on_bytes: Callable[[int], object] | None = None,
) -> Iterator[tuple[Cells, Iterator[Line]]]:
    """Open a CSV file: its header, and its rows as (number of the line it begins on, cells).

    A file that begins like gzip is unpacked whatever its name; a byte order mark and blank lines are
    skipped; a quoted cell may hold line ends. `on_bytes` hears how far the file on disk has been read.
    Raises FileError for what is no such file, also later, while the rows are read.
    """
    with _refusing(path, encoding) as place, _opened(path) as raw:
        packed = raw.peek(2)[:2] == GZIP_MARK
        unpacked: BinaryIO = gzip.GzipFile(fileobj=raw) if packed else raw  # type: ignore[assignment]
        text = io.TextIOWrapper(unpacked, _with_mark(encoding), newline="")
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        header = next((cells for cells in reader if cells), None)
        if header is None:
            raise FileError("exchange.file_empty", file=path.name)
        names = _checked_header([name.strip() for name in header], delimiter)
        yield names, _rows(reader, place, (lambda: on_bytes(raw.tell())) if on_bytes else None)


def _opened(path: Path) -> io.BufferedReader:
    try:
        return path.open("rb")
    except OSError as error:
        raise FileError(
            "exchange.file_not_opened", file=path.name, why=error.strerror or str(error)
        ) from error


@contextmanager
def _refusing(path: Path, encoding: str) -> Iterator[list[int]]:
    """Turn what can go wrong while reading into a sentence with the place; yields where the place is kept."""
    place = [1]
    try:
        yield place
    except LookupError as error:
        if isinstance(error, KeyError | IndexError):
            raise
        raise FileError("exchange.encoding_unknown", encoding=encoding) from error
    except UnicodeDecodeError as error:
        raise FileError(
            "exchange.encoding_wrong", file=path.name, line=place[0], encoding=encoding
        ) from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileError("exchange.gzip_broken", file=path.name, line=place[0]) from error
    except csv.Error as error:
        raise FileError("exchange.quoting_broken", file=path.name, line=place[0], why=str(error)) from error


def _with_mark(encoding: str) -> str:
    return "utf-8-sig" if encoding.lower().replace("_", "-") in {"utf-8", "utf8"} else encoding


def _checked_header(names: Cells, delimiter: str) -> Cells:
    if len(names) == 1:
        other = next((mark for mark in OTHER_DELIMITERS if mark != delimiter and mark in names[0]), None)
        if other:
            raise FileError("exchange.other_delimiter", delimiter="TAB" if other == "\t" else other)
    for place, name in enumerate(names, start=1):
        if not name:
            raise FileError("exchange.column_nameless", place=place)
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise FileError("exchange.column_twice", column=twice[0])
    return names


def _rows(reader: Iterator[Cells], place: list[int], tell: Callable[[], object] | None) -> Iterator[Line]:
    line_num = _line_counter(reader)
    place[0] = line_num() + 1
    for count, cells in enumerate(reader):
        if cells:
            yield place[0], cells
        place[0] = line_num() + 1
        if tell and count % 500 == 0:
            tell()


def _line_counter(reader: object) -> Callable[[], int]:
    return lambda: reader.line_num  # type: ignore[attr-defined]
