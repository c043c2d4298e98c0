"""The cases behind a figure in words, with names for those alone who may open the file."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from sqlalchemy import select

from govdesk import i18n
from govdesk.cases.models import Case
from govdesk.cases.work import scope
from govdesk.catalog.models import Cause
from govdesk.db import reading
from govdesk.faces.head import lengths
from govdesk.faces.head.asking import Asked
from govdesk.i18n import date_short, moment_of, nt, t
from govdesk.kpi.behind.lines import Line
from govdesk.kpi.behind.paging import LISTS
from govdesk.people.models import PersonContact
from govdesk.web import actor

MINUTE = dt.timedelta(minutes=1)
ANONYMOUS = ("answers", "drivers")


@dataclass(frozen=True, slots=True)
class Told:
    """One of them as a page shows it."""

    at: str
    service: str
    branch: str
    what: str
    name: str
    url: str | None


def has_list(key: str) -> bool:
    """Whether a figure counts single cases that can be shown."""
    return key in LISTS


def heading(key: str) -> str:
    """What is in the list of a figure."""
    return t(f"marks.kind_{LISTS[key]}")


def told(asked: Asked, lines: Sequence[Line]) -> list[Told]:
    """Say each line in words; a name and the way to the file only as the pages of cases would give them."""
    session, who = reading(), actor()
    people = {line.person_id for line in lines if line.person_id is not None}
    known = session.scalars(select(PersonContact).where(PersonContact.person_id.in_(people)))
    names = {one.person_id: one.name for one in known}
    ids = {line.case_id for line in lines if line.case_id is not None}
    files = session.scalars(select(Case).where(Case.id.in_(ids)))
    readable = {one.id for one in files if scope.may_read(session, who, one)}
    causes = {one.code: i18n.named(one) for one in session.scalars(select(Cause))}
    made = []
    for line in lines:
        name, url = t("marks.case_none" if line.case_id is None else "marks.case_no_name"), None
        if line.case_id in readable:
            name = names.get(line.person_id or 0) or t("marks.case_unlinked")
            url = url_for("cases.show", case_id=line.case_id)
        made.append(Told(*_place(asked, line), what(line, causes), name, url))
    return made


def what(line: Line, causes: dict[str, str]) -> str:
    """What the figure holds against it."""
    if line.why in {"failed", "return"}:
        key, cause = f"marks.why_{line.why}", causes.get(line.cause or "", line.cause)
        days = nt("marks.days", line.number or 0)
        return t(f"{key}_cause", days=days, cause=cause) if cause else t(key, days=days)
    if line.why == "papers":
        return nt("marks.why_papers", line.number or 0)
    if line.why == "broken":
        return t("marks.why_broken", day=date_short(line.day) if line.day else "")
    return t(f"marks.why_{line.why}", length=_length(line.length), promised=_length(line.limit))


def _place(asked: Asked, line: Line) -> tuple[str, str, str]:
    """When it was, of which service, at which branch."""
    known = asked.question.places
    service = asked.name_of("service", known.services[line.service_id].code)
    branch = "" if line.branch_id is None else asked.name_of("branch", known.branches[line.branch_id])
    return moment_of(line.at, str(known.zone(line.branch_id))), service, branch


def _length(length: dt.timedelta | None) -> str:
    return "" if length is None else lengths.said(length / MINUTE, "minutes")
