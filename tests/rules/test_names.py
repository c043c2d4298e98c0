"""Names of one person, however they are written, and of two."""

import pytest

from govdesk.people.names import are_alike


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("نورة الحربي", "نوره الحربى"),
        ("أحمد بن سعد الغامدي", "احمد سعد الغامدي"),
        ("عبدالله القحطاني", "عبد الله القحطاني"),
        ("محمد الحربي", "محمد علي الحربي"),
        ("محمد علي الحربي", "Mohammed Ali Al-Harbi"),
        ("يوسف", "Yousef"),
        ("عبد الرحمن", "Abdulrahman"),
        ("Fatimah Al Shammari", "فاطمة الشمري"),
        ("مُحَمَّد", "محمد"),
        ("Mohammad", "MUHAMMAD"),
    ],
)
def test_spellings_of_one_name_are_alike(one: str, other: str) -> None:
    assert are_alike(one, other)
    assert are_alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("خالد الحربي", "سارة الحربي"),  # a family that shares a telephone
        ("محمد علي الحربي", "محمد سعد الحربي"),
        ("محمد الحربي", "محمد القحطاني"),
        ("", "محمد"),
        ("خ", "ج"),
    ],
)
def test_other_names_are_not(one: str, other: str) -> None:
    assert not are_alike(one, other)
    assert not are_alike(other, one)
