"""What stands beside the repeat-visit rate: its shadow, the young, the costs, and obstacles removed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from govdesk.cases.obstacles import listing
from govdesk.cases.obstacles.models import Obstacle
from govdesk.config import settings
from govdesk.db import reading
from govdesk.faces.head import words
from govdesk.faces.head.cards import FEWEST
from govdesk.faces.head.returning_where import Where
from govdesk.i18n import num, pct, t
from govdesk.kpi import effects, service
from govdesk.kpi.effects import Effect
from govdesk.kpi.figures import Figure, Row, hide_small
from govdesk.kpi.groups import DIMENSIONS
from govdesk.kpi.registry import BY_KEY

BESIDE = (
    "repeat_visit_rate", "shadow_repeat_rate", "avoidable_visit_share", "planned_share", "abandon_returns",
    "visits_per_matter",
)  # fmt: skip
COSTS = ("repeat_staff_hours", "repeat_hall_hours")
SPEED = "returned_in_90_days"
RATE = "repeat_visit_rate"
MOST_REMOVED = 12
MINUTES = 60

Strip = list[tuple[str, str | None, str]]


@dataclass(frozen=True, slots=True)
class Seen:
    """The figures of what is looked at, each by its key, and those in time and by cause."""

    rows: dict[str, Row]
    cohorts: Figure
    costs: tuple[Figure, Figure]
    figures: list[Figure]  # the same as `rows`, as a file has them


def gather(where: Where) -> Seen:
    """Read all figures of the page in one go, in the same unit and for the same reason where they know it."""
    asked, wanted = where.asked, where.words
    plain = [*BESIDE, SPEED, *COSTS]
    bys = [tuple(word for word in wanted if word in DIMENSIONS[BY_KEY[key].family]) for key in plain]
    more = [(RATE, (asked.time, *wanted)), *((key, (*wanted, "cause")) for key in COSTS)]
    found = service.figures(reading(), asked.question, [*zip(plain, bys, strict=True), *more])
    shown = [_looked_at(hide_small(figure, FEWEST), wanted) for figure in found]
    if where.is_hidden:
        shown = [replace(figure, rows=()) for figure in shown]
    rows = {figure.key: _only(figure, is_hidden=where.is_hidden) for figure in shown[: len(plain)]}
    cohorts, staff, hall = shown[len(plain) :]
    return Seen(rows, cohorts, (staff, hall), shown[: len(plain)])


def strip(seen: Seen) -> Strip:
    """The rate with all that keeps it honest."""
    found: Strip = [_told(key, seen.rows[key]) for key in BESIDE]
    row = seen.rows[RATE]
    if row.is_hidden or not row.data_quality:
        return found
    linkage, bounds = row.data_quality["linkage"], row.detail["bounds"]
    if linkage is not None:
        said = t("head.comparable" if row.data_quality["comparable"] else "head.not_comparable")
        if bounds:
            said = f"{said} · {t('returning.bounds', bounds=words.interval_of(tuple(bounds), 'share'))}"
        found.append((t("head.linkage"), pct(linkage), said))
    found.append((t("head.silent"), num(row.detail["silent"]), t("head.silent_ones")))
    return found


def curve_rows(row: Row) -> list[list[str | None]]:
    """The points of the curve; few people under observation are not shown."""
    return [_point(point) for point in row.detail.get("curve", ())]


def cost_rows(where: Where, seen: Seen) -> list[dict[str, Any]]:
    """The costs by cause, and in all; of one cause alone where that is looked at."""
    staff, hall = ({row.group["cause"]: row for row in figure.rows} for figure in seen.costs)
    causes = [cause for cause in staff if where.causes is None or cause in where.causes]
    ordered = sorted(causes, key=lambda cause: (staff[cause].is_hidden, -staff[cause].n, cause or ""))
    made = [_cost(where.cause_name(cause), staff[cause], hall[cause]) for cause in ordered]
    if where.causes is None and made:
        whole = [seen.rows[key] for key in COSTS]
        made.append(_cost(t("returning.together"), *whole) | {"kind": "total"})
    return made


def visits(where: Where, seen: Seen) -> int | None:
    """The repeat visits that are looked at; None where they are too few to be told."""
    if where.causes is None:
        return None if seen.rows[COSTS[0]].is_hidden else seen.rows[COSTS[0]].n
    row = next((row for row in seen.costs[0].rows if row.group["cause"] in where.causes), None)
    return None if row is None or row.is_hidden else row.n


def travel_hours(count: int | None) -> float | None:
    """The hours on the road that an administrator's assumption makes of a number of visits."""
    assumed = settings().assumed_travel_minutes
    return count * assumed / MINUTES if count and assumed else None


@dataclass(frozen=True, slots=True)
class Removed:
    """An obstacle that was cleared away, with what followed."""

    obstacle: Obstacle
    effect: Effect | None

    @property
    def is_young(self) -> bool:
        """Whether no visit since is old enough to be judged."""
        return self.effect is not None and not self.effect.after.mature

    @property
    def is_small(self) -> bool:
        """Whether too few people stand behind a side of it."""
        if self.effect is None:
            return False
        sides = (self.effect.before, self.effect.after)
        return any(0 < side.mature + side.pending < FEWEST for side in sides)


def removed(where: Where) -> list[Removed]:
    """The latest obstacles that were removed where one may look, and that touch what is looked at."""
    scope, asked = where.asked.question.scope, where.asked
    found = []
    for line in listing.closed_ones(reading(), branch_id=scope.branch_id):
        one = line.obstacle
        is_seen = one.branch_id is None or scope.has_branch(one.branch_id)
        is_seen = is_seen and (one.department_id is None or scope.has_department(one.department_id))
        touched = (("service", asked.filters.service.data), ("cause", where.cause))
        if is_seen and all(_touches(one, kind, code) for kind, code in touched):
            found.append(one)
    as_of = asked.question.as_of
    return [Removed(one, effects.effect(reading(), one, as_of)) for one in found[:MOST_REMOVED]]


def _touches(obstacle: Obstacle, kind: str, code: str | None) -> bool:
    codes = obstacle.codes(kind)
    return not code or not codes or code in codes


def _looked_at(figure: Figure, wanted: dict[str, str | None]) -> Figure:
    """Keep the groups that are looked at, and of their names what else they are broken down by."""
    here = {word: group for word, group in wanted.items() if word in figure.by}
    by = tuple(word for word in figure.by if word not in here)
    rows = tuple(
        replace(row, group={word: row.group[word] for word in by})
        for row in figure.rows
        if all(row.group[word] == group for word, group in here.items())
    )
    return replace(figure, by=by, rows=rows)


def _only(figure: Figure, *, is_hidden: bool) -> Row:
    if figure.rows:
        return figure.rows[0]
    return Row(group={}, unit=BY_KEY[figure.key].unit, is_hidden=is_hidden)


def _told(key: str, row: Row) -> tuple[str, str | None, str]:
    name = t(BY_KEY[key].words("name"))
    if row.is_hidden:
        return name, t("head.hidden"), ""
    interval = words.interval_of(row.interval, row.unit)
    counted = t("design.n", n=num(row.n))
    return name, words.value_of(row), f"{interval} · {counted}" if interval else counted


def _point(point: dict[str, Any]) -> list[str | None]:
    day, at_risk = t("returning.after_days", days=num(point["days"])), point["at_risk"]
    judged = t(f"returning.judged_{point['judged']}")
    if point["share"] is None:
        return [day, t("head.not_reached"), "", num(at_risk), judged]
    if 0 < at_risk < FEWEST:
        return [day, t("head.hidden"), "", "", judged]
    interval = words.interval_of(point["interval"], "share")
    return [day, pct(point["share"]), interval, num(at_risk), judged]


def _cost(name: str, staff: Row, hall: Row) -> dict[str, Any]:
    if staff.is_hidden:
        return {"cells": [name, t("head.hidden"), "", "", "", ""], "kind": "off"}
    cells: list[str | None] = [name, num(staff.n)]
    for row in (staff, hall):
        cells += [words.value_of(row), words.interval_of(row.interval, row.unit)]
    return {"cells": cells, "kind": ""}


def effect_csv(lines: Sequence[Removed]) -> list[list[Any]]:
    """Obstacles that were removed, as a file has them."""
    head = ["obstacle", "changed_on", "before", "before_mature", "after", "after_mature", "after_pending"]
    found: list[list[Any]] = [[*head, "difference", "low", "high", "verdict"]]
    for line in lines:
        start = [line.obstacle.id, line.obstacle.changed_on]
        if line.effect is None or line.is_small:
            found.append([*start, *[None] * 8, "hidden" if line.is_small else "unlinked"])
            continue
        before, after = line.effect.before, line.effect.after
        sides = [before.value, before.mature, after.value, after.mature, after.pending]
        moved = line.effect.difference or (None, None, None)
        found.append([*start, *sides, *moved, "young" if line.is_young else line.effect.verdict])
    return found
