"""The pages about time: how long needs take, how long people wait and when, what the counters bear."""

from typing import Any

from flask import Response, request

from govdesk.catalog.service import open_branches
from govdesk.db import reading
from govdesk.faces.head import (
    breakdowns,
    plotly_script,
    timing_curves,
    timing_heat,
    timing_load,
    timing_parts,
    words,
)
from govdesk.faces.head.asking import Asked, asked
from govdesk.faces.head.cards import FEWEST, until
from govdesk.faces.head.timing_parts import with_units
from govdesk.faces.head.views import bp
from govdesk.i18n import moment_of, named
from govdesk.kpi import ageing, service
from govdesk.kpi.figures import Figure, hide_small
from govdesk.kpi.opening_hours import open_hours
from govdesk.kpi.question import READERS
from govdesk.kpi.registry import BY_KEY
from govdesk.web import actor, page, staff_only

Asking = list[tuple[str, tuple[str, ...]]]

PAGES = (
    ("head.timing", "timing.needs"),
    ("head.timing_waits", "timing.waits"),
    ("head.timing_counters", "timing.counters"),
)
HEATS = ("median", "p90")
OF_CASES: Asking = [
    ("time_to_resolution", ()), ("time_to_resolution", ("service",)),
    ("elapsed_parts", ()), ("elapsed_parts", ("service",)), ("elapsed_parts", ("unit",)),
    ("sla_attainment", ()), ("sla_attainment", ("service",)), ("sla_attainment", ("unit",)),
    ("sla_attainment", ("service", "policy")),
]  # fmt: skip


@bp.get("/figures/time")
@staff_only(*READERS)
def timing() -> Response:
    """How long needs take, where the time goes, how old open ones are, which promises were kept."""
    question = asked()
    lasted, by_lasted, wholes, of_service, of_unit, sla, *kept = shown(question, OF_CASES)
    kept_service, kept_unit, kept_policy = kept
    by_service, by_unit = ageing.ages(reading(), question.question)
    may_open = timing_parts.sees_cases(actor())
    units = with_units(question)
    return page(
        "head/timing.html",
        **_common(question),
        curves=timing_curves.curves(question, lasted.total, by_lasted),
        parts=[
            ("service", timing_parts.stacks(question, of_service), timing_parts.stacks(question, wholes)),
            ("unit", timing_parts.stacks(units, of_unit), timing_parts.stacks(question, wholes)),
        ],
        whole=wholes.total,
        parts_order=timing_parts.ORDER,
        parts_summary=timing_parts.parts_summary(wholes.total),
        ages=[
            ("service", timing_parts.age_rows(question, "service", by_service, is_open=may_open)),
            ("branch", timing_parts.age_rows(question, "branch", by_unit, is_open=may_open)),
        ],
        age_whole=ageing.total(by_service),
        age_columns=timing_parts.age_columns(),
        may_open=may_open,
        service_ids={one.code: key for key, one in question.question.places.services.items()},
        sla=sla.total,
        kept=[
            ("service", breakdowns.bars(question, kept_service)),
            ("unit", breakdowns.bars(units, kept_unit)),
        ],
        policies=timing_parts.policies(question, kept_policy),
        definition=BY_KEY["time_to_resolution"],
    )


@bp.get("/figures/time/waits")
@staff_only(*READERS)
def timing_waits() -> Response:
    """When people wait for how long, and whether what they were told was kept."""
    question = asked()
    which = request.args.get("of", HEATS[0])
    which = which if which in HEATS else HEATS[0]
    waited, by_clock, kept, by_hour, by_service, done, by_unit = shown(
        question,
        [
            ("waiting_time", ()), ("waiting_time", ("weekday", "hour")),
            ("promise_kept", ()), ("promise_kept", ("hour",)), ("promise_kept", ("service",)),
            ("commitments_kept", ()), ("commitments_kept", ("unit",)),
        ],
    )  # fmt: skip
    opened = open_hours(reading(), question.question)
    return page(
        "head/timing_waits.html",
        **_common(question),
        which=which,
        heats=HEATS,
        heat=timing_heat.waits(by_clock, opened, which),
        waited=waited.total,
        promised=[
            ("hour", kept.total, breakdowns.bars(_with_hours(question, by_hour), by_hour)),
            ("service", kept.total, breakdowns.bars(question, by_service)),
            ("unit", done.total, breakdowns.bars(with_units(question), by_unit)),
        ],
        definition=BY_KEY["waiting_time"],
    )


@bp.get("/figures/time/counters")
@staff_only(*READERS)
def timing_counters() -> Response:
    """What a day brings and how many counters bear it; when and where they are idle while people wait."""
    question = asked()
    form = timing_load.form_of(question)
    branch = timing_load.branch_of(question, open_branches(reading()))
    idle, by_clock, by_branch = shown(
        question,
        [("idle_with_queue", by) for by in ((), ("weekday", "hour"), ("branch",))],
    )
    return page(
        "head/timing_counters.html",
        **_common(question),
        form=form,
        load=None if branch is None else timing_load.view(question, branch, form),
        idle=idle.total,
        heat=timing_heat.idle(by_clock, open_hours(reading(), question.question)),
        where=breakdowns.bars(question, by_branch),
        definition=BY_KEY["idle_with_queue"],
        named=named,
    )


def shown(question: Asked, wanted: Asking) -> list[Figure]:
    """Figures of one question, small groups hidden."""
    return [hide_small(figure, FEWEST) for figure in service.figures(reading(), question.question, wanted)]


def _with_hours(question: Asked, figure: Figure) -> Asked:
    hours = [hour for row in figure.rows if (hour := row.group["hour"]) is not None]
    return timing_parts.naming(question, "hour", {hour: timing_heat.hour_name(hour) for hour in hours})


def _common(question: Asked) -> dict[str, Any]:
    return {
        "asked": question,
        "period": until(question),
        "as_of": moment_of(question.question.as_of, question.zone),
        "parts_of_page": PAGES,
        "plotly_version": plotly_script.version(),
        "map_style_id": plotly_script.map_style_id(),
        "words": words,
    }
