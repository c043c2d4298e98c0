"""Signals of figures in words."""

from dataclasses import dataclass
from typing import Any

from flask import url_for

from govdesk.catalog.models import Branch, Department, PublicService
from govdesk.db import reading
from govdesk.faces.head import words
from govdesk.i18n import date_short, named, t
from govdesk.kpi.marks import listing
from govdesk.kpi.marks.models import FigureSignal
from govdesk.kpi.registry import BY_KEY
from govdesk.people.models import Staff
from govdesk.web import actor


@dataclass(frozen=True, slots=True)
class Told:
    """A signal in words."""

    id: int
    name: str
    places: str
    sense: str
    kind: str  # of the tag
    words: str
    found_on: str
    owner: str
    seen: list[tuple[str, str]]  # by whom and when, and what they said
    url: str


def waiting() -> list[Told]:
    """The signals that the signed-in person has not seen yet, in words."""
    return [told(one) for one in listing.unseen(reading(), actor())]


def told(signal: FigureSignal) -> Told:
    """Say a signal in words."""
    watch, measure = signal.watch, BY_KEY[signal.watch.measure]
    name = words.period_name(signal.period, watch.time)
    period = t("marks.week_of", day=name) if watch.time == "week" else name
    mean = words.amount(signal.mean, measure.unit)
    if signal.kind == "assurance":
        target = words.target_of(measure, signal.target.value)
        said, sense = t("marks.told_assurance", target=target, mean=mean), "fails"
    else:
        value, rule = words.amount(signal.value, measure.unit), t(f"head.rule_{signal.rule}")
        said = t("marks.told_variation", period=period, value=value, mean=mean, rule=rule)
        sense = signal.sense
    owner = reading().get(Staff, signal.owner_id) if signal.owner_id else None
    return Told(
        id=signal.id,
        name=t(measure.words("name")),
        places=_places(watch),
        sense=t(f"marks.sense_{sense}"),
        kind="good" if sense == "better" else "bad",
        words=said,
        found_on=t("marks.found_on", day=date_short(signal.found_at)),
        owner=t("targets.owned_by", name=named(owner)) if owner else "",
        seen=[
            (t("marks.seen_by", name=named(one.staff), day=date_short(one.seen_at)), one.words)
            for one in signal.seen
        ],
        url=url_for("head.figure", key=watch.measure, **_address(watch)),
    )


def _places(watch: Any) -> str:
    """The branch, and the service or else the department, in words."""
    return " · ".join(named(one) for one in _rows(watch).values()) or t("targets.everywhere")


def _address(watch: Any) -> dict[str, Any]:
    return {name: one.code for name, one in _rows(watch).items()}


def _rows(watch: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if watch.branch_id:
        found["branch"] = reading().get(Branch, watch.branch_id)
    if watch.service_id:
        found["service"] = reading().get(PublicService, watch.service_id)
    elif watch.department_id:
        found["department"] = reading().get(Department, watch.department_id)
    return {name: one for name, one in found.items() if one is not None}
