"""Appointments of the past written into their table: new ones inserted, known ones compared."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import insert, select, update

from govdesk.booking.past_models import PastAppointment
from govdesk.cases.columns import CellError
from govdesk.cases.drafts import Draft
from govdesk.cases.records import in_parts, table_of
from govdesk.cases.stores import NO_BRANCH, Line, Rejection, Store
from govdesk.people.service import people_of_references

CONTENT = (
    "service_id",
    "branch_id",
    "person_id",
    "starts_at",
    "ends_at",
    "status",
    "channel",
    "kind",
    "created_at",
    "cancelled_at",
    "language",
    "is_set_aside",
)


class AppointmentStore(Store):
    """Writes appointments; they take no place in any slot and nobody is written to about them."""

    def put(self, batch: list[Line]) -> list[Rejection]:
        """Write some appointments; those here with other content are rejected, or replaced if told so."""
        names = {draft["beneficiary"] for _, draft in batch} - {None}
        people = people_of_references(self.session, actor=self.actor, texts=names)
        known = self._known([draft["appointment_no"] for _, draft in batch])
        fresh: list[dict[str, Any]] = []
        replaced: list[dict[str, Any]] = []
        rejected: list[Rejection] = []
        for line, draft in batch:
            row = self._row(draft, people)
            found = known.get(draft["appointment_no"])
            if found is None:
                fresh.append({**row, "source": self.source, "appointment_no": draft["appointment_no"]})
                continue
            differing = [name for name in CONTENT if row[name] != getattr(found, name)]
            if not differing:
                self.unchanged += 1
            elif self.may_update:
                replaced.append({"id": found.id, **{name: row[name] for name in differing}})
            else:
                rejected.append((line, CellError("exchange.other_content", columns=", ".join(differing))))
        if fresh:
            self.session.execute(insert(table_of(PastAppointment)), fresh)
        for row in replaced:
            self.session.execute(update(PastAppointment), [row])
        self.new, self.changed = self.new + len(fresh), self.changed + len(replaced)
        return rejected

    def finish(self) -> Iterator[tuple[int, int]]:
        """Nothing hangs on them: figures count the rows as they are."""
        yield 1, 1

    def _row(self, draft: Draft, people: dict[str, int]) -> dict[str, Any]:
        branch_id, _ = self._branch(draft["branch"] or NO_BRANCH)
        return {
            **{name: draft[name] for name in CONTENT if name in draft},
            "service_id": self._service(draft["service"], None),
            "branch_id": branch_id,
            "person_id": people[draft["beneficiary"]] if draft["beneficiary"] else None,
        }

    def _known(self, numbers: Iterable[str]) -> dict[str, Any]:
        columns = [
            PastAppointment.id,
            PastAppointment.appointment_no,
            *(getattr(PastAppointment, name) for name in CONTENT),
        ]
        found: dict[str, Any] = {}
        for some in in_parts(numbers):
            query = select(*columns).where(
                PastAppointment.source == self.source, PastAppointment.appointment_no.in_(some)
            )
            found.update((row.appointment_no, row) for row in self.session.execute(query))
        return found
