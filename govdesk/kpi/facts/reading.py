"""Read figures from the cells: the fewest that cover a period, and the rows of the days that have changed."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from govdesk.kpi import answers, repeats
from govdesk.kpi.columns import Columns
from govdesk.kpi.facts import covering, packing, standing
from govdesk.kpi.facts.covering import Piece
from govdesk.kpi.facts.families import KEPT, PLACES, Family, Tallying
from govdesk.kpi.facts.models import FactCell
from govdesk.kpi.groups import TIMES, By, Group, Tallies, period_of
from govdesk.kpi.question import Question, Scope
from govdesk.kpi.totals import totals

LONGEST = dt.timedelta(days=31)
AT_ONCE = 400  # spans in one statement
MOST_ROWS = 14  # days: where more have changed, all is counted from the rows


def tallies(
    session: Session, question: Question, tally: Tallying, bys: Sequence[By],
    fields: AbstractSet[str] | None = None,
) -> list[Tallies[Any]]:  # fmt: skip
    """Give what a pass over the rows gives: from the cells where they can tell it, else by that pass.

    Who names the fields of the tallies that are wanted may read them where only these are kept.
    """
    family = KEPT.get(tally)
    if family is not None and family.is_of_readers and not question.scope.is_of_reader:
        return tally(session, question, bys)
    changed = None if family is None else standing.changed_days(session, question, family)
    if family is None or changed is None or len(changed) > MOST_ROWS:
        return tally(session, question, bys)
    levels = {by: level_of(family, question.scope, by, fields) for by in bys}
    others = [by for by, level in levels.items() if level is None]
    known = [by for by in bys if levels[by] is not None]
    found = dict(zip(others, tally(session, question, others), strict=True)) if others else {}
    found |= zip(
        known, _read(session, question, family, {by: levels[by] or () for by in known}, changed), strict=True
    )
    if family.make is repeats.Tally:
        _lean_on_older(session, question, family, {by: found[by] for by in known}, changed)
    if family.make is answers.Tally:
        answers.weigh(session, question, {by: found[by] for by in known}, tallies)
    return [found[by] for by in bys]


def level_of(family: Family, scope: Scope, by: By, fields: AbstractSet[str] | None = None) -> By | None:
    """The breakdown of the cells that can tell these fields (None: all) of this one in this scope, if any."""
    words = {word for word in by if word not in {*TIMES, *PLACES, *family.by_service, *family.split}}
    places = scope.places or ()
    needs_branch = "branch" in by or scope.branch_id is not None or any(place[0] for place in places)
    needs_service = (
        bool({"service", *family.by_service} & set(by))
        or scope.service_id is not None
        or any(place[1] for place in places)
        or scope.places == frozenset()
    )
    needed = (*(["branch"] if needs_branch else []), *(["service"] if needs_service else []))
    known = {level for level, _whole in family.levels}
    for kept in ((), *family.words):
        level = (*needed, *kept)
        if level not in known or not words <= set(kept) or (words ^ set(kept)) & family.apart:
            continue
        of_level = family.fields_of(level)
        if of_level is None or (fields is not None and fields <= of_level):
            return level
    return None


def _read(
    session: Session,
    question: Question,
    family: Family,
    levels: Mapping[By, By],
    changed: AbstractSet[dt.date],
) -> list[Tallies[Any]]:
    parts: dict[By, list[tuple[Columns, Sequence[Group | None]]]] = {by: [] for by in levels}
    for level, wanted in _together(levels, family).items():
        times = {time_of(by) for by in wanted}
        known = _known(session, question, family, level)
        covers = {time: list(covering.cover(question, known, changed, time)) for time in times}
        if None in covers and len(covers) > 1:
            covers[None] = next(cover for time, cover in covers.items() if time is not None)
        cells = dict(_cells(session, family, level, {piece for cover in covers.values() for piece in cover}))
        for by in wanted:
            translate = _Translation(question, family, level, by)
            parts[by] += [
                (cells[piece], translate.groups(cells[piece].groups, piece)) for piece in covers[time_of(by)]
            ]
    bys = [*levels]
    for first, last in covering.runs((day for day in changed if question.has(day)), family.step):
        some = family.columns(session, replace(question, from_day=first, to_day=last), bys)
        for by, own in zip(bys, some, strict=True):
            parts[by].append((own.only(family.fields_of(levels[by])), own.groups))
    found = [totals(parts[by], family.make) for by in bys]
    if family.leave_out is not None:
        for by, tallies_ in zip(bys, found, strict=True):
            family.leave_out(by, tallies_)
    return found


def _together(levels: Mapping[By, By], family: Family) -> dict[By, list[By]]:
    """What is read of each level: a sum of one that is read in the same periods anyway is not read again."""
    of_level: dict[By, list[By]] = {}
    for by, level in levels.items():
        of_level.setdefault(level, []).append(by)
    for level in sorted(of_level, key=len):
        wider = next((one for one in of_level if _adds_up_to(one, level, of_level, family)), None)
        if wider is not None:
            of_level[wider] += of_level.pop(level)
    return of_level


def _adds_up_to(one: By, level: By, of_level: Mapping[By, Sequence[By]], family: Family) -> bool:
    times, own = ({time_of(by) for by in of_level[some]} for some in (one, level))
    more = set(one) - set(level)
    is_whole = family.fields_of(one) is None and not more & family.apart
    return len(one) > len(level) and set(level) <= set(one) and times == own == {None} and is_whole


def time_of(by: By) -> str | None:
    """The time in a breakdown."""
    return next((word for word in by if word in TIMES), None)


class _Translation:
    """Turns the groups of a cell into those that are asked for, and leaves out what may not be seen."""

    def __init__(self, question: Question, family: Family, level: By, by: By) -> None:
        self.by = tuple(word for word in by if word not in family.split)
        self.level = level
        places = question.places
        self._branches = {code: branch_id for branch_id, code in places.branches.items()}
        self._services = {
            one.code: (service_id, one.department, one.family) for service_id, one in places.services.items()
        }
        self._of_service = (
            {"department": 1, "family": 2} if "family" in family.by_service else {"department": 1}
        )
        self._is_weekly = family.is_weekly
        self._scope, self._departments = question.scope, places.departments
        self._is_branch_needed = family.is_whole_only and not question.scope.is_everywhere
        self._known: dict[str | None, dict[Group, Group | None]] = {}  # by period

    def groups(self, groups: Sequence[Group], piece: Piece) -> list[Group | None]:
        """The groups that are asked for; None where one may not be seen."""
        time = time_of(self.by)
        period = None if time is None else self._period(piece.starts_on, time)
        known = self._known.setdefault(period, {})
        for group in groups:
            if group not in known:
                known[group] = self._group(group, period) if self._is_seen(group) else None
        return [known[group] for group in groups]

    def _group(self, group: Group, period: str | None) -> Group:
        own = dict(zip(self.level, group, strict=True))
        return tuple(period if word in TIMES else self._word(word, own) for word in self.by)

    def _period(self, first: dt.date, time: str) -> str:
        return first.isoformat() if self._is_weekly and time == "week" else period_of(first, time)

    def _word(self, word: str, own: Mapping[str, str | None]) -> str | None:
        if word in self._of_service:
            code = own["service"]
            return None if code is None else str(self._services[code][self._of_service[word]])
        return own[word]

    def _is_seen(self, group: Group) -> bool:
        own = dict(zip(self.level, group, strict=True))
        branch_id = self._branches.get(own.get("branch") or "")
        service_id, department, _family = self._services.get(own.get("service") or "", (None, "", ""))
        is_somewhere = branch_id is not None or not self._is_branch_needed
        return is_somewhere and self._scope.has(branch_id, service_id, self._departments.get(department))


def _known(session: Session, question: Question, family: Family, level: By) -> dict[str, set[dt.date]]:
    """The first days of the cells that there are, by span."""
    bounds = []
    if question.from_day is not None:
        bounds.append(FactCell.starts_on >= question.from_day)
    if question.to_day is not None:
        bounds.append(FactCell.starts_on <= question.to_day + LONGEST)  # or what else a month would tell
    query = select(FactCell.span, FactCell.starts_on).where(*_of(family, level), *bounds)
    found: dict[str, set[dt.date]] = {span: set() for span in covering.SPANS}
    for span, starts_on in session.execute(query):
        found[span].add(starts_on)
    return found


def _cells(
    session: Session, family: Family, level: By, pieces: Iterable[Piece]
) -> Iterator[tuple[Piece, Columns]]:
    ordered = sorted(pieces)
    for begin in range(0, len(ordered), AT_ONCE):
        some = ordered[begin : begin + AT_ONCE]
        spans = {piece.span for piece in some}
        which = or_(
            *(
                and_(
                    FactCell.span == span,
                    FactCell.starts_on.in_([piece.starts_on for piece in some if piece.span == span]),
                )
                for span in sorted(spans)
            )
        )
        query = select(FactCell.span, FactCell.starts_on, FactCell.data).where(*_of(family, level), which)
        for span, starts_on, data in session.execute(query):
            yield Piece(starts_on, span), packing.unpack(data)


def _of(family: Family, level: By) -> tuple[Any, ...]:
    return FactCell.family == family.name, FactCell.by == ",".join(level)


def _lean_on_older(
    session: Session, question: Question, family: Family, found: Mapping[By, Tallies[Any]],
    changed: AbstractSet[dt.date],
) -> None:  # fmt: skip
    """Give young cohorts the older visits that their estimates go on with: of the period, and of late."""
    young = [
        by for by, tallies_ in found.items() if time_of(by) and any(one.pending for one in tallies_.values())
    ]
    if not young:
        return
    bys = list(dict.fromkeys(map(_without_time, young)))
    older: dict[tuple[By, Group], Counter[Any]] = {}
    for asked in _reference(question):
        late = standing.changed_days(session, asked, family)
        levels = {by: level_of(family, asked.scope, by) or () for by in bys}
        read = _read(session, asked, family, levels, changed if late is None else late)
        for by, tallies_ in zip(bys, read, strict=True):
            for group, one in tallies_.items():
                older.setdefault((by, group), Counter()).update(one.timeline)
    for by in young:
        inner = tuple(word for word in by if word != "cause")
        for group, one in found[by].items():
            one.older = older.get(repeats.timeless(inner, group), Counter())


def _without_time(by: By) -> By:
    return tuple(word for word in by if word not in TIMES and word != "cause")


def _reference(question: Question) -> list[Question]:
    """The period, and what of the last months it leaves out."""
    since = repeats.reference_from(question)
    first, last = question.from_day, question.to_day
    if last is not None and last < since:
        return [question, replace(question, from_day=since, to_day=None)]
    return [replace(question, from_day=first if first is None else min(first, since), to_day=None)]
