"""`govdesk db`, `backup`, `restore` and `doctor`."""

import sys
from pathlib import Path

import click

from govdesk import backups, checkup, schema
from govdesk.commands.context import in_any_app, in_app


@click.group()
def db() -> None:
    """Bring the database up to date, take it back, check it."""


@db.command()
@click.argument("revision", default="head")
@in_any_app
def upgrade(revision: str) -> None:
    """Run the migrations that are missing.

    Example: govdesk db upgrade
    """
    schema.upgrade(revision)
    click.echo(f"the database is at revision {schema.current_revision()}")


@db.command()
@click.argument("revision", default="-1")
@in_any_app
def downgrade(revision: str) -> None:
    """Take the last migration back; its data is lost.

    Example: govdesk db downgrade
    """
    schema.downgrade(revision)
    click.echo(f"the database is at revision {schema.current_revision()}")


@db.command()
@in_any_app
def check() -> None:
    """Compare the database with what this version expects.

    Example: govdesk db check
    """
    if schema.current_revision() != schema.newest_revision():
        click.echo("The database is not up to date; run `govdesk db upgrade`.", err=True)
        sys.exit(1)
    differences = schema.differences()
    for difference in differences:
        click.echo(difference, err=True)
    if differences:
        sys.exit(1)
    click.echo("the database equals the models")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@in_app
def backup(file: Path) -> None:
    """Write database and secrets of this installation into one file, while it runs.

    Example: govdesk backup /var/backups/govdesk.tar.gz
    """
    click.echo(backups.backup(file))


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--yes", is_flag=True, help="Replace what is there without asking.")
def restore(file: Path, yes: bool) -> None:  # noqa: FBT001 - a flag
    """Put back what `govdesk backup` wrote; the server must be stopped.

    Example: govdesk restore /var/backups/govdesk.tar.gz --yes
    """
    if not yes:
        click.confirm("This replaces the present database and secrets. Go on?", abort=True, err=True)
    click.echo(backups.restore(file))


@click.command()
@in_any_app
def doctor() -> None:
    """Look for what is wrong: settings, database, migrations, jobs, disk, clock.

    Example: govdesk doctor
    """
    is_well = True
    for finding in checkup.examine():
        is_well &= finding.is_well
        well = "warn " if finding.is_doubtful else "ok   "
        click.echo(
            f"{well if finding.is_well else 'WRONG'} {finding.what}: {finding.sentence}",
            err=not finding.is_well,
        )
    if not is_well:
        sys.exit(1)
