"""`govdesk jobs`."""

import sys

import click

from govdesk import scheduler, wiring
from govdesk.commands.context import in_app
from govdesk.db import reading


@click.group()
def jobs() -> None:
    """See and run scheduled jobs."""


@jobs.command("list")
@in_app
def list_jobs() -> None:
    """Name every job and how often it runs.

    Example: govdesk jobs list
    """
    for job in wiring.JOBS:
        click.echo(f"{job.name}\tevery {job.every} s")


@jobs.command("run")
@click.argument("name")
@in_app
def run_now(name: str) -> None:
    """Run one job now.

    Example: govdesk jobs run kernel.forget_old
    """
    found = next((job for job in wiring.JOBS if job.name == name), None)
    if found is None:
        click.echo(f"There is no job {name!r}; `govdesk jobs list` names them.", err=True)
        sys.exit(1)
    click.echo(scheduler.run_job(found))


@jobs.command("history")
@in_app
def show_history() -> None:
    """Show the last runs, newest first.

    Example: govdesk jobs history
    """
    for run in scheduler.history(reading()):
        began = run.started_at.isoformat(timespec="seconds")
        ended = run.ended_at.isoformat(timespec="seconds") if run.ended_at else "running"
        click.echo(f"{run.name}\t{began}\t{ended}\t{run.error or run.result or ''}")
