"""A workbook of figures: numbers are numbers, what is hidden is empty, a second sheet says the meaning."""

import io
import zipfile
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from govdesk.db import transaction
from tests.desk import Desk
from tests.kpi_makers import make_wait
from tests.makers import Cast

SignIn = Callable[[str], Desk]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


@pytest.fixture
def city(cast: Cast) -> Cast:
    with transaction() as session:
        for minute in range(12):
            make_wait(
                session, branch=cast.north if minute < 8 else cast.harbour, service=cast.renewal,
                arrived="09:00", day="09-15", called=f"09:{minute + 1:02}", ended="09:30",
            )  # fmt: skip
    return cast


def sheet(data: bytes, number: int) -> tuple[ET.Element, list[list[str | float]]]:
    """A sheet as rows of texts and numbers."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        root = ET.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314 - our own file
        shared = ET.fromstring(book.read("xl/sharedStrings.xml"))  # noqa: S314 - the same
    texts = ["".join(part.itertext()) for part in shared.findall("x:si", NS)]
    rows: list[list[str | float]] = []
    for row in root.iter(f"{{{NS['x']}}}row"):
        cells: list[str | float] = []
        for cell in row.findall("x:c", NS):
            value = cell.findtext("x:v", "", NS)
            cells.append(texts[int(value)] if cell.get("t") == "s" else float(value))
        rows.append(cells)
    return root, rows


def test_numbers_are_numbers_and_what_they_mean_stands_beside_them(city: Cast, sign_in: SignIn) -> None:
    answer = sign_in("huda").get("/figures/service_level.xlsx", language="en", status=200)
    assert answer.headers["Content-Type"] == XLSX
    root, rows = sheet(answer.data, 1)
    assert rows[0][:4] == ["Measure", "By", "Name", "Value"]
    whole = rows[1]
    assert whole[1:3] == ["Whole", 1.0]
    assert whole[5:8] == [12.0, 12.0, 12.0]
    hidden = next(row for row in rows if "Harbour Branch" in row)
    assert not [cell for cell in hidden if isinstance(cell, float)]
    assert "rightToLeft" not in ET.tostring(root, "unicode")
    _, meaning = sheet(answer.data, 2)
    said = {str(row[0]): str(row[1]) for row in meaning}
    assert said["Definition version"] == "v1"
    assert said["Data as of"].startswith("2026-10-04")


def test_in_arabic_the_sheet_reads_from_right_to_left(city: Cast, sign_in: SignIn) -> None:
    answer = sign_in("huda").get("/figures.xlsx", language="ar", status=200)
    root, rows = sheet(answer.data, 1)
    assert 'rightToLeft="1"' in ET.tostring(root, "unicode")
    assert len(rows) > 20
    assert "لا بيانات" in {cell for row in rows for cell in row}


def test_an_unknown_figure_has_no_file(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in("huda").get("/figures/happiness.xlsx").status == 404
