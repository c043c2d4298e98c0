"""Files on their way in and out, as the commands bring them."""

import csv
import io
from pathlib import Path
from typing import Any

from govdesk import i18n
from govdesk.actor import SYSTEM
from govdesk.cases import exporting, mapping, targets
from govdesk.cases.importing import KINDS, Import, Report
from govdesk.db import reading, transaction


def bring(file: Path, kind: str = "visits", told: dict[str, Any] | None = None, **options: Any) -> Report:
    """Import a file, with a mapping if told; as the command does, in English."""
    task = Import(kind=KINDS[kind], file=file, actor=SYSTEM, mapping=mapping.parse(told or {}), **options)
    reading().rollback()
    with i18n.speaking("en"):
        report = task.read(reading())
        reading().rollback()
        with transaction() as session:
            return task.write(session, report)


def written(folder: Path, text: str, name: str = "visits.csv") -> Path:
    """A file with this text; blanks at the beginning of its lines are left out."""
    file = folder / name
    file.write_bytes("\n".join(line.strip() for line in text.strip().splitlines()).encode() + b"\n")
    return file


def exported(folder: Path, what: str = "visits", name: str = "out.csv") -> list[dict[str, str]]:
    """What an export writes, row by row."""
    names, rows = {
        "visits": (exporting.VISITS, exporting.visits),
        "cases": (exporting.CASES, exporting.cases),
        "tickets": (exporting.TICKETS, exporting.tickets),
    }[what]
    reading().rollback()
    targets.write(folder / name, "csv", names, rows(reading()))
    return list(csv.DictReader(io.StringIO((folder / name).read_text("utf-8"))))


def rejected(file: Path) -> list[tuple[str, str]]:
    """Lines and reasons of the rejected rows written beside a file."""
    beside = file.with_name(file.name + ".rejected.csv")
    with beside.open(encoding="utf-8", newline="") as lines:
        return [(row["line"], row["reason"]) for row in csv.DictReader(lines)]
