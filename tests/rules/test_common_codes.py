"""The code of a service in a classification that agencies share is written one way, or refused."""

import pytest

from govdesk.catalog.common_codes import NO_CODE, CommonCode, CommonCodeError, common_code, is_written


@pytest.mark.parametrize(
    ("vocabulary", "code", "written"),
    [
        ("national-services", "CIV-201", "national-services:CIV-201"),
        (" National-Services ", "civ-201", "national-services:CIV-201"),
        ("gcc.2026", "٣٠٤/٢", "gcc.2026:304/2"),
        ("eu", "１２", "eu:12"),
        ("", " ", ""),
    ],
)
def test_a_code_is_written_one_way_however_it_was_typed(vocabulary: str, code: str, written: str) -> None:
    found = common_code(vocabulary, code)
    assert found.written == written
    assert common_code(found.vocabulary, found.code) == found
    assert is_written(found.written) == (found != NO_CODE)


@pytest.mark.parametrize(
    ("vocabulary", "code", "field"),
    [
        ("", "CIV-201", "vocabulary"),
        ("national-services", "", "code"),
        ("دليل", "CIV-201", "vocabulary"),
        ("a:b", "CIV-201", "vocabulary"),
        ("national-services", "CIV 201", "code"),
        ("national-services", "-201", "code"),
        ("national-services", "C" * 41, "code"),
        ("n" * 41, "CIV-201", "vocabulary"),
    ],
)
def test_what_is_no_code_is_refused_where_it_is_wrong(vocabulary: str, code: str, field: str) -> None:
    with pytest.raises(CommonCodeError) as refused:
        common_code(vocabulary, code)
    assert refused.value.field == field


@pytest.mark.parametrize("text", ["", "CIV-201", "a:", ":A", "A:A", "a:a", "a:A:A", "a:A\n", 7, None])
def test_what_is_not_written_that_way_is_told(text: object) -> None:
    assert not is_written(text)


def test_two_vocabularies_may_have_the_same_code() -> None:
    assert CommonCode("a", "1").written != CommonCode("b", "1").written
