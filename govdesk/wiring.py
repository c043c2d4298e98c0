"""Who hangs together with whom, in three plain tables: blueprints, listeners, jobs."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, Flask

from govdesk import limits, once
from govdesk.catalog import holidays
from govdesk.db import transaction
from govdesk.faces import navigation
from govdesk.faces.public.views import bp as public
from govdesk.faces.staff import signed_in
from govdesk.faces.staff.views import bp as staff
from govdesk.faces.styleguide.views import bp as styleguide
from govdesk.outbox import Handler
from govdesk.scheduler import Job


def _forget_old() -> int:
    with transaction() as session:
        return limits.forget_old(session) + once.forget_old(session)


def _keep_holidays_ahead() -> int:
    with transaction() as session:
        return holidays.keep_ahead(session)


BLUEPRINTS: Sequence[Blueprint] = (public, staff, styleguide)

HANDLERS: Mapping[str, Sequence[Handler]] = {}

SILENT: Mapping[str, str] = {}  # events that nobody hears yet, and why they are told all the same

JOBS: Sequence[Job] = (
    Job("kernel.forget_old", _forget_old, every=3600),
    Job("catalog.holidays_ahead", _keep_holidays_ahead, every=86400),
)


def register(app: Flask) -> None:
    """Hang the faces into an application."""
    signed_in.configure(app)
    navigation.configure(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
