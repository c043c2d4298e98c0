"""Identity numbers: what is accepted, what is refused and why, and the pseudonym that stands for a person."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.people.identity import (
    Identity,
    IdentityError,
    IdentityKind,
    check_digit,
    identify,
    pseudonym,
    pseudonym_of_reference,
    sample_identity,
)

KEY = b"a key of the tests"
seeds = st.integers(min_value=0, max_value=9_999_999)
numbered_kinds = st.sampled_from(["national", "residence"])


@pytest.mark.parametrize(
    ("nine", "digit"),
    [
        # the 1st 3rd 5th 7th 9th are doubled, two-digit products lose 9, the tenth completes a ten
        ("100000000", "8"),  # 2
        ("200000000", "6"),  # 4
        ("123456789", "7"),  # 2+2+6+4+1+6+5+8+9 = 43
        ("101234567", "2"),  # 2+0+2+2+6+4+1+6+5 = 28
        ("298765432", "0"),  # 4+9+7+7+3+5+8+3+4 = 50
    ],
)
def test_the_check_digit_is_the_luhn_digit(nine: str, digit: str) -> None:
    assert check_digit(nine) == digit


@pytest.mark.parametrize(
    ("typed", "kind", "number", "person_kind"),
    [
        ("1234567897", "national", "1234567897", "citizen"),
        ("2000000006", "residence", "2000000006", "resident"),
        ("١٢٣٤٥٦٧٨٩٧", "national", "1234567897", "citizen"),
        ("۱۲۳۴۵۶۷۸۹۷", "national", "1234567897", "citizen"),
        ("１２３４５６７８９７", "national", "1234567897", "citizen"),
        (" 1234 567-897\t", "national", "1234567897", "citizen"),
        ("\u200f1234\u00a0567\u2013897\u200e", "national", "1234567897", "citizen"),
        ("a1234567", "passport", "A1234567", "visitor"),
        ("12ab-34567", "passport", "12AB34567", "visitor"),
    ],
)
def test_a_number_is_read_however_it_is_typed(typed: str, kind: str, number: str, person_kind: str) -> None:
    identity = identify(typed)
    assert (identity.kind, identity.number, identity.person_kind) == (kind, number, person_kind)


@pytest.mark.parametrize(
    ("typed", "kind", "key"),
    [
        ("", None, "people.identity_missing"),
        (" - \u200f", None, "people.identity_missing"),
        ("1O34567897", None, "people.identity_letter"),
        ("12345678AB", None, "people.identity_letter"),
        ("١٢٣٤٥٦٧٨٩ب", None, "people.identity_letter"),
        ("1234567x", "national", "people.identity_letter"),
        ("12345678😀7", None, "people.identity_letter"),
        ("123456789", None, "people.identity_length"),
        ("12345678970", None, "people.identity_length"),
        ("3234567897", None, "people.identity_prefix"),
        ("0234567897", None, "people.identity_prefix"),
        ("2000000006", "national", "people.identity_prefix_national"),
        ("1234567897", "residence", "people.identity_prefix_residence"),
        ("1234567898", None, "people.identity_check_digit"),
        ("1234567890", "national", "people.identity_check_digit"),
        ("A1234", None, "people.passport_length"),
        ("A123456789012", None, "people.passport_length"),
        ("ABCDEFG", None, "people.passport_digit"),
        ("A12345/7", None, "people.passport_character"),
        ("ب1234567", None, "people.passport_character"),
    ],
)
def test_a_refusal_says_what_is_wrong(typed: str, kind: IdentityKind | None, key: str) -> None:
    with pytest.raises(IdentityError) as refusal:
        identify(typed, kind)
    assert (refusal.value.key, refusal.value.field, refusal.value.status) == (key, "identity", 422)


def test_a_wrong_length_says_how_many_were_typed() -> None:
    with pytest.raises(IdentityError) as refusal:
        identify("12345", field="beneficiary")
    assert refusal.value.params == {"typed": 5}
    assert refusal.value.field == "beneficiary"


def test_digits_alone_are_a_passport_only_when_the_form_says_so() -> None:
    assert identify("123456789", "passport") == Identity("passport", "123456789")
    with pytest.raises(IdentityError):
        identify("123456789")


def test_a_national_number_given_as_a_passport_stays_the_same_person() -> None:
    assert identify("1234567897", "passport") == identify("1234567897")
    assert identify("1234567898", "passport") == Identity("passport", "1234567898")


def test_the_number_does_not_show_in_a_repr_and_the_hint_is_its_end() -> None:
    identity = identify("1234567897")
    assert "1234567897" not in repr(identity)
    assert identity.hint == "897"


def test_the_pseudonym_is_an_hmac_over_kind_and_number() -> None:
    expected = hmac.new(KEY, b"national:1234567897", hashlib.sha256).hexdigest()
    assert pseudonym(identify("١٢٣٤-٥٦٧-٨٩٧"), KEY) == expected
    assert pseudonym(identify("1234567897"), b"another key") != expected


def test_a_pseudonym_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="key"):
        pseudonym(identify("1234567897"), b"")


def test_an_imported_number_is_the_person_who_came_to_the_desk() -> None:
    assert pseudonym_of_reference(" ١٢٣٤٥٦٧٨٩٧ ", KEY) == pseudonym(identify("1234567897"), KEY)
    assert pseudonym_of_reference("2000000006", KEY) == pseudonym(identify("2000000006"), KEY)


def test_other_imported_codes_are_taken_letter_by_letter() -> None:
    codes = ["B1", "b1", "B 1", "NA", "0", "1234567898", "A1234567"]
    names = [pseudonym_of_reference(code, KEY) for code in codes]
    assert len(set(names)) == len(codes)
    assert pseudonym_of_reference(" B1 ", KEY) == names[0]
    assert names[-1] != pseudonym(identify("A1234567"), KEY)


def test_an_empty_imported_code_is_refused() -> None:
    with pytest.raises(IdentityError):
        pseudonym_of_reference("  ", KEY)


@given(seeds, numbered_kinds, st.integers(0, 9), st.integers(1, 9))
def test_every_single_wrong_digit_is_caught(seed: int, kind: IdentityKind, place: int, shift: int) -> None:
    number = sample_identity(seed, kind).number
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    with pytest.raises(IdentityError):
        identify(wrong)


@given(seeds, numbered_kinds, st.integers(1, 8))
def test_every_swap_of_neighbours_but_09_is_caught(seed: int, kind: IdentityKind, place: int) -> None:
    number = sample_identity(seed, kind).number
    left, right = number[place], number[place + 1]
    swapped = number[:place] + right + left + number[place + 2 :]
    if {left, right} == {"0", "9"} or left == right:
        assert identify(swapped).number == swapped
    else:
        with pytest.raises(IdentityError):
            identify(swapped)


@given(seeds, st.sampled_from(["national", "residence", "passport"]))
def test_a_sample_is_valid_and_reading_it_again_changes_nothing(seed: int, kind: IdentityKind) -> None:
    sample = sample_identity(seed, kind)
    assert identify(sample.number, kind) == sample == identify(sample.number)


@given(seeds, seeds)
def test_other_seeds_give_other_numbers(one: int, other: int) -> None:
    same = sample_identity(one, "national") == sample_identity(other, "national")
    assert same == (one == other)


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    identity = read_or_none(text)
    assert identity is None or identify(identity.number) == identity


def read_or_none(text: str) -> Identity | None:
    try:
        return identify(text)
    except IdentityError:
        return None
