"""`govdesk kpi periods`."""

import json
import sys

import click
from sqlalchemy import select

from govdesk import i18n
from govdesk.catalog.models import Department
from govdesk.commands.context import in_app
from govdesk.commands.kpi import kpi
from govdesk.db import reading, transaction
from govdesk.errors import NotFoundError
from govdesk.kpi.periods import document, measuring, published, rules, service
from govdesk.kpi.periods.models import PeriodVersion, ReportPeriod
from govdesk.people.models import Staff


@kpi.group()
def periods() -> None:
    """Reporting periods: drafted when they are over, published once and for all."""


@periods.command("list")
@in_app
def list_periods() -> None:
    """List every period with its state, its newest version and its hash.

    Example: govdesk kpi periods list
    """
    last = {one.period_id: one for one in published.newest(reading())}
    for row in reading().scalars(select(ReportPeriod).order_by(ReportPeriod.last_on, ReportPeriod.code)):
        told = last.get(row.id)
        said = f"{told.number}\t{told.hash}" if told else "-\t-"
        click.echo(f"{row.code}\t{row.state}\t{said}")


@periods.command()
@click.argument("code", required=False)
@click.option("--by", "username", help="Who begins it, by user name; only for a period that is named.")
@in_app
def draft(code: str | None, username: str | None) -> None:
    """Begin the reports of what has ended, or that of one period.

    Example: govdesk kpi periods draft 2026-09 --by admin
    """
    with transaction() as session:
        if code is None:
            made = service.draft_ended(session)
        else:
            found = rules.read(code)
            if found is None or username is None:
                raise click.UsageError(i18n.t("periods.no_period"))
            span, own = found
            query = select(Department).where(Department.code == own)
            department = session.scalars(query).one_or_none() if own else None
            if own and department is None:
                raise NotFoundError
            who = session.scalars(select(Staff).where(Staff.username == username)).one_or_none()
            if who is None:
                raise NotFoundError
            made = [service.draft(session, actor=who.actor, span=span, department=department)]
        for row in made:
            click.echo(f"{row.code}\t{row.state}")


@periods.command()
@click.argument("code")
@click.option("--by", "username", required=True, help="Who publishes it, by user name.")
@click.option("--correct-ar", "in_arabic", help="Publish a further version, for this reason, in Arabic.")
@click.option("--correct-en", "in_english", help="The same reason in English.")
@in_app
def publish(code: str, username: str, in_arabic: str | None, in_english: str | None) -> None:
    """Publish a period on which somebody has reflected; prints its hash.

    Example: govdesk kpi periods publish 2026-09 --by admin
    """
    if (in_arabic is None) != (in_english is None):
        raise click.UsageError("a correction needs --correct-ar and --correct-en")
    period = published.period_of(reading(), code)
    measured = measuring.measure(reading(), period, published.span_of(period))
    reading().rollback()
    with transaction() as session:
        own = published.period_of(session, code)
        who = session.scalars(select(Staff).where(Staff.username == username)).one_or_none()
        if who is None:
            raise NotFoundError
        if in_arabic is None or in_english is None:
            made = service.publish(session, actor=who.actor, period=own, measured=measured)
        else:
            known = published.versions(session, code)
            made = service.correct(
                session, actor=who.actor, period=own, measured=measured,
                reason={"ar": in_arabic, "en": in_english}, of=known[-1].number if known else 0,
            )  # fmt: skip
        click.echo(f"{code}\t{made.number}\t{made.hash}")


@periods.command()
@in_app
def verify() -> None:
    """Recompute the hash of everything that was published; exit 1 where one does not fit.

    Example: govdesk kpi periods verify
    """
    wrong, count = [], 0
    for row in reading().scalars(select(PeriodVersion).order_by(PeriodVersion.id)):
        count += 1
        told = json.loads(row.frozen)
        is_own = (told["period"], told["version"]) == (row.period.code, row.number)
        if not (document.is_whole(told) and told["hash"] == row.hash and is_own):
            wrong.append(f"{row.period.code} version {row.number}")
    if wrong:
        click.echo(f"not as it was published: {', '.join(wrong)}", err=True)
        sys.exit(1)
    click.echo(f"{count} published versions are as they were published")
