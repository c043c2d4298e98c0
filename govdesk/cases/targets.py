"""Exported rows as files: CSV or one JSON document, packed if so named, whole or not at all."""

import csv
import gzip
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from govdesk.cases.sources import FileError

Rows = Iterable[Sequence[Any]]


def write(file: Path | None, form: str, names: Sequence[str], rows: Rows) -> int:
    """Write rows to a file (packed if its name ends in .gz) or standard output as csv or json; how many.

    In JSON what is not known is null; in CSV it is empty. Raises FileError when the file cannot be written.
    """
    try:
        with _open(file) as out:
            return FORMS[form](out, names, rows)
    except BrokenPipeError:  # the reader has seen enough: `govdesk export visits | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


@contextmanager
def _open(file: Path | None) -> Iterator[TextIO]:
    if file is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with draft.open("wb") as raw:
            packed = gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) if file.name.endswith(".gz") else None
            with io.TextIOWrapper(packed or raw, encoding="utf-8", newline="") as out:
                yield out
        draft.replace(file)
    except OSError as error:
        why = error.strerror or str(error)
        raise FileError("exchange.file_not_written", file=file.name, why=why) from error
    finally:
        draft.unlink(missing_ok=True)


def _csv(out: TextIO, names: Sequence[str], rows: Rows) -> int:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 - the last count is the number of rows
        writer.writerow([_cell(value) for value in row])
    return count


def _json(out: TextIO, names: Sequence[str], rows: Rows) -> int:
    out.write("[")
    count = 0
    for count, row in enumerate(rows, start=1):
        out.write(",\n" if count > 1 else "\n")
        json.dump(dict(zip(names, row, strict=True)), out, ensure_ascii=False)
    out.write("\n]\n")
    return count


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


FORMS: Mapping[str, Callable[[TextIO, Sequence[str], Rows], int]] = {"csv": _csv, "json": _json}
