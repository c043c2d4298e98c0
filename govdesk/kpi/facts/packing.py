"""Columns of tallies as bytes and back."""

import json
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from govdesk.kpi.columns import Column, Columns

HEAD = struct.Struct("<I")
KINDS = ("<i1", "<i2", "<i4", "<i8")  # the shortest that fits
NUMBER = "<f8"
SECOND = 1_000_000  # microseconds: where all are whole seconds they are written as such


def pack(columns: Columns) -> bytes:
    """Give the tallies of all groups as bytes."""
    tail: list[bytes] = []
    told = {name: _told(column, tail) for name, column in columns.fields.items()}
    words = json.dumps([columns.groups, told], separators=(",", ":"), ensure_ascii=False).encode()
    return zlib.compress(b"".join((HEAD.pack(len(words)), words, *tail)), 1)


def unpack(data: bytes) -> Columns:
    """Give them back."""
    whole = zlib.decompress(data)
    place = HEAD.size + HEAD.unpack_from(whole)[0]
    groups, told = json.loads(whole[HEAD.size : place])
    made = Columns(list(map(tuple, groups)))
    for name, (size, kinds, scale, named) in told.items():
        arrays: list[NDArray[Any] | None] = []
        for kind in kinds:
            if kind is None:
                arrays.append(None)
                continue
            values = np.frombuffer(whole, kind, size, place)
            place += values.nbytes
            arrays.append(values if kind == NUMBER else values.astype(np.int64))
        owners, amounts, keys = arrays
        if owners is None:
            raise ValueError(f"nobody has {name}")
        made.fields[name] = Column(
            np.cumsum(owners), amounts, None if keys is None else keys * scale, _names(named)
        )
    return made


def _told(column: Column, tail: list[bytes]) -> tuple[int, list[str | None], int, Sequence[Any] | None]:
    """How many there are, how each array is written, by what keys were divided, and a Counter's names."""
    kinds: list[str | None] = []
    scale = 1
    named, keys = column.named, column.keys
    if named is not None and keys is not None:  # only those that are there
        used = np.unique(keys)
        named, keys = [named[key] for key in used.tolist()], np.searchsorted(used, keys)
    elif keys is not None and _shortest(keys) == KINDS[-1] and not (keys % SECOND).any():
        scale, keys = SECOND, keys // SECOND
    for values in (np.diff(column.owners, prepend=0), column.amounts, keys):
        if values is None:
            kinds.append(None)
            continue
        kind = NUMBER if values.dtype.kind == "f" else _shortest(values)
        tail.append(values.astype(kind).tobytes())
        kinds.append(kind)
    return len(column.owners), kinds, scale, named


def _shortest(values: NDArray[Any]) -> str:
    low, high = int(values.min()), int(values.max())
    return next(kind for kind in KINDS if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max)


def _names(named: Sequence[Any] | None) -> list[Any] | None:
    return None if named is None else [_name(one) if one.__class__ is list else one for one in named]


def _name(one: list[Any]) -> Any:
    return tuple([_name(part) if part.__class__ is list else part for part in one])
