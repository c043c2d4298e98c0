"""One command writes the whole installation into one file, another puts it back, secrets and all."""

import contextlib
import dataclasses
import fcntl
import sqlite3
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from govdesk import backups, chance
from govdesk.config import DEMO_SHIFT, SECRETS, Settings
from tests import databases
from tests.processes import environ, govdesk

PASSWORD = "a long enough sentence\n"


def bare(settings: Settings, instance: Path, url: str) -> dict[str, str]:
    """The environment of an installation whose secrets are in its instance folder."""
    made = environ(dataclasses.replace(settings, instance=instance, database_url=url))
    return {name: value for name, value in made.items() if not name.endswith("_KEY")}


@pytest.fixture
def other_url(tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of another machine."""
    if databases.KIND == "sqlite":
        (tmp_path / "other").mkdir()
        yield f"sqlite:///{tmp_path}/other/govdesk.sqlite3"
        return
    name = f"other_{chance.key(8)}"
    yield databases.create(name)
    databases.drop(name)


@pytest.fixture
def env(settings: Settings) -> dict[str, str]:
    """An installation with two people on its staff."""
    made = bare(settings, settings.instance, settings.database_url)
    for name in SECRETS:
        (settings.instance / f"{name}.secret").write_text(getattr(settings, name))
    for name in ("salma", "khalid"):
        add(name, made)
    return made


def add(name: str, env: dict[str, str]) -> None:
    named = ("--name-ar", "موظف", "--name-en", name.title())
    answer = govdesk("staff", "add", name, *named, "--role", "admin", env=env, said=PASSWORD)
    assert answer.returncode == 0, answer.stderr


def ok(said: str, env: dict[str, str]) -> None:
    answer = govdesk("audit", "verify", env=env)
    assert answer.returncode == 0, said + answer.stderr


def names(env: dict[str, str]) -> str:
    answer = govdesk("staff", "list", env=env)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_another_machine_is_what_this_one_was(
    settings: Settings, env: dict[str, str], tmp_path: Path, other_url: str
) -> None:
    file = tmp_path / "backup.tar.gz"
    written = govdesk("backup", str(file), env=env)
    assert written.returncode == 0, written.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    with tarfile.open(file) as archive:
        kept = set(archive.getnames())
    assert {"audit_key.secret", "pseudonym_key.secret", "secret_key.secret"} <= kept
    there = bare(settings, tmp_path / "other", other_url)
    restored = govdesk("restore", str(file), "--yes", env=there)
    assert restored.returncode == 0, restored.stderr
    assert names(there) == names(env)
    ok("the chain holds with the restored key", there)


def test_what_came_after_the_backup_is_gone_again(env: dict[str, str], tmp_path: Path) -> None:
    file, before = tmp_path / "backup.tar.gz", names(env)
    assert govdesk("backup", str(file), env=env).returncode == 0
    add("later", env)
    assert "later" in names(env)
    restored = govdesk("restore", str(file), "--yes", env=env)
    assert restored.returncode == 0, restored.stderr
    assert names(env) == before
    ok("restored in place", env)


def test_an_office_restored_over_a_demo_city_lives_by_the_clock_of_the_world(
    settings: Settings, env: dict[str, str], tmp_path: Path
) -> None:
    office, city = tmp_path / "office.tar.gz", tmp_path / "city.tar.gz"
    shift = settings.instance / DEMO_SHIFT
    assert govdesk("backup", str(office), env=env).returncode == 0
    shift.write_text("-86400\n")
    assert govdesk("backup", str(city), env=env).returncode == 0
    assert govdesk("restore", str(office), "--yes", env=env).returncode == 0
    assert not shift.exists()
    assert govdesk("restore", str(city), "--yes", env=env).returncode == 0
    assert shift.read_text() == "-86400\n"


def test_a_file_that_is_no_backup_is_refused_in_one_sentence(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("no backup")
    answer = govdesk("restore", str(tmp_path / "letter.txt"), "--yes", env=env)
    assert answer.returncode == 1
    assert len(answer.stderr.strip().splitlines()) == 1
    assert "Traceback" not in answer.stderr


def test_restoring_asks_first(env: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    assert govdesk("backup", str(file), env=env).returncode == 0
    assert govdesk("restore", str(file), env=env, said="n\n").returncode == 1


@pytest.mark.skipif(databases.KIND != "sqlite", reason="pg_restore itself waits for who is in the database")
def test_nothing_is_restored_under_a_server_that_has_the_database_open(
    settings: Settings, env: dict[str, str], tmp_path: Path
) -> None:
    file, before = tmp_path / "backup.tar.gz", names(env)
    assert govdesk("backup", str(file), env=env).returncode == 0
    secret = settings.instance / "secret_key.secret"
    secret.write_text("changed since")
    path = settings.instance / "govdesk.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as idle:
        idle.execute("SELECT count(*) FROM staff").fetchall()
        refused = govdesk("restore", str(file), "--yes", env=env)
    assert (refused.returncode, len(refused.stderr.strip().splitlines())) == (1, 1)
    assert str(path) in refused.stderr
    assert secret.read_text() == "changed since"
    with Path(f"{path}.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert govdesk("restore", str(file), "--yes", env=env).returncode == 1
    path.write_bytes(b"no database")
    restored = govdesk("restore", str(file), "--yes", env=env)
    assert restored.returncode == 0, restored.stderr
    assert names(env) == before


def test_the_password_of_the_database_is_in_no_argument(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "pg_dump"
    tool.write_text(f'#!/bin/sh\nprintf "%s\\n" "$PGPASSWORD" "$@" > {tmp_path}/told\n')
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    for url in (
        "desk:p%40ss@db:5433/govdesk?sslmode=require",
        "desk@db:5433/govdesk?sslmode=require&password=p%40ss",
    ):
        here = dataclasses.replace(settings, database_url=f"postgresql+psycopg://{url}")
        backups._run(here, "pg_dump", "--format=custom")
        assert (tmp_path / "told").read_text().splitlines() == [
            "p@ss",
            "--dbname=postgresql://desk@db:5433/govdesk?sslmode=require",
            "--format=custom",
        ]
