"""Imports: visits, cases or appointments of the past, whole or not at all, rejected rows with a reason."""

import csv
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit
from govdesk.actor import Actor
from govdesk.cases import drafts
from govdesk.cases.appointment_store import AppointmentStore
from govdesk.cases.case_store import CaseStore
from govdesk.cases.columns import (
    APPOINTMENT_COLUMNS,
    CASE_COLUMNS,
    CLASS_COLUMNS,
    VISIT_COLUMNS,
    CellError,
    Column,
    moment,
)
from govdesk.cases.drafts import Draft, Known, Problem, Reading
from govdesk.cases.episodes import LIVE
from govdesk.cases.mapping import Mapping
from govdesk.cases.shaping import Shape, Shaped
from govdesk.cases.sources import Cells, FileError, Line, lines_of
from govdesk.cases.spool import Spool
from govdesk.cases.stores import Store
from govdesk.cases.visit_store import VisitStore
from govdesk.catalog.models import Branch, PublicService
from govdesk.config import settings
from govdesk.i18n import t

IMPORTED = "import"
BATCH = 2000
Progress = Callable[[str, int, int], object]  # stage (read | write | judge), done, of how many
Unfold = Callable[[Cells, Iterator[Line]], tuple[Cells, Iterator[Line]]]


class RefusedError(FileError):
    """Rows were rejected and nothing was imported."""

    key = "exchange.refused"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What can be imported: its name, columns, reader of rows and writer of drafts."""

    name: str
    number: str
    columns: tuple[Column, ...]
    read: Callable[[Shaped, Reading], tuple[Draft, list[Problem]]]
    store: Callable[..., Store]
    unfold: Unfold | None = None  # of files that hold several rows for one


VISITS = Kind(name="visits", number="visit_id", columns=VISIT_COLUMNS, read=drafts.visit, store=VisitStore)
CASES = Kind(name="cases", number="case_no", columns=CASE_COLUMNS, read=drafts.case, store=CaseStore)
APPOINTMENTS = Kind(
    name="appointments",
    number="appointment_no",
    columns=APPOINTMENT_COLUMNS,
    read=drafts.appointment,
    store=AppointmentStore,
)
KINDS = {kind.name: kind for kind in (VISITS, CASES, APPOINTMENTS)}


@dataclass(slots=True, kw_only=True)
class Report:
    """What an import did, or (in a rehearsal) would do."""

    kind: str
    source: str
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    rejected_file: Path | None = None
    classes_changed: int = 0
    observed_until: datetime | None = None
    remarks: Counter[str] = field(default_factory=Counter)
    services: list[str] = field(default_factory=list)
    branches: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Import:
    """One file on its way in. Read it first (`read`, outside any transaction), then `write` it in one."""

    kind: Kind
    file: Path
    actor: Actor
    mapping: Mapping = field(default_factory=Mapping)
    skip_bad: bool = False
    is_strict: bool = False
    may_update: bool = False
    source: str | None = None
    observed_until: str | None = None
    progress: Progress = field(default=lambda _stage, _done, _total: None)
    spool: Spool = field(default_factory=Spool)

    def read(self, session: Session) -> Report:
        """Read and check every row; rejected ones are written beside the file with line and reason.

        Raises FileError for a file that cannot be read at all, RefusedError when rows were rejected and
        `skip_bad` was not said.
        """
        report = Report(kind=self.kind.name, source=self.source or self.mapping.source or IMPORTED)
        if report.source == LIVE:
            raise FileError("exchange.source_live")
        size = max(self.file.stat().st_size, 1) if self.file.exists() else 1
        with self._lines(lambda done: self.progress("read", min(done, size), size)) as (header, lines):
            shape = Shape(header, self.mapping, self.kind.columns, CLASS_COLUMNS)
            reading = Reading(self.kind.columns, shape.targets, self._known(session), report.remarks)
            for shaped in shape.rows(lines):
                report.rows += 1
                self._take(shaped, reading)
        self.progress("read", size, size)
        report.observed_until = self._observed(reading, shape)
        self._end_reading(report)
        return report

    def write(self, session: Session, report: Report) -> Report:
        """Write what was read, judge the visits, and leave one entry in the audit. Call inside a transaction.

        Raises RefusedError when a number is there already with other content and neither `may_update` nor
        `skip_bad` was said.
        """
        store = self.kind.store(
            session,
            actor=self.actor,
            source=report.source,
            timezone=self.mapping.timezone,
            may_update=self.may_update,
            observed_until=report.observed_until,
        )
        done = 0
        for batch in self.spool.batches(BATCH):
            for line, problem in store.put(batch):
                self.spool.reject(line, self._reason([(self.kind.number, problem)]))
            done += len(batch)
            self.progress("write", done, self.spool.kept)
        report.new, report.changed, report.unchanged = store.new, store.changed, store.unchanged
        report.services, report.branches = store.services, store.branches
        self._end_reading(report)
        for judged, total in store.finish():
            self.progress("judge", judged, total)
        report.classes_changed = store.classes_changed
        if report.new or report.changed:
            audit.record(
                session,
                actor=self.actor,
                action=f"{self.kind.name}.imported",
                subject=f"import:{report.source}",
                file=self.file.name,
                new=report.new,
                changed=report.changed,
                rejected=report.rejected,
            )
        return report

    @contextmanager
    def _lines(
        self, on_bytes: Callable[[int], object] | None = None
    ) -> Iterator[tuple[Cells, Iterator[Line]]]:
        told, unfold = self.mapping, self.kind.unfold
        opened = lines_of(self.file, encoding=told.encoding, delimiter=told.delimiter, on_bytes=on_bytes)
        with opened as (header, lines):
            yield unfold(header, lines) if unfold else (header, lines)

    def _known(self, session: Session) -> Known:
        named = self.mapping.timezone
        zones = session.execute(select(Branch.code, Branch.timezone)).all()
        return Known(
            zones={code: ZoneInfo(zone) for code, zone in zones},
            services=frozenset(session.scalars(select(PublicService.code))),
            zone=ZoneInfo(named or settings().default_timezone),
            mapped_zone=ZoneInfo(named) if named else None,
            is_strict=self.is_strict,
        )

    def _take(self, shaped: Shaped, reading: Reading) -> None:
        draft, problems = self.kind.read(shaped, reading)
        number = draft[self.kind.number]
        if not problems:
            first = self.spool.keep(number, shaped.line, draft)
            if first is None:
                return
            problems = [(self.kind.number, CellError("exchange.number_twice", value=number, line=first))]
        self.spool.reject(shaped.line, self._reason(problems))

    def _reason(self, problems: list[Problem]) -> str:
        return "; ".join(
            f"{column}: {t(problem.key, **problem.params)}" if column else t(problem.key, **problem.params)
            for column, problem in problems
        )

    def _observed(self, reading: Reading, shape: Shape) -> datetime | None:
        """The end of observation: as told, as mapped, else the latest moment in the file."""
        told = self.observed_until or self.mapping.observed_until
        if told is not None:
            try:
                return moment(told, reading.known.zone)
            except CellError as problem:
                raise FileError("exchange.observed_unreadable", value=told) from problem
        return shape.latest or reading.latest

    def _end_reading(self, report: Report) -> None:
        report.rejected = self.spool.rejected
        report.rejected_file = self._write_rejected()
        if report.rejected and not self.skip_bad:
            raise RefusedError(
                rejected=report.rejected,
                rows=report.rows,
                file=report.rejected_file or "",
                first=self._first_reason(),
            )

    def _first_reason(self) -> str:
        line, reason = next(self.spool.rejections())
        return t("exchange.line", line=line, reason=reason)

    def _write_rejected(self) -> Path | None:
        """Write the rejected rows beside the file as they are; without any, take an old report away."""
        target = self.file.with_name(self.file.name + ".rejected.csv")
        if not self.spool.rejected:
            target.unlink(missing_ok=True)
            return None
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            with draft.open("w", encoding="utf-8", newline="") as out:
                csv.writer(out).writerows(self._rejected_rows())
            draft.replace(target)
        except OSError as error:
            why = error.strerror or str(error)
            first = self._first_reason()
            raise FileError("exchange.rejected_not_written", file=target, why=why, first=first) from error
        return target

    def _rejected_rows(self) -> Iterator[list[Any]]:
        with self._lines() as (header, lines):
            yield ["line", "reason", *header]
            rejections = self.spool.rejections()
            wanted = next(rejections, None)
            for line, cells in lines:
                while wanted is not None and wanted[0] == line:
                    yield [line, wanted[1], *cells]
                    wanted = next(rejections, None)
                if wanted is None:
                    return
