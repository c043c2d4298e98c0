"""References to what a matter is about are compared however they are typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.catalog.objects import KINDS, plain


@pytest.mark.parametrize(
    ("typed", "kind", "written"),
    [
        ("أ ب ح ١٢٣٤", "vehicle", "1234ابح"),
        ("ا ب ح 1234", "vehicle", "1234ابح"),
        ("1234 JBA", "vehicle", "1234ابح"),
        ("jba-1234", "vehicle", "1234ابح"),
        ("WVWZZZ1JZXW000001", "vehicle", "wvwzzz1jzxw000001"),  # a chassis number
        ("12/3", "property", "12-3"),
        ("١٢ - ٣", "property", "12-3"),
        ("123", "property", "123"),
        ("REQ 2026–17", "application", "req2026-17"),
        ("  ", "other", ""),
        (None, None, ""),
    ],
)
def test_a_reference_is_written_one_way(typed: str | None, kind: str | None, written: str) -> None:
    assert plain(typed, kind) == written


@given(st.text(max_size=80), st.sampled_from([None, *KINDS]))
def test_what_is_written_one_way_stays_so(typed: str, kind: str | None) -> None:
    once = plain(typed, kind)
    assert plain(once, kind) == once
    assert plain(f" {typed}\u200f", kind) == once
