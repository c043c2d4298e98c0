"""People find what they mean, however they spell it."""

import pytest

from govdesk.catalog.spelling import likeness, stems


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("اقامة", "إقامة"),  # no hamza
        ("أقامه", "إقامة"),  # another hamza, ha for ta marbuta
        ("آلة", "اله"),
        ("مستشفي", "مستشفى"),  # ya for alif maqsura
        ("مسؤول", "مسوول"),
        ("الرخصة", "رخصة"),  # the article
        ("والرخصة", "رخصة"),
        ("بالرخصة", "رخصة"),
        ("للرخصة", "رخصة"),
        ("رُخْصَة", "رخصة"),  # vowel signs
        ("رخـــصة", "رخصة"),  # tatweel
        ("١٤٤٨", "1448"),  # Arabic-Indic digits
        ("۱۴۴۸", "1448"),  # Persian digits
        ("LICENCE", "licence"),
        ("licences", "licence"),
        ("copies", "copy"),
        ("boxes", "box"),
        ("addresses", "address"),
        ("café", "cafe"),
    ],
)
def test_two_spellings_of_one_word(typed: str, written: str) -> None:
    assert stems(typed) == stems(written)


@pytest.mark.parametrize(
    ("typed", "written"),
    [("status", "statu"), ("address", "addres"), ("gas", "ga"), ("رخصة", "رصخة"), ("18", "1")],
)
def test_words_that_stay_different(typed: str, written: str) -> None:
    assert stems(typed) != stems(written)


@pytest.mark.parametrize(
    ("asked", "known", "expected"),
    [
        ("رخصة", "تجديد الرخصة", 2),
        ("رخص", "تجديد الرخصة", 1),  # a beginning
        ("رخصتي", "رخصت السائق", 1),  # a known word begins it
        ("lost licence", "Lost licences", 4),
        ("carpet", "car", 0),  # a short word does not stand for a longer one
        ("1", "12", 0),  # numbers are met whole
        ("12", "12 months", 2),
        ("of", "of", 0),  # too short to mean anything
        ("", "anything", 0),
    ],
)
def test_how_well_words_are_met(asked: str, known: str, expected: int) -> None:
    assert likeness(stems(asked), stems(known)) == expected
