"""The application: settings, database, web, faces."""

import datetime as dt
from pathlib import Path

from flask import Flask
from flask_babel import Babel
from flask_login import LoginManager
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from govdesk import clock, config, cookies, db, i18n, web, wiring
from govdesk.config import Settings
from govdesk.templating import Pages

ROOT = Path(__file__).parent.parent


def create_app(settings: Settings | None = None) -> Flask:
    """An application with these settings (else those of the environment)."""
    origins: dict[str, str] = {}
    if settings is None:
        settings, origins = config.load()
    app = Flask("govdesk", root_path=str(Path(__file__).parent), instance_path=str(settings.instance),
                static_folder=str(ROOT / "static"), template_folder=str(ROOT / "templates"))  # fmt: skip
    app.jinja_environment = Pages
    app.session_interface = cookies.Sessions()
    app.extensions["govdesk"] = settings
    app.extensions["govdesk_origins"] = origins
    app.config.update(
        SECRET_KEY=settings.secret_key,
        DEBUG=settings.debug,
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        MAX_FORM_PARTS=500,
        SESSION_COOKIE_NAME="govdesk",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # a form left open over lunch still works; the token lives with the session
        WTF_CSRF_SSL_STRICT=False,  # the token is the proof; from a private page comes no referrer
        SEND_FILE_MAX_AGE_DEFAULT=300,
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    clock.shift(dt.timedelta(seconds=settings.demo_shift_seconds))
    i18n.compile_catalogs()
    db.configure(app, settings)
    Migrate(app, db.db, directory=str(Path(__file__).parent / "migrations"), render_as_batch=True)
    Babel(app, locale_selector=lambda: i18n.LOCALES[i18n.language()])
    LoginManager(app)
    web.configure(app)
    wiring.register(app)
    return app
