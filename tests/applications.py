"""One application in each process of the tests, moved from database to database.

To make it takes longer than most tests: some hundred routes to compile, then every page and every statement
that is used for the first time. What knows a place (settings, engine, followers) is new for each test.
"""

import dataclasses
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, create_engine

from govdesk.app import create_app
from govdesk.config import Settings
from govdesk.db import db, prepare_engine
from govdesk.faces import followers
from govdesk.faces.followers import Followers

_made: dict[Settings, tuple[Flask, Engine]] = {}


def move(settings: Settings) -> Flask:
    """The application with these settings, on their database, as if it had just been made."""
    kind = dataclasses.replace(settings, instance=Path(), database_url="")
    if kind not in _made:
        app = create_app(settings)
        app.testing = True
        app.config["PROPAGATE_EXCEPTIONS"] = True  # what breaks a page breaks its test
        app.jinja_env.bytecode_cache = FileSystemBytecodeCache()  # shared by the processes
        with app.app_context():
            db.engine.connect().close()  # the dialect, which all its engines share, has met a database
            _made[kind] = app, db.engine
        return app
    app, first = _made[kind]
    app.instance_path = str(settings.instance)
    app.extensions["govdesk"] = settings
    engines: Any = db._app_engines[app]
    engines[None] = _engine(settings.database_url, first, app.config["SQLALCHEMY_ENGINE_OPTIONS"])
    return app


def leave(app: Flask) -> None:
    """Let go of the database and of what was remembered of it. Inside the application's context."""
    known: Followers = app.extensions["followers"]
    if known.watch is not None:
        known.watch.close()
    app.wsgi_app = known.inner  # type: ignore[method-assign]
    followers.configure(app, known.maker, known.maker_of_one)
    db.session.remove()
    scoped: Any = db.session.registry
    for (
        left
    ) in scoped.registry.values():  # by threads that the test has not ended; their numbers are used again
        left.close()
    scoped.registry.clear()
    db.engine.dispose()


def _engine(url: str, first: Engine, options: dict[str, Any]) -> Engine:
    """An engine of its own that knows the statements which the first has compiled."""
    made = create_engine(url, **options)
    prepare_engine(made)  # before the exchange: how connections are made is kept with the dialect
    made.dialect = first.dialect
    made._compiled_cache = first._compiled_cache
    return made
