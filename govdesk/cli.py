"""The command `govdesk`."""

import logging
import os
import sys

import click
from sqlalchemy.exc import SQLAlchemyError

from govdesk import i18n
from govdesk.commands import (
    audit,
    catalog,
    database,
    demo,
    exchange,
    jobs,
    kpi,
    messages,
    periods,
    run,
    staff,
    token,
)
from govdesk.config import SettingError
from govdesk.errors import DeskError

log = logging.getLogger("govdesk.cli")
assert periods.periods  # it hangs on `kpi`


class DatabaseFailedError(DeskError):
    """The database refused something, is not there, or is not up to date."""

    key = "kernel.database_failed"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="govdesk")
def govdesk() -> None:
    """A government service desk: appointments, counter queues, cases and honest figures."""


for command in (
    run.serve,
    run.worker,
    database.db,
    database.backup,
    database.restore,
    database.doctor,
    jobs.jobs,
    audit.audit,
    catalog.catalog,
    staff.staff,
    token.token,
    demo.demo,
    exchange.import_,
    exchange.export,
    kpi.kpi,
    messages.messages,
):
    govdesk.add_command(command)


def main() -> None:
    """Run a command: 0 done, 1 refused or found wrong, 2 wrong usage."""
    try:
        govdesk(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("stopped", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except SettingError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except DeskError as error:
        click.echo(_sentence(error), err=True)
        sys.exit(1)
    except SQLAlchemyError:
        log.debug("the database refused a command", exc_info=True)
        click.echo(_sentence(DatabaseFailedError()), err=True)
        sys.exit(1)


def _sentence(error: DeskError) -> str:
    with i18n.speaking("ar" if os.environ.get("LANG", "").startswith("ar") else "en"):
        return i18n.t(error.key, **error.params)
