"""Sums of digits are the sums of the numbers."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from govdesk.kpi.squares import BITS, digits, whole


@given(st.lists(st.integers(-(10**30), 10**30)))
def test_digits_add_up_to_what_the_numbers_add_up_to(numbers: list[int]) -> None:
    sums: Counter[int] = Counter()
    for number in numbers:
        for place, digit in digits(number):
            assert abs(digit) < 1 << BITS
            sums[place] += digit
    assert whole(sums) == sum(numbers)
