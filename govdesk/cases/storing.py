"""Drafts written into the tables: new ones inserted, known ones compared, and what hangs on them judged."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.cases.classifying import UNCLASSIFIED, classify_new, reclassify
from govdesk.cases.columns import CellError
from govdesk.cases.drafts import Draft
from govdesk.cases.models import Case, CasePause, Visit
from govdesk.cases.records import in_parts, table_of, together
from govdesk.catalog import service as catalog
from govdesk.catalog.models import Branch, PublicService
from govdesk.people.service import people_of_references

NO_BRANCH = ""  # the code of the branch of visits whose branch is not known: no file can name it
Rejection = tuple[int, CellError]
Line = tuple[int, Draft]
VISIT_CONTENT = (
    "person_id",
    "visitor_id",
    "service_id",
    "branch_id",
    "family",
    "object_ref",
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


class Store:
    """Writes drafts of one source; a known number with other content is rejected, or replaced if told so."""

    def __init__(
        self,
        session: Session,
        *,
        actor: Actor,
        source: str,
        timezone: str | None,
        may_update: bool,
        observed_until: dt.datetime | None,
    ) -> None:
        self.session, self.actor, self.source = session, actor, source
        self.timezone, self.may_update, self.observed_until = timezone, may_update, observed_until
        self.new = self.changed = self.unchanged = self.classes_changed = 0
        self.services: list[str] = []
        self.branches: list[str] = []
        self._service_ids = dict(session.execute(select(PublicService.code, PublicService.id)).all())
        self._families = dict(session.execute(select(PublicService.code, PublicService.family)).all())
        self._branches = {
            code: (branch_id, ZoneInfo(zone))
            for code, branch_id, zone in session.execute(select(Branch.code, Branch.id, Branch.timezone))
        }

    def put(self, batch: list[Line]) -> list[Rejection]:
        """Write some drafts; what was not taken, with its line."""
        raise NotImplementedError

    def finish(self) -> Iterator[tuple[int, int]]:
        """Judge what hangs on the new rows; yields how many are done, of how many."""
        raise NotImplementedError

    def _service(self, code: str, family: str | None) -> int:
        if code not in self._service_ids:
            made = catalog.ensure_imported_service(self.session, actor=self.actor, code=code, family=family)
            self._service_ids[code], self._families[code] = made.id, made.family
            self.services.append(code)
        return self._service_ids[code]

    def _branch(self, code: str) -> tuple[int, ZoneInfo]:
        if code not in self._branches:
            made = catalog.ensure_imported_branch(self.session, actor=self.actor, code=code)
            if self.timezone is not None:
                made.timezone = self.timezone
            if code == NO_BRANCH:
                made.name_ar, made.name_en = "فرع غير معروف", "Branch not known"
            else:
                self.branches.append(code)
            self.session.flush()
            self._branches[code] = (made.id, ZoneInfo(made.timezone))
        return self._branches[code]


class VisitStore(Store):
    """Writes visits, then their classes."""

    def __init__(self, session: Session, **given: Any) -> None:
        super().__init__(session, **given)
        self._before: set[int] = set()  # people and visits that hung together with what was replaced
        self._visits_before: set[int] = set()

    def put(self, batch: list[Line]) -> list[Rejection]:
        """Write some visits; those here with other content are rejected, unless they may be replaced."""
        names = {draft[column] for _, draft in batch for column in ("beneficiary", "visitor")} - {None}
        people = people_of_references(self.session, actor=self.actor, texts=names)
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
                    {**row, "source": self.source, "visit_no": draft["visit_id"], "class_name": UNCLASSIFIED}
                )
                continue
            differing = [name for name in VISIT_CONTENT if _differs(name, row[name], getattr(found, name))]
            if not differing:
                self.unchanged += 1
            elif self.may_update:
                changes = {name: row[name] for name in differing}
                if "case_no" in changes:
                    changes["case_id"] = None
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
        return {
            **row,
            "person_id": people[draft["beneficiary"]] if draft["beneficiary"] else None,
            "visitor_id": people[draft["visitor"]] if draft["visitor"] else None,
            "service_id": self._service(draft["service"], draft["family"]),
            "branch_id": branch_id,
            "object_ref": draft["object"],
            "started_on": clock.local_day(draft["started_at"], zone),
            "ended_on": clock.local_day(draft["ended_at"], zone),
        }

    def _known(self, numbers: Iterable[str]) -> dict[str, Any]:
        columns = [Visit.id, Visit.visit_no, *(getattr(Visit, name) for name in VISIT_CONTENT)]
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
            differing = [name for name in CASE_CONTENT if _differs(name, row[name], getattr(case, name))]
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


def bind_cases(session: Session, source: str) -> None:
    """Bind the visits of a source that name a case to the case of that number."""
    case = select(Case.id).where(Case.source == Visit.source, Case.case_no == Visit.case_no).scalar_subquery()
    session.execute(
        update(Visit)
        .where(Visit.source == source, Visit.case_no.is_not(None), Visit.case_id.is_(None))
        .values(case_id=case)
        .execution_options(synchronize_session=False)
    )


def _differs(name: str, told: Any, known: Any) -> bool:
    """Whether a file says something else; family and unit that it does not tell stay as they are."""
    return told != known and not (told is None and name in {"family", "unit"})
