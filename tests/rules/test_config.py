"""Settings: defaults, then config.toml, then the environment; wrong values are named; secrets made once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from govdesk import config
from govdesk.config import SettingError

PRINT_SECRETS = (
    "import sys\n"
    "from govdesk import config\n"
    "sys.stdin.readline()\n"  # both starters wait for the signal, then go at once
    "found, _ = config.load()\n"
    "print(found.secret_key, found.pseudonym_key, found.audit_key)\n"
)


def load(folder: Path, **environ: str) -> tuple[config.Settings, dict[str, str]]:
    return config.load({"GOVDESK_INSTANCE": str(folder), **environ})


def test_without_anything_said_the_defaults_hold(tmp_path: Path) -> None:
    settings, origins = load(tmp_path)
    assert (settings.host, settings.port, settings.default_language) == ("127.0.0.1", 8000, "ar")
    assert settings.database_url == f"sqlite:///{tmp_path}/govdesk.sqlite3"
    assert settings.is_sqlite
    assert (origins["port"], origins["instance"]) == ("default", "environment")


def test_the_file_beats_the_default_and_the_environment_beats_the_file(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('port = 9000\nhost = "0.0.0.0"\njobs = false\n')
    settings, origins = load(tmp_path, GOVDESK_PORT="9100")
    assert (settings.port, settings.host, settings.jobs) == (9100, "0.0.0.0", False)  # noqa: S104
    assert (origins["port"], origins["host"], origins["threads"]) == ("environment", "config.toml", "default")


@pytest.mark.parametrize(
    ("said", "means"), [("yes", True), ("ON", True), ("1", True), ("no", False), ("0", False)]
)
def test_yes_and_no_are_understood(tmp_path: Path, said: str, means: bool) -> None:  # noqa: FBT001
    assert load(tmp_path, GOVDESK_SECURE_COOKIES=said)[0].secure_cookies is means


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("GOVDESK_PORT", "eight", "setting port: 'eight' is not a whole number"),
        ("GOVDESK_JOBS", "maybe", "setting jobs: 'maybe' is neither yes nor no"),
        ("GOVDESK_QUIET_FROM", "late", "setting quiet_from: 'late' is not a time such as 21:00"),
        ("GOVDESK_SMTP_SECURITY", "ssl", "setting smtp_security: 'ssl' is none of starttls, tls, none"),
    ],
)
def test_a_wrong_value_is_named_with_its_setting(tmp_path: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(SettingError) as refused:
        load(tmp_path, **{name: value})
    assert str(refused.value) == said


def test_a_setting_that_does_not_exist_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("prot = 1\n")
    with pytest.raises(SettingError, match=r"config\.toml: unknown setting 'prot'"):
        load(tmp_path)


def test_a_file_that_is_not_toml_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("port 8000\n")
    with pytest.raises(SettingError, match=r"config\.toml"):
        load(tmp_path)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_is_read(tmp_path: Path, scheme: str) -> None:
    settings, _ = load(tmp_path, GOVDESK_DATABASE_URL=f"{scheme}://desk@db/govdesk")
    assert settings.database_url == "postgresql+psycopg://desk@db/govdesk"
    assert not settings.is_sqlite


def test_secrets_are_made_once_and_kept_from_others(tmp_path: Path) -> None:
    first, origins = load(tmp_path)
    again, _ = load(tmp_path)
    assert first == again
    assert origins["audit_key"] == "generated"
    assert len({first.secret_key, first.pseudonym_key, first.audit_key}) == 3
    assert [path.stat().st_mode & 0o777 for path in sorted(tmp_path.glob("*.secret"))] == [0o600] * 3
    assert not list(tmp_path.glob(".*"))


def test_a_secret_is_in_no_log_line(tmp_path: Path) -> None:
    settings, _ = load(tmp_path)
    assert settings.secret_key not in repr(settings)
    assert settings.audit_key not in repr(settings)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match=r"file/instance cannot be made"):
        load(tmp_path / "file" / "instance")


def test_another_installation_has_other_secrets(tmp_path: Path) -> None:
    assert load(tmp_path / "a")[0].secret_key != load(tmp_path / "b")[0].secret_key


def test_starters_at_the_same_moment_agree_on_the_secrets(tmp_path: Path) -> None:
    environ = {**os.environ, "GOVDESK_INSTANCE": str(tmp_path)}
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", PRINT_SECRETS], env=environ, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in range(4)
    ]  # fmt: skip
    for starter in starters:
        assert starter.stdin
        starter.stdin.write("go\n")
        starter.stdin.flush()
    answers = {starter.communicate(timeout=60)[0] for starter in starters}
    assert len(answers) == 1
    assert len(answers.pop().split()) == 3
