"""Chance: secrets are never alike, references can be read aloud, seeded draws repeat."""

import re

from govdesk import chance


def test_tokens_are_long_url_safe_and_never_alike() -> None:
    tokens = {chance.token() for _ in range(500)}
    assert len(tokens) == 500
    assert all(re.fullmatch(r"[\w-]{32}", token) for token in tokens)


def test_a_reference_has_no_letters_that_are_taken_for_others() -> None:
    codes = "".join(chance.code(8) for _ in range(500))
    assert len(codes) == 8 * 500
    assert set(codes) <= set(chance.READABLE)
    assert not set(codes) & set("01IO")


def test_drawn_numbers_stay_below_and_come_in_no_order() -> None:
    drawn = [chance.number(10**18) for _ in range(100)]
    assert len(set(drawn)) == 100
    assert sorted(drawn) != drawn
    assert 0 <= min(drawn) <= max(drawn) < 10**18
    assert {chance.number(2) for _ in range(100)} == {0, 1}


def test_a_key_is_hexadecimal() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", chance.key())


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    first, again, other = (chance.seeded(seed).random() for seed in ("7", "7", "8"))
    assert first == again
    assert first != other
