"""Quantities are written from the signs of a language, and look as if Babel had written each."""

import pytest
from babel.numbers import format_decimal, format_percent
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from govdesk import i18n

QUANTITIES = st.one_of(
    st.integers(-(10**12), 10**12),
    st.floats(-1e12, 1e12),
    st.floats(-2, 2),
    st.integers(-4000, 4000).map(lambda number: number / 8),
    st.sampled_from([0, 0.0, -0.0, 0.5, 1.5, 2.5, -0.04, 999.95, 1e22, 1e-9]),
)


@pytest.mark.parametrize("code", ["ar", "en"])
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=QUANTITIES, places=st.integers(0, 3))
def test_a_quantity_looks_as_babel_writes_it(app: Flask, code: str, value: float, places: int) -> None:
    assert app.name
    pattern = "#,##0" + ("." + "0" * places if places else "")
    locale = i18n.LOCALES[code]
    with i18n.speaking(code):
        assert i18n.num(value, places) == i18n.digits(
            format_decimal(value, pattern, locale, numbering_system="default")
        )
        percent = format_percent(value, f"{pattern}%", locale, numbering_system="default")
        assert i18n.pct(value, places) == i18n.digits(percent.replace("%", "٪" if code == "ar" else "%"))
