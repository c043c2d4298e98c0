"""What every face needs of the web: guards, forms, pages, refusals, security headers."""

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from flask import (
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from jinja2 import StrictUndefined
from markupsafe import Markup, escape
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.routing import IntegerConverter, Map
from wtforms.form import BaseForm
from wtforms.i18n import DummyTranslations

from govdesk import db, i18n
from govdesk.actor import VISITOR, Actor
from govdesk.errors import DeskError, NotAllowedError
from govdesk.once import fresh_key

View = TypeVar("View", bound=Callable[..., Any])
STYLE_HASH = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"  # the empty style element that Plotly makes
)
POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self' {STYLE_HASH}; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; media-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
LARGEST_ID = 2**31 - 1
PROBLEMS = "/api/v1/docs#"  # where each kind of problem is explained; the key follows
csrf = CSRFProtect()


_UNTRANSLATED = DummyTranslations()


class DeskForm(FlaskForm):
    """A form whose refusals land beside their field.

    The macro that opens a form writes its CSRF token and the key that makes its act happen once; both are
    looked at before a view runs (`csrf`, for every POST) and by `once`, so a form has no fields for them.
    """

    class Meta(FlaskForm.Meta):
        """Messages are our own keys, so WTForms' translations are not asked."""

        csrf = False
        locales = False

        def get_translations(self, form: BaseForm) -> DummyTranslations:  # noqa: ARG002 - WTForms asks
            """Ask nobody, instead of reading WTForms' catalogue on every request."""
            return _UNTRANSLATED

    def refuse(self, error: DeskError) -> None:
        """Show a service's refusal beside the field it names, or above the form."""
        sentence = i18n.t(error.key, **_spoken(error.params))
        field = self._fields.get(error.field) if error.field else None
        if field is None:
            self.form_errors.append(sentence)
        else:
            field.errors = [*field.errors, sentence]
        g.refusal_status = error.status


def actor() -> Actor:
    """Who acts in this request."""
    if "device_actor" in g:
        device: Actor = g.device_actor
        return device
    user: Any = current_user._get_current_object()  # noqa: SLF001 - each use of the proxy looks it up anew
    if user is not None and user.is_authenticated:
        found: Actor = user.actor
        return found
    return VISITOR


def public(view: View) -> View:
    """Anyone may come here."""
    view.guard = "public"  # type: ignore[attr-defined]
    return view


def private_link(view: View) -> View:
    """Whoever holds the secret in the address may come here; the address is never sent on as referrer."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Response:
        answer = make_response(view(*args, **kwargs))
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["X-Robots-Tag"] = "noindex"
        return answer

    guarded.guard = "private_link"  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def staff_only(*roles: str) -> Callable[[View], View]:
    """Signed-in staff with one of these roles may come here; without roles, any staff."""

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if not (current_user and current_user.is_authenticated):
                return redirect(
                    url_for("staff.sign_in", next=request.full_path if request.method == "GET" else None)
                )
            if roles and not actor().has(*roles):
                raise NotAllowedError
            answer: ResponseReturnValue = view(*args, **kwargs)
            return answer

        guarded.guard = "staff:" + ",".join(roles)  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return wrap


def page(template: str, status: int = 200, **context: Any) -> Response:
    """Render a page; a form in it that has errors answers 422 (or the refusal's own status)."""
    form = context.get("form")
    if status == 200 and form is not None and getattr(form, "errors", None):  # noqa: PLR2004 - HTTP
        status = g.get("refusal_status", 422)
    return make_response(render_template(template, **context), status)


def client_address() -> str:
    """Where the request comes from, for rate limits."""
    return request.remote_addr or "unknown"


def wants_json() -> bool:
    """Whether the caller asked for JSON rather than a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.path.startswith("/api/") or request.path.endswith(".json") or best == "application/json"


class IdConverter(IntegerConverter):
    """A number in an address that a column can hold; one that is larger is no address of ours."""

    def __init__(self, map: Map, max: int = LARGEST_ID, **given: Any) -> None:  # noqa: A002 - Werkzeug's names
        super().__init__(map, max=max, **given)


def configure(app: Flask) -> None:
    """Headers, CSRF, error pages, and what templates may say."""
    app.url_map.converters["int"] = IdConverter
    app.before_request(_refuse_nul)
    csrf.init_app(app)
    app.after_request(_headers)
    app.teardown_appcontext(lambda _error: db.db.session.rollback())
    app.register_error_handler(DeskError, _refused)
    app.register_error_handler(CSRFError, _csrf_failed)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _failed)
    app.add_template_filter(lambda text: Markup("<br>").join(escape(text).split("\n")), "lines")
    words = (
        i18n.t, i18n.nt, i18n.named, i18n.num, i18n.pct, i18n.digits, i18n.minutes, i18n.minutes_range,
        i18n.date_long, i18n.date_short, i18n.hijri, i18n.hijri_short, i18n.weekday, i18n.weekday_name,
        i18n.time_of, i18n.clock_time, i18n.moment_of, i18n.speaking,
    )  # fmt: skip
    app.jinja_env.globals.update({word.__name__: word for word in words})
    app.jinja_env.globals.update(
        csrf_token=generate_csrf, once_key=fresh_key, asset=asset, other_language_url=other_language_url
    )
    app.context_processor(
        lambda: {"lang": i18n.language(), "dir_": i18n.direction(), "current_staff": current_user}
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.undefined = StrictUndefined


@functools.cache
def _asset_version(file: Path, changed: float) -> str:  # noqa: ARG001 - a changed file has a new version
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10]


def asset(path: str) -> str:
    """The address of a static file, with its version, so that it may be kept for ever."""
    file = Path(current_app.static_folder or "", path)
    return url_for("static", filename=path, v=_asset_version(file, file.stat().st_mtime))


def other_language_url() -> str:
    """Where this page is read in the other language."""
    other = "en" if i18n.language() == "ar" else "ar"
    rule = request.url_rule
    if request.method == "GET" or (rule is not None and "GET" in (rule.methods or ())):
        back = request.full_path.rstrip("?")
    else:
        back = request.referrer or "/"
    return url_for("public.speak", language=other, back=back)


def _refuse_nul() -> None:
    """Refuse what nobody types and PostgreSQL keeps in no text: otherwise it would fail deep inside."""
    pairs = (pair for sent in (request.args, request.form) for pair in sent.items(multi=True))
    if "\0" in request.path or any("\0" in text for pair in pairs for text in pair):
        raise BadRequest


def _headers(answer: Response) -> Response:
    given = {name.lower() for name, _value in answer.headers}
    added = [pair for pair in HEADERS.items() if pair[0].lower() not in given]
    if request.endpoint == "static":
        answer.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if "v" in request.args else "public, max-age=300"
        )
    elif "cache-control" not in given:
        added.append(("Cache-Control", "no-store"))
    answer.headers.extend(added)
    if answer.mimetype == "text/html":
        answer.headers.setdefault("Content-Language", i18n.language())
        answer.vary.update(("Accept-Language", "Cookie"))
    if request.is_secure:
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return answer


def _spoken(params: dict[str, object]) -> dict[str, object]:
    return {name: i18n.num(value) if isinstance(value, int) else value for name, value in params.items()}


def problem(error: DeskError, **members: object) -> Response:
    """Say a refusal as a page, or to a program as RFC 9457 has it; `members` go into the document."""
    sentence = i18n.t(error.key, **_spoken(error.params))
    if error.field and "errors" not in members:
        members["errors"] = [{"field": error.field, "title": sentence}]
    answer = _error_page(error.status, sentence, kind=error.key, **members)
    if "seconds" in error.params:
        answer.headers["Retry-After"] = str(error.params["seconds"])
    if challenge := getattr(error, "challenge", ""):
        answer.headers["WWW-Authenticate"] = challenge
    return answer


def _refused(error: DeskError) -> Response:
    return problem(error)


def _csrf_failed(_error: CSRFError) -> Response:
    return _error_page(400, i18n.t("errors.form_expired"), kind="errors.form_expired")


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:  # noqa: PLR2004 - HTTP
        return error.get_response()
    known = {400, 403, 404, 405, 409, 410, 413, 429}
    code = error.code if error.code in known else 500 if error.code >= 500 else 400  # noqa: PLR2004 - HTTP
    answer = _error_page(error.code, i18n.t(f"errors.body_{code}"), kind=f"errors.body_{code}")
    if error.code == 405 and error.get_headers():  # noqa: PLR2004 - HTTP
        answer.headers.extend([(k, v) for k, v in error.get_headers() if k == "Allow"])
    return answer


def _failed(error: Exception) -> Response:
    current_app.logger.error("a request failed", exc_info=error)
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    return _error_page(500, i18n.t("errors.body_500"), kind="errors.body_500")


def _error_page(status: int, sentence: str, *, kind: str, **members: object) -> Response:
    if wants_json():
        answer = jsonify(type=PROBLEMS + kind, title=sentence, status=status, **members)
        answer.mimetype = "application/problem+json"
        answer.status_code = status
        answer.headers["Content-Language"] = i18n.language()
        answer.vary.add("Accept-Language")
        return answer
    shown = status if status in {400, 403, 404, 405, 409, 410, 413, 429} else 500 if status >= 500 else 400  # noqa: PLR2004 - HTTP
    return make_response(render_template("error.html", status=shown, sentence=sentence), status)
