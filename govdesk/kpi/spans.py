"""Spans of time: joined, cut out of each other, and measured. A span without length is none."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

Span = tuple[dt.datetime, dt.datetime]


def joined(some: Iterable[Span]) -> list[Span]:
    """The same time as spans in order that do not touch each other."""
    found: list[Span] = []
    for start, end in sorted(span for span in some if span[0] < span[1]):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def both(some: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """The time that is in some and in others."""
    left, right = joined(some), joined(others)
    found: list[Span] = []
    here = there = 0
    while here < len(left) and there < len(right):
        start = max(left[here][0], right[there][0])
        end = min(left[here][1], right[there][1])
        if start < end:
            found.append((start, end))
        if left[here][1] <= right[there][1]:
            here += 1
        else:
            there += 1
    return found


def without(some: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """The time that is in some and not in others."""
    found: list[Span] = []
    taken = joined(others)
    for start, end in joined(some):
        begin = start
        for off, on in taken:
            if on <= begin or off >= end:
                continue
            if off > begin:
                found.append((begin, off))
            begin = max(begin, on)
        if begin < end:
            found.append((begin, end))
    return found


def present(some: Iterable[Span], bounds: Sequence[dt.datetime]) -> list[float]:
    """How many spans go on, on average, between each two bounds that follow each other."""
    lengths = [(end - start).total_seconds() for start, end in pairwise(bounds)]
    inside = [0.0] * len(lengths)
    for start, end in some:
        for place in range(max(0, bisect_right(bounds, start) - 1), len(lengths)):
            if bounds[place] >= end:
                break
            from_, until = max(start, bounds[place]), min(end, bounds[place + 1])
            inside[place] += max(0.0, (until - from_).total_seconds())
    return [one / length if length > 0 else 0.0 for one, length in zip(inside, lengths, strict=True)]


def seconds(some: Iterable[Span]) -> float:
    """How long they are together, counted once where they overlap."""
    return sum((end - start).total_seconds() for start, end in joined(some))
