"""The cases behind a figure in words, with names for those alone who may open the file."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from govdesk import i18n
from govdesk.catalog.models import Cause
from govdesk.db import reading
from govdesk.faces.head import lengths
from govdesk.faces.head.asking import Asked
from govdesk.faces.head.ways import NAMELESS, subject_of, ways
from govdesk.i18n import date_short, moment_of, nt, t
from govdesk.kpi.behind.lines import Line
from govdesk.kpi.behind.paging import LISTS
from govdesk.people.models import PersonContact
from govdesk.web import actor

MINUTE = dt.timedelta(minutes=1)
ANONYMOUS = ("answers", "drivers", "invitations")
OF_NOBODY = ("visits_avoided", "digital_share")  # they count needs by their way, nobody behind them


@dataclass(frozen=True, slots=True)
class Told:
    """One of them as a page shows it."""

    at: str
    service: str
    branch: str
    what: str
    name: str
    url: str | None
    leads: str  # what the link says


def has_list(key: str) -> bool:
    """Whether a figure counts single cases that can be shown."""
    return key in LISTS


def heading(key: str) -> str:
    """What is in the list of a figure."""
    return t(f"marks.kind_{LISTS[key]}")


def has_people(lines: Sequence[Line]) -> bool:
    """Whether the lines are of people, who may have names."""
    return any(line.subject is None or line.subject[0] not in NAMELESS for line in lines)


def told(asked: Asked, lines: Sequence[Line]) -> list[Told]:
    """Say each line in words; a name and the way to the file only as the pages of cases would give them."""
    session = reading()
    people = {line.person_id for line in lines if line.person_id is not None}
    known = session.scalars(select(PersonContact).where(PersonContact.person_id.in_(people)))
    names = {one.person_id: one.name for one in known}
    open_to = ways(session, actor(), lines)
    causes = {one.code: i18n.named(one) for one in session.scalars(select(Cause))}
    made = []
    for line in lines:
        own = subject_of(line)
        name, url = t("marks.case_none" if own is None else "marks.case_no_name"), None
        if own is not None and own in open_to:
            name = names.get(line.person_id or 0) or t("marks.case_unlinked")
            url = open_to[own]
        leads = t(f"marks.open_{own[0]}") if own else ""
        made.append(Told(*_place(asked, line), what(line, causes), name, url, leads))
    return made


def what(line: Line, causes: dict[str, str]) -> str:
    """What the figure holds against it."""
    if line.why in {"failed", "return"}:
        key, cause = f"marks.why_{line.why}", causes.get(line.cause or "", line.cause)
        days = nt("marks.days", line.number or 0)
        return t(f"{key}_cause", days=days, cause=cause) if cause else t(key, days=days)
    if line.why == "turned_away" and line.cause:
        return t("marks.why_turned_away_cause", cause=causes.get(line.cause, line.cause))
    if line.why == "papers":
        return nt("marks.why_papers", line.number or 0)
    if line.why == "broken":
        return t("marks.why_broken", day=date_short(line.day) if line.day else "")
    days = nt("marks.days", line.number or 0)
    length, promised = _length(line.length), _length(line.limit)
    return t(f"marks.why_{line.why}", days=days, length=length, promised=promised, about=_about(line))


def _about(line: Line) -> str:
    """What a complaint is about, or of what kind an obstacle is."""
    if line.about is None:
        return ""
    is_complaint = line.why == "complaint"
    return t(f"complaints.about_{line.about}" if is_complaint else f"obstacles.category_{line.about}")


def _place(asked: Asked, line: Line) -> tuple[str, str, str]:
    """When it was, of which service, at which branch."""
    known = asked.question.places
    service = (
        "" if line.service_id is None else asked.name_of("service", known.services[line.service_id].code)
    )
    branch = "" if line.branch_id is None else asked.name_of("branch", known.branches[line.branch_id])
    return moment_of(line.at, str(known.zone(line.branch_id))), service, branch


def _length(length: dt.timedelta | None) -> str:
    return "" if length is None else lengths.said(length / MINUTE, "minutes")
