"""Visits written into their table: new ones inserted, known ones compared, all of them judged."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.classifying import UNCLASSIFIED, classify_new, reclassify
from govdesk.cases.columns import CellError
from govdesk.cases.drafts import Draft
from govdesk.cases.links import CASE, IMPORTED, MERGED, OBJECT, PERSON
from govdesk.cases.models import Visit
from govdesk.cases.records import in_parts, table_of, together
from govdesk.cases.stores import NO_BRANCH, Line, Rejection, Store, bind_cases, differs
from govdesk.catalog.models import PublicService
from govdesk.catalog.objects import plain
from govdesk.people import same
from govdesk.people.service import people_of_references

VISIT_CONTENT = (
    "person_id",
    "visitor_id",
    "service_id",
    "branch_id",
    "family",
    "object_ref",
    "object_given",
    "case_no",
    "unit",
    "channel",
    "status",
    "direction",
    "reason",
    "outcome",
    "cause",
    "arrived_at",
    "called_at",
    "started_at",
    "served_at",
    "ended_at",
    "started_on",
    "ended_on",
    "transfer_of",
    "plan_made_at",
    "plan_due",
    "plan_reason",
    "priority",
    "appointment_at",
    "withdrawn_on",
    "officer",
    "language",
    "is_set_aside",
)
TIMES = ("arrived_at", "called_at", "started_at", "served_at", "ended_at")
SAID_BY_HAND = {PERSON: ("person_id",), CASE: ("case_no",), OBJECT: ("object_ref", "object_given")}


class VisitStore(Store):
    """Writes visits, then their classes."""

    def __init__(self, session: Session, **given: Any) -> None:
        super().__init__(session, **given)
        self._now = clock.now()
        self._before: set[int] = set()  # people and visits that hung together with what was replaced
        self._visits_before: set[int] = set()
        kinds = session.execute(select(PublicService.code, PublicService.object_kind))
        self._object_kinds = {code: kind for code, kind in kinds}  # noqa: C416 - rows, of which dict() knows not
        self._wholes: dict[int, int] = {}  # of people who were found to be others

    def put(self, batch: list[Line]) -> list[Rejection]:
        """Write some visits; those here with other content are rejected, unless they may be replaced."""
        names = {draft[column] for _, draft in batch for column in ("beneficiary", "visitor")} - {None}
        people = people_of_references(self.session, actor=self.actor, texts=names)
        self._wholes = same.wholes(self.session, people.values())
        known = self._known([draft["visit_id"] for _, draft in batch])
        fresh: list[dict[str, Any]] = []
        replaced: list[dict[str, Any]] = []
        rejected: list[Rejection] = []
        for line, draft in batch:
            row = self._row(draft, people)
            found = known.get(draft["visit_id"])
            if found is None:
                row["family"] = row["family"] or self._families[draft["service"]]
                row["unit"] = row["unit"] or draft["branch"] or ""
                fresh.append(
                    {
                        **row,
                        "source": self.source,
                        "visit_no": draft["visit_id"],
                        "class_name": UNCLASSIFIED,
                        "entered_after": (self._now - draft["ended_at"]).days,
                        "has_edited_times": False,
                    }
                )
                continue
            said = {column for fact in found.by_hand for column in SAID_BY_HAND[fact]}
            differing = [
                name
                for name in VISIT_CONTENT
                if name not in said and differs(name, row[name], getattr(found, name))
            ]
            if not differing:
                self.unchanged += 1
            elif self.may_update:
                changes = {name: row[name] for name in differing}
                if "person_id" in changes:
                    changes |= {"named_id": row["named_id"], "linked_by": row["linked_by"]}
                if "case_no" in changes:
                    changes["case_id"] = None
                if any(name in changes for name in TIMES):
                    changes["has_edited_times"] = True
                replaced.append({"id": found.id, **changes, "class_name": UNCLASSIFIED})
                self._remember(found.id, found.person_id)
            else:
                rejected.append((line, CellError("exchange.other_content", columns=", ".join(differing))))
        if fresh:
            self.session.execute(insert(table_of(Visit)), fresh)
        for row in replaced:
            self.session.execute(update(Visit), [row])
        self.new, self.changed = self.new + len(fresh), self.changed + len(replaced)
        return rejected

    def finish(self) -> Iterator[tuple[int, int]]:
        """Classify what is new, and again what hung together with what was replaced; bind visits to cases."""
        bind_cases(self.session, self.source)
        query = select(func.count()).select_from(Visit).where(Visit.class_name == UNCLASSIFIED)
        total = self.session.scalars(query).one()
        for changed in classify_new(self.session):
            self.classes_changed += changed
            yield min(self.classes_changed, total), total
        self.classes_changed += reclassify(self.session, self._before, self._visits_before)

    def _row(self, draft: Draft, people: dict[str, int]) -> dict[str, Any]:
        branch_id, zone = self._branch(draft["branch"] or NO_BRANCH)
        row = {name: draft[name] for name in VISIT_CONTENT if name in draft}
        named = people[draft["beneficiary"]] if draft["beneficiary"] else None
        whole = None if named is None else self._wholes.get(named, named)
        given = draft["object"]
        about = plain(given, self._object_kinds.get(draft["service"])) or given  # no text means "not known"
        return {
            **row,
            "person_id": whole,
            "named_id": named if named != whole else None,
            "linked_by": None if named is None else IMPORTED if named == whole else MERGED,
            "by_hand": [],
            "visitor_id": people[draft["visitor"]] if draft["visitor"] else None,
            "service_id": self._service(draft["service"], draft["family"]),
            "branch_id": branch_id,
            "object_ref": about,
            "object_given": None if given == about else given,
            "started_on": clock.local_day(draft["started_at"], zone),
            "ended_on": clock.local_day(draft["ended_at"], zone),
        }

    def _known(self, numbers: Iterable[str]) -> dict[str, Any]:
        columns = [Visit.id, Visit.visit_no, Visit.by_hand, *(getattr(Visit, name) for name in VISIT_CONTENT)]
        found: dict[str, Any] = {}
        for some in in_parts(numbers):
            query = select(*columns).where(Visit.source == self.source, Visit.visit_no.in_(some))
            found.update((row.visit_no, row) for row in self.session.execute(query))
        return found

    def _remember(self, visit_id: int, person_id: int | None) -> None:
        people = set() if person_id is None else {person_id}
        for row in together(self.session, people, {visit_id}).values():
            if row.person_id is None:
                self._visits_before.add(row.id)
            else:
                self._before.add(row.person_id)
