"""`govdesk kpi`."""

import contextlib
import datetime as dt
import gc
import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import NoReturn
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.app import create_app
from govdesk.cases.rebuild.service import reclassify_all
from govdesk.commands.context import in_app
from govdesk.config import settings
from govdesk.db import db, reading, snapshot, transaction
from govdesk.kpi import checking, service, tables
from govdesk.kpi.facts import service as facts
from govdesk.kpi.figures import Figure, Row
from govdesk.kpi.groups import DIMENSIONS, UnknownGroupingError
from govdesk.kpi.registry import BY_KEY, MEASURES

PROCESSES = min(os.cpu_count() or 1, 4)
FEW_DAYS = 120  # are counted in this process: another one takes seconds to begin
KEPT_ROWS = 500_000  # that are in memory before it is looked for circles among them: rows make none


class Figures(click.Group):
    """A group whose first word may also be the key of a figure: then it shows that figure."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Say `show` for whoever did not say it."""
        is_said = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if is_said else ["show", *args])


class Day(click.ParamType[dt.date]):
    """A date YYYY-MM-DD, in any digits."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """Read it, or refuse with an example."""
        try:
            return dt.date.fromisoformat(i18n.latin_digits(str(value)))
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2026-10-04", param, ctx)


class Moment(click.ParamType[str]):
    """A date (its end) or an ISO 8601 moment; without an offset it is local to the installation."""

    name = "moment"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what is neither; the zone is known only inside the application."""
        text = i18n.latin_digits(str(value))
        try:
            dt.datetime.fromisoformat(text)
        except ValueError:
            self.fail(f"{value!r} is neither a date nor a moment such as 2026-10-04T10:40", param, ctx)
        return text


@click.group(cls=Figures)
def kpi() -> None:
    """Ask for figures; `govdesk kpi KEY …` is short for `govdesk kpi show KEY …`."""


@kpi.command()
@click.argument("keys", nargs=-1, metavar="[KEY ...]")
@click.option(
    "--from", "from_day", type=Day(), help="First local day (of the visit, or of a case's opening)."
)
@click.option("--to", "to_day", type=Day(), help="Last local day.")
@click.option("--by", multiple=True, help="Break down by: " + ", ".join(DIMENSIONS["repeats"]) + ".")
@click.option("--as-of", type=Moment(), help="Ignore what happened later: a date (its end) or a moment.")
@click.option(
    "--format", "shape", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)
@in_app
def show(
    keys: tuple[str, ...],
    from_day: dt.date | None,
    to_day: dt.date | None,
    by: tuple[str, ...],
    as_of: str | None,
    shape: str,
) -> None:
    """Show figures, all of them unless some are named.

    Example: govdesk kpi show repeat_visit_rate --from 2026-07-01 --by branch --format json
    """
    unknown = [key for key in keys if key not in BY_KEY]
    if unknown:
        raise service.UnknownMeasureError(measure=unknown[0])
    words = [word.strip() for given in by for word in given.split(",") if word.strip()]
    asked = service.ask(reading(), from_day=from_day, to_day=to_day, as_of=_moment(as_of))
    wanted = keys or tuple(measure.key for measure in MEASURES)
    try:
        found = service.figures(reading(), asked, [(key, words) for key in wanted])
    except UnknownGroupingError as error:
        raise click.BadParameter(i18n.t(error.key, **error.params), param_hint="--by") from error
    if shape == "json":
        documents = [figure.as_json() for figure in found]
        document = documents[0] if len(keys) == 1 else documents
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    elif shape == "csv":
        click.echo(tables.as_csv(found), nl=False)
    else:
        click.echo("\n\n".join(_table(figure) for figure in found))


@kpi.command("list")
@in_app
def list_measures() -> None:
    """Name every figure and the question that it answers.

    Example: govdesk kpi list
    """
    for measure in MEASURES:
        click.echo(f"{measure.key}\t{measure.unit}\t{i18n.t(measure.words('question'))}")


@kpi.command()
@in_app
def check() -> None:
    """Recompute every class and every figure that is kept from the rows, and compare; changes nothing.

    Example: govdesk kpi check
    """
    found: list[str] = []
    with contextlib.suppress(_OnlyLookingError), transaction() as session:
        now = clock.now()
        before = _everything(session, now)
        changed = reclassify_all(session, is_alone=True)
        _look(found, changed, before, _everything(session, now))
    if found:
        click.echo(f"recomputed from nothing, {', '.join(found)}; `govdesk kpi rebuild` mends it.", err=True)
        sys.exit(1)
    with snapshot() as session:
        other = next(checking.differences(session), None)
    if other is not None:
        click.echo(f"{other} is kept otherwise than the rows say; `govdesk kpi rebuild` mends it.", err=True)
        sys.exit(1)
    click.echo("recomputed from nothing, every class and every figure is the same")


@kpi.command()
@click.option("--figures-only", is_flag=True, help="Leave the classes of visits as they are.")
@in_app
def rebuild(*, figures_only: bool) -> None:
    """Recompute every class and every fact that figures are read from, and keep the result.

    Example: govdesk kpi rebuild
    """
    if not figures_only:
        with transaction() as session:
            changed = reclassify_all(session, is_alone=True)
        click.echo(f"{changed} visits changed their class")
    question, days = facts.begin()
    if len(days) > FEW_DAYS:
        longer = _rebuild_side_by_side(question.as_of, days)
    else:
        facts.build(question, days)
        longer = facts.add_up()
    facts.finish(question)
    click.echo(f"{len(days)} days, {longer} weeks and months are kept")


def _rebuild_side_by_side(as_of: dt.datetime, days: Sequence[dt.date]) -> int:
    """Count days in processes of their own, then add them up; the number of weeks and months."""
    db.engine.dispose()  # no connection goes to another process
    done = 0
    with ProcessPoolExecutor(PROCESSES, get_context("spawn"), _open) as pool:
        work = [pool.submit(_build, as_of, some) for some in facts.parts(days)]
        for one in as_completed(work):
            done += one.result()
            click.echo(f"counted {done} of {len(days)} days", err=True)
        shares = [(family, place) for family in sorted(facts.NAMED) for place in range(PROCESSES)]
        return sum(pool.map(_add_up, shares))


def _open() -> None:
    create_app().app_context().push()
    gc.freeze()
    gc.set_threshold(KEPT_ROWS)


def _build(as_of: dt.datetime, days: Sequence[dt.date]) -> int:
    facts.build(facts.question_at(as_of), days)
    return len(days)


def _add_up(share: tuple[str, int]) -> int:
    family, place = share
    return facts.add_up([facts.NAMED[family]], share=(place, PROCESSES))


class _OnlyLookingError(Exception):
    """Takes a transaction back that was only for comparing."""


def _look(found: list[str], changed: int, before: dict[str, str], after: dict[str, str]) -> NoReturn:
    """Say what differs, then take everything back."""
    if changed:
        found.append(f"{changed} visits have another class")
    found.extend(f"{key} has another value" for key in before if before[key] != after[key])
    raise _OnlyLookingError


def _everything(session: Session, now: dt.datetime) -> dict[str, str]:
    asked = service.ask(session, as_of=now)
    figures = service.figures(session, asked, [(measure.key, ()) for measure in MEASURES])
    return {figure.key: json.dumps(figure.total.as_json(), sort_keys=True) for figure in figures}


def _moment(text: str | None) -> dt.datetime | None:
    """Read a date as its last microsecond, and a moment without an offset as local to the installation."""
    if text is None:
        return None
    zone = ZoneInfo(settings().default_timezone)
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        moment = dt.datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return dt.datetime.combine(day, dt.time.max, zone)


def _table(figure: Figure) -> str:
    """Lay a figure out in columns for a terminal."""
    measure = BY_KEY[figure.key]
    name = i18n.t(measure.words("name"))
    head = f"{name} ({figure.key} {figure.definition_version}, {figure.as_of:%Y-%m-%d %H:%M})"
    lines = [[*figure.by, "value", "95 %", "numerator", "denominator", "n", "pending", "open"]]
    lines += [_line(figure, row) for row in figure.rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    laid = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([head, *laid, *_aside(figure)])


def _aside(figure: Figure) -> list[str]:
    """Say of the rows that end before they begin how they are counted, and the figure without them."""
    lines = []
    for row in figure.rows:
        without = row.detail.get("without_set_aside")
        if without:
            group = " ".join(row.group[word] or "-" for word in figure.by)
            counted = "as recorded" if figure.key == "waiting_time" else "as 0"
            value = f"{_number(without['value'], row.unit)} {row.unit}"
            said = f"{row.detail['set_aside']} end before they begin, counted {counted}; without them {value}"
            lines.append(f"{group}: {said}" if group else said)
    return lines


def _line(figure: Figure, row: Row) -> list[str]:
    group = [row.group[word] or "-" for word in figure.by]
    low, high = row.interval or (None, None)
    interval = f"{_number(low, row.unit)}..{_number(high, row.unit)}" if row.interval else "-"
    counts: Sequence[int | None] = (row.numerator, row.denominator, row.n, row.pending, row.open)
    value = f"{_number(row.value, row.unit)}{'' if row.unit == 'share' else ' ' + row.unit}"
    shown = value if row.value is not None else "no data"
    return [*group, shown, interval, *("-" if count is None else str(count) for count in counts)]


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "not reached"
    return f"{value:.1%}" if unit == "share" else f"{value:.2f}"
