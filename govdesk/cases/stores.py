"""What writing drafts of any kind has in common: their source, their services and branches, their cases."""

import abc
import datetime as dt
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.cases.columns import CellError
from govdesk.cases.drafts import Draft
from govdesk.cases.models import Case, Visit
from govdesk.catalog import service as catalog
from govdesk.catalog.models import Branch, PublicService

NO_BRANCH = ""  # the code of the branch of visits whose branch is not known: no file can name it
Rejection = tuple[int, CellError]
Line = tuple[int, Draft]


class Store(abc.ABC):
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

    @abc.abstractmethod
    def put(self, batch: list[Line]) -> list[Rejection]:
        """Write some drafts; what was not taken, with its line."""

    @abc.abstractmethod
    def finish(self) -> Iterator[tuple[int, int]]:
        """Judge what hangs on the new rows; yields how many are done, of how many."""

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


def bind_cases(session: Session, source: str) -> None:
    """Bind the visits of a source that name a case to the case of that number."""
    case = select(Case.id).where(Case.source == Visit.source, Case.case_no == Visit.case_no).scalar_subquery()
    session.execute(
        update(Visit)
        .where(Visit.source == source, Visit.case_no.is_not(None), Visit.case_id.is_(None))
        .values(case_id=case)
        .execution_options(synchronize_session=False)
    )


def differs(name: str, told: Any, known: Any) -> bool:
    """Whether a file says something else; family and unit that it does not tell stay as they are."""
    return told != known and not (told is None and name in {"family", "unit"})
