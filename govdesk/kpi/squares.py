"""Whole numbers of any size as digits that add up, each of them small enough for a column."""

from collections.abc import Iterator, Mapping

BITS = 30  # of a digit: more than eight thousand million of them add up in a column


def digits(number: int) -> Iterator[tuple[int, int]]:
    """Give the digits of a number, the lowest first, each with its place; all of one sign."""
    rest, sign = abs(number), -1 if number < 0 else 1
    place = 0
    while rest:
        rest, digit = rest >> BITS, rest & ((1 << BITS) - 1)
        if digit:
            yield place, sign * digit
        place += 1


def whole(sums: Mapping[int, int]) -> int:
    """Give the number that sums of digits stand for."""
    return sum(count << (BITS * place) for place, count in sums.items())
