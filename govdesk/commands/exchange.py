"""`govdesk import` and `govdesk export`."""

import contextlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from govdesk.actor import SYSTEM
from govdesk.cases import exporting, mapping, targets
from govdesk.cases.importing import KINDS, Import, Report
from govdesk.commands.context import in_app
from govdesk.db import reading, transaction
from govdesk.feedback.answers import exporting as answers
from govdesk.feedback.past import store
from govdesk.i18n import nt, t

FILE = click.Path(path_type=Path, dir_okay=False)
EXPORTS = {
    "visits": (exporting.VISITS, exporting.visits),
    "cases": (exporting.CASES, exporting.cases),
    "tickets": (exporting.TICKETS, exporting.tickets),
    "responses": (answers.COLUMNS, answers.responses),
}
STAGES = ("read", "write", "judge")


class _RehearsedError(Exception):
    """Undoes the transaction of a dry run."""


@click.group("import")
def import_() -> None:
    """Bring an office's past in: visits, cases, appointments or answers, from CSV files (plain or gzip)."""


@import_.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--mapping", "mapping_file", type=FILE, help="A TOML file that turns other columns into ours.")
@click.option("--source", help="The name of the system the numbers come from (default: import).")
@click.option("--dry-run", is_flag=True, help="Check all and change nothing.")
@click.option("--skip-bad", is_flag=True, help="Take the good rows even if others are rejected.")
@click.option("--strict", is_flag=True, help="Refuse services and branches that do not exist yet.")
@click.option("--update", is_flag=True, help="Replace rows that are here already with other content.")
@in_app
def visits(
    file: Path,
    mapping_file: Path | None,
    source: str | None,
    dry_run: bool,  # noqa: FBT001 - flags of a command
    skip_bad: bool,  # noqa: FBT001
    strict: bool,  # noqa: FBT001
    update: bool,  # noqa: FBT001
) -> None:
    """Import visits and judge which of them are repeats.

    Example: govdesk import visits visits-2025.csv.gz --dry-run
    """
    task = Import(
        kind=KINDS["visits"], file=file, actor=SYSTEM, mapping=_mapping(mapping_file), source=source
    )
    task.skip_bad, task.is_strict, task.may_update = skip_bad, strict, update
    _run(task, dry_run=dry_run)


@import_.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--mapping", "mapping_file", type=FILE, help="A TOML file that turns other columns into ours.")
@click.option("--source", help="The name of the system the numbers come from (default: import).")
@click.option("--dry-run", is_flag=True, help="Check all and change nothing.")
@click.option("--skip-bad", is_flag=True, help="Take the good rows even if others are rejected.")
@click.option("--strict", is_flag=True, help="Refuse services that do not exist yet.")
@click.option("--update", is_flag=True, help="Replace rows that are here already with other content.")
@click.option("--observed-until", help="The end of observation (default: the latest moment in the file).")
@in_app
def cases(
    file: Path,
    mapping_file: Path | None,
    source: str | None,
    dry_run: bool,  # noqa: FBT001 - flags of a command
    skip_bad: bool,  # noqa: FBT001
    strict: bool,  # noqa: FBT001
    update: bool,  # noqa: FBT001
    observed_until: str | None,
) -> None:
    """Import cases with their clocks.

    Example: govdesk import cases cases.csv --observed-until 2025-12-31T23:59:59+03:00
    """
    task = Import(kind=KINDS["cases"], file=file, actor=SYSTEM, mapping=_mapping(mapping_file), source=source)
    task.skip_bad, task.is_strict, task.may_update = skip_bad, strict, update
    task.observed_until = observed_until
    _run(task, dry_run=dry_run)


@import_.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--mapping", "mapping_file", type=FILE, help="A TOML file that turns other columns into ours.")
@click.option("--source", help="The name of the system the numbers come from (default: import).")
@click.option("--dry-run", is_flag=True, help="Check all and change nothing.")
@click.option("--skip-bad", is_flag=True, help="Take the good rows even if others are rejected.")
@click.option("--strict", is_flag=True, help="Refuse services and branches that do not exist yet.")
@click.option("--update", is_flag=True, help="Replace rows that are here already with other content.")
@in_app
def appointments(
    file: Path,
    mapping_file: Path | None,
    source: str | None,
    dry_run: bool,  # noqa: FBT001 - flags of a command
    skip_bad: bool,  # noqa: FBT001
    strict: bool,  # noqa: FBT001
    update: bool,  # noqa: FBT001
) -> None:
    """Import appointments of the past with how they ended: they count in figures and take no place.

    Example: govdesk import appointments appointments.csv.gz --dry-run
    """
    task = Import(
        kind=KINDS["appointments"], file=file, actor=SYSTEM, mapping=_mapping(mapping_file), source=source
    )
    task.skip_bad, task.is_strict, task.may_update = skip_bad, strict, update
    _run(task, dry_run=dry_run)


@import_.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--questionnaire", required=True, help="The code of the questionnaire that was answered.")
@click.option("--version", type=int, help="Which of its versions (default: the newest published).")
@click.option("--mapping", "mapping_file", type=FILE, help="A TOML file that turns other columns into ours.")
@click.option("--source", help="The name of the survey the numbers come from (default: import).")
@click.option("--dry-run", is_flag=True, help="Check all and change nothing.")
@click.option("--skip-bad", is_flag=True, help="Take the good rows even if others are rejected.")
@in_app
def responses(
    file: Path,
    questionnaire: str,
    version: int | None,
    mapping_file: Path | None,
    source: str | None,
    dry_run: bool,  # noqa: FBT001 - flags of a command
    skip_bad: bool,  # noqa: FBT001
) -> None:
    """Import the answers of an old survey, without a way back to who gave them.

    Example: govdesk import responses survey-2025.csv --questionnaire periodic-2 --source survey-2025
    """
    asked = store.version_of(reading(), questionnaire, version)
    task = store.task(asked, file, actor=SYSTEM, mapping=_mapping(mapping_file), source=source)
    task.skip_bad = skip_bad
    _run(task, dry_run=dry_run)


@click.command()
@click.argument("what", type=click.Choice(list(EXPORTS)))
@click.argument("file", type=FILE, required=False)
@click.option("--format", "form", type=click.Choice(list(targets.FORMS)), default="csv", show_default=True)
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First local day.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last local day.")
@in_app
def export(what: str, file: Path | None, form: str, first: datetime | None, last: datetime | None) -> None:
    """Write visits (each with its class), cases, tickets or anonymous answers to FILE or standard output.

    Example: govdesk export visits visits.csv.gz --from 2025-01-01 --to 2025-12-31
    """
    days: tuple[date | None, date | None] = (first.date() if first else None, last.date() if last else None)
    if days[0] and days[1] and days[0] > days[1]:
        raise click.UsageError(t("exchange.days_backwards"))
    names, rows = EXPORTS[what]
    count = targets.write(file, form, names, rows(reading(), days))
    if file is not None:
        click.echo(nt("exchange.rows_written", count, file=file), err=True)


def _mapping(file: Path | None) -> mapping.Mapping:
    return mapping.Mapping() if file is None else mapping.load(file)


def _run(task: Import, *, dry_run: bool) -> None:
    with _progress(task):
        report = task.read(reading())
        reading().rollback()
        try:
            with contextlib.suppress(_RehearsedError), transaction() as session:
                report = task.write(session, report)
                _undo_if(dry_run)
        finally:
            task.spool.close()
    _tell(report, dry_run=dry_run)


def _undo_if(dry_run: bool) -> None:  # noqa: FBT001 - a flag of the command
    if dry_run:
        raise _RehearsedError


@contextlib.contextmanager
def _progress(task: Import) -> Iterator[None]:
    """Show how far the task is, on standard error."""
    with Progress(console=Console(stderr=True)) as bar:
        stages = {
            stage: bar.add_task(t(f"exchange.stage_{stage}"), total=None, start=False) for stage in STAGES
        }

        def progress(stage: str, done: int, total: int) -> None:
            bar.start_task(stages[stage])
            bar.update(stages[stage], completed=done, total=total)

        task.progress = progress
        yield


def _tell(report: Report, *, dry_run: bool) -> None:
    lines = [nt("exchange.rows_read", report.rows)]
    if dry_run:
        lines.append(t("exchange.rehearsed"))
    lines += [
        nt(f"exchange.rows_{what}", count)
        for what, count in (("new", report.new), ("changed", report.changed), ("unchanged", report.unchanged))
        if count
    ]
    if report.rejected:
        lines.append(nt("exchange.rows_rejected", report.rejected, file=report.rejected_file or ""))
    lines += [nt(remark, count) for remark, count in sorted(report.remarks.items()) if count]
    for made in ("services", "branches"):
        codes: list[str] = getattr(report, made)
        if codes:
            lines.append(nt(f"exchange.made_{made}", len(codes), codes=", ".join(codes[:10])))
    click.echo("\n".join(lines))
