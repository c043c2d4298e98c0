"""`govdesk catalog`."""

import sys
from pathlib import Path

import click

from govdesk.actor import SYSTEM
from govdesk.cases.zones import refuse_other_zone
from govdesk.catalog import document, organisation
from govdesk.catalog.service import own_services, service_of
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


@catalog.command("common-code")
@click.argument("service", required=False)
@click.argument("vocabulary", required=False)
@click.argument("code", required=False)
@click.option("--remove", is_flag=True, help="The service is in no shared classification.")
@in_app
def common_code(service: str | None, vocabulary: str | None, code: str | None, *, remove: bool) -> None:
    """Show which code each service has in a classification that agencies share, or give one its code.

    Example: govdesk catalog common-code licence-renewal national-services TRF-101
    """
    if remove and (service is None or vocabulary is not None):
        raise click.UsageError("--remove takes a service and nothing else.")
    if (vocabulary is None) != (code is None):
        raise click.UsageError("A code stands in a vocabulary: give both.")
    if remove or vocabulary is not None:
        with transaction() as session:
            organisation.set_common(
                session, actor=SYSTEM, service=service_of(session, service or ""),
                vocabulary=vocabulary or "", code=code or "",
            )  # fmt: skip
    for row in own_services(reading()):
        if service in {None, row.code}:
            click.echo(f"{row.code}\t{row.common.written or '-'}")


@catalog.command()
@in_app
def dump() -> None:
    """Write the catalog to standard output, as `load` takes it.

    Example: govdesk catalog dump > city.toml
    """
    click.echo(catalog_document.dump(reading()), nl=False)
