"""Tallies as bytes and back, and tallies added up: of whichever family, by the kinds of its fields.

A field is a number (they add up), a Counter, Lengths, or a greatest value that may be None. A field whose
metadata says BESIDE is no fact: it is put there when figures are read.
"""

import json
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from govdesk.kpi.groups import Group, Tallies
from govdesk.kpi.lengths import Lengths

BESIDE = {"is_beside": True}
HEAD = struct.Struct("<I")
SHORT, LONG = "<i4", "<i8"
FITS = 2**31

Make = Callable[[], Any]


def names(make: Make) -> list[str]:
    """The names of the fields that are facts, in their order."""
    return [one.name for one in fields(make()) if not one.metadata.get("is_beside")]


def join(into: Any, others: Iterable[Any], named: Iterable[str]) -> None:
    """Add tallies to one."""
    for other in others:
        for name in named:
            value = getattr(other, name)
            if _is_nothing(value):
                continue
            own = getattr(into, name)
            if isinstance(value, Counter):
                for key, count in value.items():
                    own[key] += count
            elif isinstance(value, Lengths):
                own.join(value)
            elif isinstance(value, float) or own is None:
                setattr(into, name, value if own is None else max(own, value))
            else:
                setattr(into, name, own + value)


def pack(tallies: Mapping[Group, Any], make: Make) -> bytes:
    """Give the tallies of all groups as bytes."""
    named, tail = names(make), list[bytes]()
    rows = [[group, _packed(tallies[group], named, tail)] for group in sorted(tallies, key=str)]
    head = json.dumps(rows, separators=(",", ":"), ensure_ascii=False).encode()
    return zlib.compress(b"".join((HEAD.pack(len(head)), head, *tail)), 1)


def unpack(data: bytes, make: Make) -> Tallies[Any]:
    """Give the tallies back."""
    whole, named, found = zlib.decompress(data), names(make), Tallies[Any](make)
    size = HEAD.unpack_from(whole)[0]
    place = HEAD.size + size
    for group, values in json.loads(whole[HEAD.size : place]):
        one = found[tuple(group)]
        for at, value in values.items():
            name = named[int(at)]
            if isinstance(value, dict):
                lengths, place = _lengths(whole, place, value)
                setattr(one, name, lengths)
            elif isinstance(value, list):
                counter = getattr(one, name)
                for key, count in value:
                    counter[tuple(key) if isinstance(key, list) else key] = count
            else:
                setattr(one, name, value)
    return found


def _packed(one: Any, named: list[str], tail: list[bytes]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for at, name in enumerate(named):
        value = getattr(one, name)
        if _is_nothing(value):
            continue
        if isinstance(value, Counter):
            found[at] = sorted(([key, count] for key, count in value.items() if count), key=str)
        elif isinstance(value, Lengths):
            found[at] = _kept(value, tail)
        else:
            found[at] = value
    return found


def _is_nothing(value: Any) -> bool:
    return value is None or not (value or isinstance(value, float))


def _kept(lengths: Lengths, tail: list[bytes]) -> dict[str, Any]:
    values, counts = lengths.part()
    is_short = int(values[0]) >= -FITS and int(values[-1]) < FITS
    kind = SHORT if is_short else LONG
    tail.append(values.astype(kind).tobytes())
    if counts is not None:
        tail.append(counts.astype(LONG).tobytes())
    return {"n": len(values), "kind": kind, "counts": counts is not None}


def _lengths(whole: bytes, place: int, told: Mapping[str, Any]) -> tuple[Lengths, int]:
    values = np.frombuffer(whole, told["kind"], told["n"], place)
    place += values.nbytes
    counts = None
    if told["counts"]:
        counts = np.frombuffer(whole, LONG, told["n"], place)
        place += counts.nbytes
    return Lengths.of_part(values, counts), place
