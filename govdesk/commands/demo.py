"""`govdesk demo`."""

import datetime as dt
import os
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from govdesk import clock, wiring
from govdesk.commands.context import in_app
from govdesk.config import settings
from govdesk.demo import city, people, presence


@click.command()
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, another city.")
@click.option(
    "--days", type=click.IntRange(0, 1500), default=120, show_default=True, help="Length of its past."
)
@click.option(
    "--scale", type=click.FloatRange(0.1, 100), default=1.0, show_default=True, help="How busy it is."
)
@click.option(
    "--at", "moment", type=click.DateTime(["%Y-%m-%dT%H:%M"]), help="Its present, in Riyadh's time."
)
@in_app
def demo(seed: int, days: int, scale: float, moment: dt.datetime | None) -> None:
    """Fill an empty database with the demo city.

    Example: govdesk demo --seed 7 --days 30
    """
    present = presence.present_moment(clock.now())
    if moment is not None:
        present = moment.replace(tzinfo=ZoneInfo(presence.ZONE))
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("day {task.completed} of {task.total}"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task("The demo city lives", total=days)
        city.found_city(
            seed=seed,
            days=days,
            scale=scale,
            present=present,
            handlers=wiring.HANDLERS,
            tell=lambda day, _days: bar.update(task, completed=day),
        )
    click.echo(f"The demo city is ready: it is {present:%A %d %B %Y, %H:%M} there.")
    address = f"http://{settings().host}:{os.environ.get('GOVDESK_PORT', settings().port)}/staff/sign-in"
    for username, _key in people.SIGN_INS:
        click.echo(f"  {address}   {username:<11} {people.PASSWORD}")
