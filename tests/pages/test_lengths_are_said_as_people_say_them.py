"""Lengths are shown in the unit a person would use, with the plural of the language."""

from collections.abc import Iterator

import pytest
from flask import Flask

from govdesk.faces.head import lengths

DAY, HOUR = 1.0, 1 / 24
MINUTE, SECOND = 1 / 1440, 1 / 86400
SAID = [
    (0.0, "minutes", "0 seconds", "٠ ثانية"),
    (1 / 60, "minutes", "1 second", "ثانية واحدة"),
    (37 / 60, "minutes", "37 seconds", "٣٧ ثانية"),
    (-2 / 60, "minutes", "-2 seconds", None),
    (1.5, "minutes", "1.5 minutes", "١٫٥ دقيقة"),
    (2.0, "minutes", "2 minutes", "دقيقتان"),
    (17.3, "minutes", "17 minutes", "١٧ دقيقة"),
    (119.9, "minutes", "2 hours", "ساعتان"),
    (30 * SECOND, "days", "under a minute", "أقل من دقيقة"),
    (29 * MINUTE, "days", "29 minutes", "٢٩ دقيقة"),
    (5.7 * HOUR, "days", "5.7 hours", "٥٫٧ ساعة"),
    (23.97 * HOUR, "days", "1 day", "يوم واحد"),
    (3 * DAY, "days", "3 days", "٣ أيام"),
    (52.49932, "days", "52 days", "٥٢ يومًا"),
    (0.5, "hours", "30 open minutes", "٣٠ دقيقة عمل"),
    (40.0, "hours", "40 open hours", "٤٠ ساعة عمل"),
]
BETWEEN = [
    (0.2, 17 / 60, "minutes", "12–17 seconds", "بين ١٢ و١٧ ثانية"),
    (5.0, 7.25, "days", "5.0–7.2 days", "بين ٥٫٠ و٧٫٢ يوم"),
    (50.64, 53.7, "days", "51–54 days", "بين ٥١ و٥٤ يومًا"),
    (50 * MINUTE, 3 * DAY, "days", "50 minutes – 3 days", "٥٠ دقيقة – ٣ أيام"),
    (0.0, 3.0, "minutes", "0–3 minutes", "بين ٠ و٣ دقائق"),
    (0.0, 1.14, "minutes", "0–1.1 minutes", "بين ٠ و١٫١ دقيقة"),
    (9.3 / 60, 3.3, "minutes", "0.2–3.3 minutes", "بين ٠٫٢ و٣٫٣ دقيقة"),
    (0.0, 0.0, "minutes", "0 seconds", "٠ ثانية"),
    (1 * SECOND, 9 * SECOND, "days", "under a minute", "أقل من دقيقة"),
]


@pytest.fixture(params=["en", "ar"])
def spoken(app: Flask, request: pytest.FixtureRequest) -> Iterator[str]:
    """A request in each language."""
    with app.test_request_context(headers={"Accept-Language": request.param}):
        yield request.param


def test_a_length(spoken: str) -> None:
    for value, unit, english, arabic in SAID:
        expected = english if spoken == "en" else arabic
        assert expected in {None, lengths.said(value, unit)}


def test_two_lengths(spoken: str) -> None:
    for low, high, unit, english, arabic in BETWEEN:
        assert lengths.between(low, high, unit) == (english if spoken == "en" else arabic)
