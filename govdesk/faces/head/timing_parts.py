"""Where the time goes as stacked bars, how old open cases are, and under which promise they were kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from govdesk.actor import Actor
from govdesk.cases.clocks import Part
from govdesk.cases.work.scope import READERS as CASE_READERS
from govdesk.catalog.models import PublicService, ResolvePolicy
from govdesk.db import reading
from govdesk.faces.cases.lengths import length
from govdesk.faces.head import words
from govdesk.faces.head.asking import Asked
from govdesk.faces.head.cards import FEWEST
from govdesk.faces.head.timing_curves import count
from govdesk.i18n import date_long, direction, nt, num, t
from govdesk.kpi.ageing import ENDS, Age
from govdesk.kpi.figures import Figure, Row
from govdesk.kpi.question import READERS
from govdesk.kpi.suppression import Cell, hidden

ORDER = (
    Part.BOOKING_LEAD, Part.QUEUE_WAIT, Part.SERVICE, Part.BACK_OFFICE, Part.WAITING_ON_CITIZEN
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stack:
    """A bar of parts: each with the start and the width of its place, of 100; its lengths to the second."""

    name: str
    n: int
    places: list[tuple[str, float, float]]
    cells: list[str]
    whole: str
    is_hidden: bool


def with_units(asked: Asked) -> Asked:
    """The same with names for units: a branch, or what one department does there."""
    branches, departments = asked.names["branch"], asked.names["department"]
    names = {
        f"{code}/{of}": f"{name}{t('design.joint')}{part}"
        for code, name in branches.items()
        for of, part in departments.items()
    }
    return naming(asked, "unit", names | branches)


def naming(asked: Asked, word: str, names: Mapping[str, str]) -> Asked:
    """The same with names for one more kind of group."""
    return replace(asked, names={**asked.names, word: dict(names)})


def stacks(asked: Asked, figure: Figure) -> list[Stack]:
    """Give the bars of a figure by name; those without a case are left out."""
    means = [_mean(row) for row in figure.rows]
    top = max((sum(mean.values()) for mean in means), default=0) or 1
    word = figure.by[0] if figure.by else ""
    made = [
        _stack(asked.name_of(word, row.group[word]) if word else t("timing.all"), row, mean, top)
        for row, mean in zip(figure.rows, means, strict=True)
        if row.n or row.is_hidden
    ]
    return sorted(made, key=lambda bar: bar.name)


def parts_summary(row: Row) -> str:
    """What the bars show: the largest two parts of the mean."""
    mean = _mean(row)
    whole = sum(mean.values())
    if row.is_hidden or not whole:
        return ""
    first, second = sorted(ORDER, key=lambda part: -mean[part])[:2]
    return t(
        "timing.parts_summary",
        whole=length(whole),
        first=t(f"timing.part_{first}"),
        first_share=num(round(100 * mean[first] / whole)),
        second=t(f"timing.part_{second}"),
        second_share=num(round(100 * mean[second] / whole)),
    )


def _mean(row: Row) -> dict[Part, int]:
    told: Mapping[str, int] = row.detail.get("mean_seconds", {})
    return {part: told.get(part.value, 0) for part in ORDER}


def _stack(name: str, row: Row, mean: Mapping[Part, int], top: int) -> Stack:
    places, begin = [], 0.0
    for part in ORDER:
        wide = 100 * mean[part] / top
        start = begin if direction() == "ltr" else 100 - begin - wide
        places.append((part.value, round(start, 3), round(wide, 3)))
        begin += wide
    cells = [length(mean[part]) for part in ORDER]
    return Stack(name, row.n, places, cells, length(sum(mean.values())), row.is_hidden)


def age_columns() -> list[str]:
    """The names of the classes of age."""
    names = [nt("timing.under_days", ENDS[0])]
    names += [t("timing.days_between", low=num(low), high=num(high)) for low, high in pairwise(ENDS)]
    return [*names, nt("timing.days_and_more", ENDS[-1])]


def sees_cases(actor: Actor) -> bool:
    """Whether somebody may open each of the cases whose figures they read: then no cell hides one."""
    roles = {role for role, _branch, _department in actor.grants if role in READERS}
    return bool(roles) and roles <= set(CASE_READERS)


def age_rows(asked: Asked, word: str, some: Sequence[Age], *, is_open: bool) -> list[dict[str, Any]]:
    """The ages as cells, each row with the code of its group; only who sees cases is told small numbers."""
    cells: dict[Cell, int] = {
        (one.group, str(place)): people for one in some for place, people in enumerate(one.classes)
    }
    off: frozenset[Cell] = frozenset() if is_open else hidden(cells, FEWEST)
    told = num if is_open else count
    return [
        {
            "group": one.group,
            "name": asked.name_of(word, one.group),
            "cells": [
                t("head.hidden") if (one.group, str(place)) in off else num(people)
                for place, people in enumerate(one.classes)
            ],
            "n": told(one.n),
            "overdue": told(one.overdue),
            "is_overdue": one.overdue > 0,
            "free": told(one.free),
            "oldest": words.amount(one.oldest, "days"),
        }
        for one in some
    ]


def policies(asked: Asked, figure: Figure) -> list[list[str]]:
    """What was kept under each version of a service's promise."""
    session = reading()
    codes = {row.code: row.id for row in session.scalars(select(PublicService))}
    known = {
        (policy.service_id, str(policy.version)): policy for policy in session.scalars(select(ResolvePolicy))
    }
    return [
        _policy(asked, row, known.get((codes.get(row.group["service"] or ""), row.group["policy"] or "")))  # type: ignore[arg-type]
        for row in figure.rows
        if row.is_hidden or any(row.detail[name] for name in ("met", "late", "open_overdue", "open_not_due"))
    ]


def _policy(asked: Asked, row: Row, policy: ResolvePolicy | None) -> list[str]:
    name = asked.name_of("service", row.group["service"])
    version = t("timing.no_version") if row.group["policy"] is None else num(int(row.group["policy"]))
    since = "" if policy is None else date_long(policy.since.date())
    days = "" if policy is None or policy.resolve_days is None else nt("cases.days", policy.resolve_days)
    if row.is_hidden:
        return [name, version, since, days, *[""] * 4, t("head.hidden"), ""]
    counts = [num(row.detail[key]) for key in ("met", "late", "open_overdue", "open_not_due")]
    value = words.value_of(row) or t("design.no_data")
    return [name, version, since, days, *counts, value, words.interval_of(row.interval, row.unit)]
