"""Fixtures: settings, the application on a database of its own, a browser that lints, the cast."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from govdesk import chance, clock, schema
from govdesk.app import create_app
from govdesk.config import Settings
from govdesk.db import db, transaction
from tests import applications, databases, fuzz
from tests.desk import Desk
from tests.makers import MORNING, PASSWORD, Cast, make_cast

_servers: list[databases.PostgresServer] = []
KEYS: dict[str, Any] = {"secret_key": "11" * 32, "pseudonym_key": "22" * 32, "audit_key": "33" * 32}


def pytest_configure(config: pytest.Config) -> None:
    """Start the one PostgreSQL server of the run, in the process that hands out the work."""
    fuzz.look_longer()
    if databases.KIND not in {"sqlite", "postgresql"}:
        raise pytest.UsageError("GOVDESK_TEST_DATABASE is sqlite or postgresql")
    is_worker = hasattr(config, "workerinput")
    if databases.KIND == "postgresql" and not is_worker and databases.SERVER not in os.environ:
        server = databases.PostgresServer()
        _servers.append(server)
        os.environ[databases.SERVER] = server.start()


def pytest_unconfigure() -> None:
    """Stop the server."""
    while _servers:
        _servers.pop().stop()
        os.environ.pop(databases.SERVER, None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL run what meets a database; all else is the same as on SQLite."""
    if databases.KIND == "postgresql":
        others = [item for item in items if "_template" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in set(others)]


def pytest_report_header() -> str:
    """Say which database is used."""
    return f"database: {databases.KIND}"


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated database that each test copies: the path of a file, or the name of a database."""
    folder = tmp_path_factory.mktemp("template")
    if databases.KIND == "sqlite":
        address = name = f"{folder / 'template.sqlite3'}"
        url = f"sqlite:///{address}"
    else:
        name = f"template_{chance.key(8)}"
        url = databases.create(name)
    app = create_app(Settings(instance=folder, database_url=url, **KEYS))
    with app.app_context():
        schema.upgrade()
        db.engine.dispose()
    yield name
    if databases.KIND == "postgresql":
        databases.drop(name)


@pytest.fixture(scope="session")
def _reused(_template: str) -> Iterator[databases.Reused]:
    """The PostgreSQL database of this worker."""
    reused = databases.Reused(_template)
    yield reused
    reused.drop()


@pytest.fixture
def instance() -> Iterator[Path]:
    """An instance folder of its own."""
    with tempfile.TemporaryDirectory(
        prefix="govdesk-", dir=databases.roomy(), ignore_cleanup_errors=True
    ) as name:
        yield Path(name)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, instance: Path, _template: str) -> str:
    """The address of a migrated, empty database of its own."""
    if databases.KIND == "postgresql":
        reused: databases.Reused = request.getfixturevalue("_reused")
        return reused.fresh()
    shutil.copyfile(_template, instance / "govdesk.sqlite3")
    return f"sqlite:///{instance / 'govdesk.sqlite3'}"


@pytest.fixture
def settings(instance: Path, database_url: str) -> Settings:
    """Settings of a test: fixed keys, Arabic by default, limits on."""
    return Settings(instance=instance, database_url=database_url, jobs=False, threads=4, **KEYS)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application on its own database, inside an application context."""
    made = applications.move(settings)
    with made.app_context():
        yield made
        applications.leave(made)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session inside one transaction that ends with the test.

    Tests of several acts say `with transaction() as session:` themselves.
    """
    with transaction() as opened:
        yield opened
        if not opened.is_active:
            opened.rollback()


@pytest.fixture
def morning() -> Iterator[None]:
    """It is nine o'clock on Sunday, 4 October 2026, in Riyadh; `with clock.at(moment("10:30"))` moves on."""
    with clock.at(MORNING):
        yield


@pytest.fixture
def cast(app: Flask, morning: None) -> Cast:
    """The small named city, in the morning."""
    with transaction() as session:
        return make_cast(session)


@pytest.fixture
def desk(app: Flask) -> Desk:
    """A browser of someone who is not signed in."""
    return Desk(app)


@pytest.fixture
def client(desk: Desk) -> Desk:
    """The same, by its usual name."""
    return desk


@pytest.fixture
def sign_in(app: Flask, cast: Cast) -> Callable[[str], Desk]:
    """Sign someone of the cast in, through the page: `omar = sign_in("omar")` gives a browser of theirs."""

    def sign_in(username: str, password: str = PASSWORD) -> Desk:
        browser = Desk(app)
        browser.post("/staff/sign-in", {"username": username, "password": password}, status=302)
        return browser

    return sign_in
