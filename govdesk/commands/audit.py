"""`govdesk audit`."""

import json
import sys

import click
from sqlalchemy import select

from govdesk import audit as chain
from govdesk.audit import AuditEntry
from govdesk.commands.context import in_app
from govdesk.db import reading


@click.group()
def audit() -> None:
    """Verify and read the record of what was done."""


@audit.command()
@in_app
def verify() -> None:
    """Check that nobody changed, removed or reordered an entry.

    Example: govdesk audit verify
    """
    words = {
        "changed": "entry {} was changed, or an entry before it was",
        "missing": "entry {} is missing",
        "cut": "the chain was cut: entry {} and what came after it are missing",
        "head": "the end of the chain is not signed by this installation (after entry {})",
    }
    findings = list(chain.verify(reading()))
    for finding in findings:
        number = chain.numbered(finding.strand, finding.position)
        click.echo(words[finding.problem].format(number), err=True)
    if findings:
        sys.exit(1)
    click.echo(f"the chain holds: {chain.length(reading())} entries")


@audit.command()
@click.option("--subject", help="Only entries about this, such as ticket:12 or staff:3.")
@click.option("--limit", type=int, default=100, show_default=True)
@in_app
def show(subject: str | None, limit: int) -> None:
    """Print the last entries, oldest first.

    Example: govdesk audit show --subject staff:1
    """
    query = select(AuditEntry).order_by(*chain.NEWEST_FIRST).limit(limit)
    if subject:
        query = query.where(AuditEntry.subject == subject)
    for entry in reversed(reading().scalars(query).all()):
        detail = json.dumps(entry.detail, ensure_ascii=False)
        number = chain.numbered(entry.strand, entry.position)
        click.echo(
            f"{number}\t{entry.at.isoformat()}\t{entry.actor}\t{entry.action}\t{entry.subject}\t{detail}"
        )
