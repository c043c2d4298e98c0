"""Settings: defaults, then instance/config.toml, then the environment; each remembers where it came from."""

import contextlib
import datetime as dt
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from flask import current_app

from govdesk import chance

PREFIX = "GOVDESK_"
DEMO_SHIFT = "demo_shift_seconds"  # a file beside the demo city's database, written when it is made or woken
SECRETS = ("secret_key", "pseudonym_key", "audit_key")
CHOICES = {
    "verify_contact": ("off", "new", "always"),
    "smtp_security": ("starttls", "tls", "none"),
}
HIDDEN = frozenset({*SECRETS, "smtp_password", "sms_password"})  # never shown


@dataclass(frozen=True, slots=True)
class Settings:
    """All that an installation can set. Environment names are GOVDESK_ and the name in capitals."""

    instance: Path
    database_url: str
    secret_key: str = field(repr=False)  # no log line holds a secret
    pseudonym_key: str = field(repr=False)
    audit_key: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    threads: int = 16
    debug: bool = False
    jobs: bool = True
    default_language: str = "ar"
    default_timezone: str = "Asia/Riyadh"
    country: str = "SA"
    latin_digits: bool = False
    assumed_travel_minutes: int = 0
    session_hours: int = 10
    secure_cookies: bool = False
    trusted_proxies: int = 0
    verify_contact: str = "off"
    bookings_per_contact: int = 6
    video_url: str = ""
    rate_limits: bool = True
    public_url: str = ""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: str = "starttls"
    smtp_username: str = ""
    smtp_password: str = field(default="", repr=False)
    mail_from: str = ""
    sms_url: str = ""
    sms_shape: str = "form"
    sms_sender: str = ""
    sms_username: str = ""
    sms_password: str = field(default="", repr=False)
    quiet_from: dt.time = dt.time(21)
    quiet_until: dt.time = dt.time(8)
    webhooks_private_networks: bool = False
    open_data_licence: str = "https://creativecommons.org/licenses/by/4.0/"
    chromium: str = ""
    demo_shift_seconds: int = 0

    @property
    def is_demo(self) -> bool:
        """Whether this installation holds the demo city."""
        return (self.instance / DEMO_SHIFT).exists()

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite")

    @property
    def base_address(self) -> str:
        """How addresses in messages begin, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    def leaves_by(self, channel: str) -> bool:
        """Whether messages by this channel (sms, email) leave the house, or are only written to files."""
        return bool(self.smtp_host if channel == "email" else self.sms_url)


def settings() -> Settings:
    """The settings of the application in whose context this runs."""
    found: Settings = current_app.extensions["govdesk"]
    return found


class SettingError(Exception):
    """A setting has no usable value; the sentence says which, where and why."""


def load(environ: Mapping[str, str] | None = None) -> tuple[Settings, dict[str, str]]:
    """Settings and, for each, its origin: `default`, `config.toml`, `environment` or `generated`."""
    environ = os.environ if environ is None else environ
    instance = Path(environ.get(PREFIX + "INSTANCE", "instance")).absolute()
    _make_folder(instance)
    values: dict[str, object] = {
        "instance": instance,
        "database_url": f"sqlite:///{instance / 'govdesk.sqlite3'}",
    }
    origins = {field.name: "default" for field in fields(Settings)}
    if (instance / DEMO_SHIFT).exists():
        values[DEMO_SHIFT] = int((instance / DEMO_SHIFT).read_text("ascii"))
        origins[DEMO_SHIFT] = "demo city"
    if PREFIX + "INSTANCE" in environ:
        origins["instance"] = "environment"
    written = _read_file(instance / "config.toml")
    kinds = {field.name: field.type for field in fields(Settings)}
    unknown = sorted(set(written) - set(kinds))
    if unknown:
        raise SettingError(f"{instance / 'config.toml'}: unknown setting {unknown[0]!r}")
    for name, kind in kinds.items():
        if name == "instance":
            continue
        if PREFIX + name.upper() in environ:
            values[name] = _convert(name, kind, environ[PREFIX + name.upper()])
            origins[name] = "environment"
        elif name in written:
            values[name] = _convert(name, kind, written[name])
            origins[name] = "config.toml"
    for name in SECRETS:
        if name not in values:
            values[name] = _secret(instance, name)
            origins[name] = "generated"
    if str(values["database_url"]).startswith(("postgres://", "postgresql://")):
        values["database_url"] = "postgresql+psycopg://" + str(values["database_url"]).split("://", 1)[1]
    return Settings(**values), origins  # type: ignore[arg-type]


def _make_folder(instance: Path) -> None:
    try:
        instance.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"the folder {instance} cannot be made ({error.strerror})") from error
    if not os.access(instance, os.W_OK | os.X_OK):
        raise SettingError(f"the folder {instance} cannot be written to")


def _read_file(path: Path) -> dict[str, object]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{path}: {error}") from error


def _convert(name: str, kind: object, value: object) -> object:
    if kind is bool:
        if isinstance(value, bool):
            return value
        words = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(
            ("0", "false", "no", "off"), False
        )
        if str(value).lower() not in words:
            raise SettingError(f"setting {name}: {value!r} is neither yes nor no")
        return words[str(value).lower()]
    if kind is int:
        try:
            return int(str(value))
        except ValueError as error:
            raise SettingError(f"setting {name}: {value!r} is not a whole number") from error
    if kind is dt.time:
        try:
            return dt.time.fromisoformat(str(value))
        except ValueError as error:
            raise SettingError(f"setting {name}: {value!r} is not a time such as 21:00") from error
    if name in CHOICES and value not in CHOICES[name]:
        raise SettingError(f"setting {name}: {value!r} is none of {', '.join(CHOICES[name])}")
    return str(value)


def _secret(instance: Path, name: str) -> str:
    """Read a secret, or make it once: linked into the instance folder whole, so that two starters agree."""
    path = instance / f"{name}.secret"
    if not path.exists():
        draft = instance / f".{name}.{chance.code()}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(chance.key() + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text("ascii").strip()
