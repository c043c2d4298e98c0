"""Who hangs together with whom, in three plain tables: blueprints, listeners, jobs."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, Flask

from govdesk import limits, once
from govdesk.db import transaction
from govdesk.faces.styleguide.views import bp as styleguide
from govdesk.outbox import Handler
from govdesk.scheduler import Job


def _forget_old() -> int:
    with transaction() as session:
        return limits.forget_old(session) + once.forget_old(session)


BLUEPRINTS: Sequence[Blueprint] = (styleguide,)

HANDLERS: Mapping[str, Sequence[Handler]] = {}

SILENT: Mapping[str, str] = {}  # events that nobody hears yet, and why they are told all the same

JOBS: Sequence[Job] = (Job("kernel.forget_old", _forget_old, every=3600),)


def register(app: Flask) -> None:
    """Hang the faces into an application."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
