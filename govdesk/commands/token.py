"""`govdesk token`."""

import click
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.catalog.models import Branch
from govdesk.catalog.service import branch_of
from govdesk.commands.context import in_app
from govdesk.config import settings
from govdesk.db import reading, transaction
from govdesk.people import tokens


@click.group()
def token() -> None:
    """Let programs in: kiosks, boards, other systems. Each gets a token of its own."""


@token.command()
@click.option("--name", required=True, help="What holds it, such as “Kiosk at the north door”.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(tokens.SCOPES),
    multiple=True,
    required=True,
    help="What it may do. Repeat for more.",
)
@click.option("--branch", help="Code of the branch that it is bound to; without one, every branch.")
@click.option(
    "--days",
    type=click.IntRange(1, tokens.MOST_DAYS),
    default=tokens.USUAL_DAYS,
    show_default=True,
    help="How long it lives.",
)
@in_app
def add(name: str, scopes: tuple[str, ...], branch: str | None, days: int) -> None:
    """Make a token and print it: this once, for only its digest is kept.

    Example: govdesk token add --name "North kiosk" --scope kiosk --branch rawdah --days 90
    """
    with transaction() as session:
        branch_id = branch_of(session, branch).id if branch else None
        made, secret = tokens.issue(
            session, actor=SYSTEM, name=name, scopes=scopes, branch_id=branch_id, days=days
        )
        until = clock.local_day(made.expires_at, settings().default_timezone)
    click.echo(f"valid until {until}; keep it now, it is not shown again", err=True)
    click.echo(secret)


@token.command("list")
@in_app
def list_tokens() -> None:
    """List tokens: name, state, scopes, branch, last day, day of last use.

    Example: govdesk token list
    """
    branches = {row.id: row.code for row in reading().scalars(select(Branch))}
    for row in tokens.known(reading()):
        until = clock.local_day(row.expires_at, settings().default_timezone)
        where = branches[row.branch_id] if row.branch_id is not None else "-"
        used = row.last_used_on or "never"
        click.echo(f"{row.name}\t{row.state}\t{','.join(row.scopes)}\t{where}\t{until}\t{used}")


@token.command()
@click.argument("name")
@in_app
def revoke(name: str) -> None:
    """Let nobody in with a token any more.

    Example: govdesk token revoke "North kiosk"
    """
    with transaction() as session:
        found = tokens.find(session, name)
        tokens.revoke(session, actor=SYSTEM, token=found)
        said = found.name
    click.echo(f"{said} lets nobody in any more")
