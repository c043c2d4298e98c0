"""`govdesk catalog`."""

import sys
from pathlib import Path

import click

from govdesk.actor import SYSTEM
from govdesk.cases.zones import refuse_other_zone
from govdesk.catalog import document
from govdesk.commands.context import in_app
from govdesk.db import reading, transaction
from govdesk.queue import catalog_document


@click.group()
def catalog() -> None:
    """Load and write departments, branches, counters, services and schedules as one file."""


@catalog.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@in_app
def load(file: Path) -> None:
    """Take over a catalog file, whole or not at all; a second time nothing changes.

    Example: govdesk catalog load city.toml
    """
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        click.echo(f"{file} is not a text in UTF-8.", err=True)
        sys.exit(1)
    with transaction() as session:
        for branch in document.parse(catalog_document.without_dispatch(text)[0]).branches:
            refuse_other_zone(session, code=branch.code, timezone=branch.timezone)
        done = catalog_document.load(session, actor=SYSTEM, text=text)
    click.echo(
        f"{done.departments} departments, {done.branches} branches, {done.services} services, "
        f"{done.schedules} schedules; {done.changes} changes"
    )


@catalog.command()
@in_app
def dump() -> None:
    """Write the catalog to standard output, as `load` takes it.

    Example: govdesk catalog dump > city.toml
    """
    click.echo(catalog_document.dump(reading()), nl=False)
