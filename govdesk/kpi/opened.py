"""Cases opened in a period, read once for one family of facts or for several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from sqlalchemy.orm import Session

from govdesk.cases.models import Case
from govdesk.kpi.blocks import Block, Words
from govdesk.kpi.gathering import Adding, Gathering
from govdesk.kpi.groups import By, Grouping
from govdesk.kpi.observing import COLUMNS, Life, cases, life_of
from govdesk.kpi.question import Question

if TYPE_CHECKING:
    from govdesk.kpi.columns import Columns

AT_ONCE = 20_000  # cases in memory
OWN = len(COLUMNS) + 1  # columns before those of the breakdowns


@dataclass(frozen=True, slots=True)
class Telling:
    """What a family makes of a case: `add` is given its life and its id, if `is_told` says so of its life."""

    add: Callable[[Adding, Life, int], None]
    is_told: Callable[[Life], bool]


Tell: TypeAlias = Callable[[Session, Question], Telling]


def gather(session: Session, question: Question, bys: Sequence[By], tell: Tell) -> list[Columns]:
    """Gather the facts of one family about the cases opened in a period, in each breakdown."""
    return gather_together(session, question, [(tell, bys)])[0]


def gather_together(
    session: Session, question: Question, asked: Sequence[tuple[Tell, Sequence[By]]]
) -> list[list[Columns]]:
    """Gather the facts of several families, each in its breakdowns, from one reading of the cases."""
    grouping = Grouping([by for _tell, bys in asked for by in bys], question.places)
    parts = [_Part(grouping, tell(session, question), bys) for tell, bys in asked]
    opened = cases(session, question, grouping, (*COLUMNS, Case.id))
    while some := list(islice(opened, AT_ONCE)):
        days, rows = zip(*some, strict=True)
        block = Block([*zip(*rows, strict=True), days])
        lives = [life_of(row[: len(COLUMNS)], row[-1], question) for row in rows]
        for part in parts:
            part.count(block, lives)
    return [part.gathering.columns() for part in parts]


class _Part:
    """What one family makes of the cases, and what it has gathered."""

    def __init__(self, grouping: Grouping, telling: Telling, bys: Sequence[By]) -> None:
        self.telling = telling
        self.grouping = Grouping(bys, grouping.places)
        self.gathering = Gathering(self.grouping)
        self._adding = Adding()
        end = OWN + len(grouping.names)
        names = [OWN + grouping.names.index(name) for name in self.grouping.names]
        self._words = Words(names, end, end + 1, end + 2)

    def count(self, block: Block, lives: Sequence[Life]) -> None:
        """Add what the cases of a block add."""
        adding, ids = self._adding, block.columns[len(COLUMNS)]
        is_told = np.fromiter(map(self.telling.is_told, lives), np.bool_, block.length)
        seen = np.flatnonzero(is_told)
        for place in seen.tolist():
            adding.begin()
            self.telling.add(adding, lives[place], ids[place])
        if len(seen):
            self.gathering.put(block.sums(self.grouping, self._words, adding.take(), seen))
