"""The application in which a command runs."""

import functools
import os
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

from govdesk import i18n, schema
from govdesk.app import create_app
from govdesk.db import db

Given = ParamSpec("Given")
Result = TypeVar("Result")


def in_app(command: Callable[Given, Result]) -> Callable[Given, Result]:
    """Run a command inside the application of this installation, on an up-to-date database."""
    return in_any_app(_on_current_schema(command))


def _on_current_schema(command: Callable[Given, Result]) -> Callable[Given, Result]:
    @functools.wraps(command)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        if schema.current_revision() != schema.newest_revision():
            click.echo("The database is not up to date; run `govdesk db upgrade` (or `make run`).", err=True)
            sys.exit(1)
        return command(*args, **kwargs)

    return run


def in_any_app(command: Callable[Given, Result]) -> Callable[Given, Result]:
    """Run a command inside the application, whatever the database's state, in the terminal's language."""

    @functools.wraps(command)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        with (
            create_app().app_context(),
            i18n.speaking("ar" if os.environ.get("LANG", "").startswith("ar") else "en"),
        ):
            try:
                return command(*args, **kwargs)
            finally:  # leave no connection open behind
                db.session.remove()
                db.engine.dispose()

    return run
