"""Waiting and serving: from arrival to call, at the desk, and the promises made about it (KPI.md §3)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import Session

from govdesk.cases.classes import ATTENDED_STATUSES
from govdesk.cases.models import Visit
from govdesk.kpi import visits
from govdesk.kpi.columns import Columns
from govdesk.kpi.figures import share
from govdesk.kpi.gathering import Adding, Gathering
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.lengths import Lengths
from govdesk.kpi.question import Question
from govdesk.kpi.turns import SECOND, Turn, live
from govdesk.kpi.visits import Reading

MINUTE = 60  # seconds


@dataclass(slots=True)
class Tally:
    """Waits and services of a group, in whole seconds."""

    waits: Lengths = field(default_factory=Lengths)  # none of them negative
    early: Lengths = field(default_factory=Lengths)  # before the appointment's own time
    negative: Lengths = field(default_factory=Lengths)
    services: Lengths = field(default_factory=Lengths)
    negative_services: int = 0
    still_waiting: int = 0
    longest_waiting: float | None = None  # minutes
    left: int = 0
    in_time: int = 0
    late: int = 0
    kept: int = 0
    broken: int = 0
    undecided: int = 0  # still waiting, and the promise still holds
    without_arrival: int = 0
    at_night: int = 0


def reading(session: Session, question: Question, _grouping: Grouping) -> Reading:
    """What is asked of the visits of a period, and of the tickets that were live at `as_of`."""
    columns = (
        Visit.status, Visit.arrived_at, Visit.called_at, Visit.served_at, Visit.ended_at,
        Visit.appointment_at, Visit.quoted_high, Visit.transfer_of,
    )  # fmt: skip
    where = (Visit.direction == "inbound", Visit.status != "cancelled")
    return Reading(
        columns, where, partial(_count, question), at=func.coalesce(Visit.arrived_at, Visit.served_at),
        beside=partial(_count_live, session, question), is_alike=False,
    )  # fmt: skip


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Gather the waits of a period: of ended visits, and of the tickets that were live at `as_of`."""
    return visits.gather(session, question, bys, reading)


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Give the waits of a period."""
    return [columns.tallies(Tally) for columns in gather(session, question, bys)]


def waiting_time(one: Tally, _question: Question) -> dict[str, Any]:
    """The median wait of those called, nearest-rank; those still waiting are counted beside it.

    A call before the arrival counts as recorded, a wait below 0; the figures without it stand beside.
    """
    recorded = _recorded(one)
    row = _times(recorded, _wait_quality(one))
    row["detail"] |= {
        "waited_share": _waited(recorded),
        "still_waiting": one.still_waiting,
        "longest_waiting": one.longest_waiting,
        "left_uncalled": one.left,
        "early": {"n": len(one.early), "median": one.early.nearest_rank(0.5, MINUTE)},
        "set_aside": len(one.negative),
        "without_set_aside": None,
    }
    if one.negative:
        rest = _times(one.waits, {})
        named = {name: rest[name] for name in ("value", "interval", "n")}
        more = {**rest["detail"], "waited_share": _waited(one.waits)}
        row["detail"]["without_set_aside"] = {**named, **more}
    return {**row, "open": one.still_waiting}


def waiting_p90(one: Tally, question: Question) -> dict[str, Any]:
    """The wait within which nine of ten were called, nearest-rank, of the same waits as the median."""
    row = waiting_time(one, question)
    detail = row["detail"] | {"median": row["value"]}
    del detail["p90"]  # the value itself
    if one.negative:
        rest = {**_p90(one.waits), "n": len(one.waits)}
        detail["without_set_aside"] = {**detail["without_set_aside"], **rest}
    return {**row, **_p90(_recorded(one)), "detail": detail}


def service_time(one: Tally, _question: Question) -> dict[str, Any]:
    """The median time at the desk, nearest-rank, of visits that were served or turned away there."""
    return _times(one.services, {"set_aside": one.negative_services, "closed_at_night": one.at_night})


def service_level(one: Tally, _question: Question) -> dict[str, Any]:
    """Called within the service's target time, of those called and those who waited longer in vain."""
    return {
        **share(one.in_time, one.in_time + one.late),
        "open": one.still_waiting,
        "data_quality": _wait_quality(one),
        "detail": {"late": one.late},
    }


def promise_kept(one: Tally, _question: Question) -> dict[str, Any]:
    """Called no later than the upper end of the first quote; waiting beyond it is broken already."""
    return {
        **share(one.kept, one.kept + one.broken),
        "open": one.undecided,
        "data_quality": _wait_quality(one),
        "detail": {"broken": one.broken},
    }


def _recorded(one: Tally) -> Lengths:
    """All waits, also those that end before they begin."""
    found = Lengths()
    found.join(one.waits)
    found.join(one.negative)
    return found


def _times(lengths: Lengths, quality: dict[str, Any]) -> dict[str, Any]:
    longest = lengths.longest
    return {
        "unit": "minutes",
        "value": lengths.nearest_rank(0.5, MINUTE),
        "n": len(lengths),
        "interval": lengths.median_interval(MINUTE),
        "data_quality": quality,
        "detail": {
            "mean": lengths.mean(MINUTE),
            "p90": lengths.nearest_rank(0.9, MINUTE),
            "longest": None if longest is None else longest / MINUTE,
        },
    }


def _p90(lengths: Lengths) -> dict[str, Any]:
    return {"value": lengths.nearest_rank(0.9, MINUTE), "interval": lengths.quantile_interval(0.9, MINUTE)}


def _waited(lengths: Lengths) -> float | None:
    """The share of those who waited at all."""
    return (len(lengths) - lengths.up_to(0)) / len(lengths) if lengths else None


def _wait_quality(one: Tally) -> dict[str, Any]:
    called = len(one.waits) + len(one.negative)
    return {
        "set_aside": len(one.negative),
        "set_aside_share": len(one.negative) / called if called else None,
        "missing_arrival": one.without_arrival,
        "closed_at_night": one.at_night,
    }


def _count(question: Question, row: Adding, values: Sequence[Any], places: Sequence[Any]) -> None:
    _count_turn(row, Turn(*values), question.places.services[places[-2]].wait_target)


def _count_live(session: Session, question: Question, rows: Gathering) -> None:
    for day, turn, places in live(session, question, rows.grouping):
        rows.row(places, day, turn.arrived_at or turn.served_at)
        _count_turn(rows, turn, question.places.services[places[-2]].wait_target)


def _count_turn(row: Adding, turn: Turn, target: int) -> None:
    if turn.status == "closed_unserved":  # forgotten overnight: in no service figure
        row.add("at_night")
        return
    if turn.status in ATTENDED_STATUSES and turn.served_at is not None:
        length = (turn.ended_at - turn.served_at) // SECOND
        if length < 0:
            row.add("negative_services")
        else:
            row.length("services", length)
    if turn.transfer_of is not None:
        return
    called_at = turn.called_at or turn.served_at
    if turn.arrived_at is None:
        row.add("without_arrival", called_at is not None)
    elif called_at is None:
        _count_uncalled(row, turn, target)
    else:
        _count_called(row, turn, called_at, target)


def _count_called(row: Adding, turn: Turn, called_at: dt.datetime, target: int) -> None:
    wait, early = turn.wait(called_at)
    if wait < 0:
        row.length("negative", wait)
        return
    row.length("waits", wait)
    if early > 0:
        row.length("early", early)
    row.add("in_time" if wait <= target * MINUTE else "late")
    if turn.quoted_high is not None:
        row.add("kept" if wait + early <= turn.quoted_high * MINUTE else "broken")


def _count_uncalled(row: Adding, turn: Turn, target: int) -> None:
    if turn.status not in {"live", "abandoned"}:  # turned away at the gate, or an appointment nobody came for
        return
    wait, early = turn.wait(turn.ended_at)
    row.add("late", wait > target * MINUTE)
    if turn.quoted_high is not None:
        row.add("broken", wait + early > turn.quoted_high * MINUTE)
        row.add("undecided", turn.status == "live" and wait + early <= turn.quoted_high * MINUTE)
    if turn.status == "live":
        row.add("still_waiting")
        row.most("longest_waiting", max(0.0, wait / MINUTE))
    else:
        row.add("left")
