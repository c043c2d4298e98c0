"""Cases written into their table with their pauses: new ones inserted, known ones compared."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import insert, select

from govdesk.cases.columns import CellError
from govdesk.cases.models import Case, CasePause
from govdesk.cases.records import in_parts, table_of
from govdesk.cases.stores import Line, Rejection, Store, bind_cases, differs

CASE_CONTENT = (
    "service_id",
    "family",
    "unit",
    "channel",
    "opened_at",
    "first_response_at",
    "first_resolved_at",
    "resolved_at",
    "due_at",
    "reopened_at",
    "withdrawn_on",
    "is_set_aside",
)


class CaseStore(Store):
    """Writes cases with their pauses."""

    def put(self, batch: list[Line]) -> list[Rejection]:
        """Write some cases; those already here with other content are rejected, unless they may be replaced.

        The end of observation is no content: a later file of the same source moves it.
        """
        known = self._known([draft["case_no"] for _, draft in batch])
        fresh: list[tuple[dict[str, Any], list[Any]]] = []
        rejected: list[Rejection] = []
        for line, draft in batch:
            row = {name: draft[name] for name in CASE_CONTENT if name in draft}
            row["service_id"] = self._service(draft["service"], draft["family"])
            case = known.get(draft["case_no"])
            if case is None:
                row["family"] = row["family"] or self._families[draft["service"]]
                number = {
                    "source": self.source,
                    "case_no": draft["case_no"],
                    "observed_until": self.observed_until,
                }
                fresh.append(({**row, **number}, draft["pauses"]))
                continue
            pauses = [(pause.from_at, pause.to_at, pause.reason) for pause in case.pauses]
            differing = [name for name in CASE_CONTENT if differs(name, row[name], getattr(case, name))]
            differing += ["pauses"] if pauses != draft["pauses"] else []
            if differing and not self.may_update:
                rejected.append((line, CellError("exchange.other_content", columns=", ".join(differing))))
                continue
            self.changed, self.unchanged = self.changed + bool(differing), self.unchanged + (not differing)
            self._replace(case, {name: row[name] for name in differing if name != "pauses"}, draft["pauses"])
        self._insert(fresh)
        return rejected

    def finish(self) -> Iterator[tuple[int, int]]:
        """Bind visits that name these cases to them."""
        bind_cases(self.session, self.source)
        yield 1, 1

    def _known(self, numbers: Iterable[str]) -> dict[str, Case]:
        found: dict[str, Case] = {}
        for some in in_parts(numbers):
            query = select(Case).where(Case.source == self.source, Case.case_no.in_(some))
            found.update((case.case_no, case) for case in self.session.scalars(query))
        return found

    def _replace(self, case: Case, values: dict[str, Any], pauses: list[Any]) -> None:
        for name, value in values.items():
            setattr(case, name, value)
        case.observed_until = self.observed_until
        if [(pause.from_at, pause.to_at, pause.reason) for pause in case.pauses] != pauses:
            case.pauses = [
                CasePause(from_at=start, to_at=end, reason=reason) for start, end, reason in pauses
            ]
        self.session.flush()
        self.session.expunge(case)

    def _insert(self, fresh: list[tuple[dict[str, Any], list[Any]]]) -> None:
        if not fresh:
            return
        self.session.execute(insert(table_of(Case)), [row for row, _ in fresh])
        self.new += len(fresh)
        paused = {row["case_no"]: pauses for row, pauses in fresh if pauses}
        if not paused:
            return
        rows = [
            {"case_id": case.id, "from_at": start, "to_at": end, "reason": reason}
            for number, case in self._known(paused).items()
            for start, end, reason in paused[number]
        ]
        self.session.execute(insert(table_of(CasePause)), rows)
        self.session.expunge_all()
