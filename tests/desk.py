"""`Desk`: a browser for tests. It sends what a form would send, and lints every page it is shown."""

import contextlib
import contextvars
import functools
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

from flask import Flask
from flask.globals import _cv_app
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from govdesk import i18n
from govdesk.db import db
from tests import lint

Values = Mapping[str, Any]


class Page:
    """An answer: `status`, `text`, `location`, `headers`; for HTML also its tree, heading and words."""

    def __init__(self, answer: TestResponse, path: str, language: str) -> None:
        self.answer, self.path, self.language = answer, path, language
        self.status = answer.status_code
        self.headers = answer.headers
        self.location = answer.headers.get("Location")
        self.is_html = answer.mimetype == "text/html" and self.location is None
        is_stream = answer.mimetype == "text/event-stream"  # it never ends
        self.data = b"" if is_stream else answer.get_data()
        answer.close()

    @functools.cached_property
    def root(self) -> Element:
        """The tree of the page."""
        return lint.parse(self.html)[0] if self.is_html else Element("none")

    @property
    def html(self) -> str:
        """The source of the page."""
        return self.data.decode()

    @property
    def json(self) -> Any:
        """The answer as JSON."""
        return self.answer.get_json()

    @property
    def heading(self) -> str:
        """The words of the h1."""
        return self.words("h1")[0]

    @property
    def main(self) -> str:
        """The words of the main element, with single spaces."""
        return self.words("main")[0]

    def words(self, tag: str, css_class: str | None = None) -> list[str]:
        """The words of each element with this tag (`*` for any) and class."""
        return [lint.text_of(element) for element in self.all(tag, css_class)]

    def all(self, tag: str, css_class: str | None = None) -> list[Element]:
        """Each element with this tag (`*` for any) and class."""
        found = self.root.iter(None if tag == "*" else tag)
        return [e for e in found if css_class is None or css_class in (e.get("class") or "").split()]

    def links(self) -> list[str]:
        """The addresses of all links."""
        return [link.attrib["href"] for link in self.root.iter("a") if "href" in link.attrib]

    def errors(self) -> dict[str, str]:
        """What is said beside each field, by the field's id."""
        said = {element.get("id") or "": lint.text_of(element) for element in self.all("p", "error")}
        return {own.removesuffix("-error"): text for own, text in said.items()}

    def forms(self) -> list[Element]:
        """The forms that POST."""
        return [form for form in self.root.iter("form") if (form.get("method") or "get").lower() == "post"]

    def action(self, form: Element) -> str:
        """Where a form goes."""
        return urlsplit(urljoin(self.path, form.get("action") or "")).path

    def form(self, action: str | None = None, names: Values | None = None) -> Element:
        """The form that goes to `action` and has these fields; an assertion says what there is otherwise."""
        wanted = urlsplit(urljoin(self.path, action)).path if action else None
        for form in self.forms():
            fields = {field.get("name") for field in _fields(form)}
            if (wanted is None or self.action(form) == wanted) and set(names or ()) <= fields:
                return form
        there = [
            (self.action(form), sorted(f.get("name") or "" for f in _fields(form))) for form in self.forms()
        ]
        raise AssertionError(
            f"{self.path} has no form to {wanted} with {sorted(names or ())}; it has {there}"
        )


class Desk:
    """A browser of its own: cookies, language, and the rule that every page it sees is in order."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.flask: FlaskClient = app.test_client()

    def get(
        self, path: str, *, language: str | None = None, status: int | None = None, **options: Any
    ) -> Page:
        """Fetch a page and lint it in both languages; `status` is what the answer must be."""
        page = self._open("GET", path, language, **options)
        assert status is None or page.status == status, (
            f"GET {path}: {page.status} {page.location}\n{_glance(page)}"
        )
        if page.is_html:
            other = "en" if page.language == "ar" else "ar"
            self._open("GET", path, other, **options)
        return page

    def fetch(self, path: str, **options: Any) -> TestResponse:
        """Fetch an address with the cookies there are, in no chosen language; nothing is linted."""
        answer: TestResponse = contextvars.copy_context().run(self._request, "GET", path, options)
        return answer

    def post(
        self, path: str, values: Values | None = None, *, page: str | Page | None = None,
        language: str | None = None, status: int | None = None, **options: Any,
    ) -> Page:  # fmt: skip
        """Open the page that has a form to `path` (`page`, else `path` itself), fill it in and send it."""
        shown = page if isinstance(page, Page) else self.get(page or path, language=language)
        return self.submit(shown, values, action=path, language=language, status=status, **options)

    def submit(
        self, page: Page, values: Values | None = None, *, action: str | None = None,
        language: str | None = None, status: int | None = None, **options: Any,
    ) -> Page:  # fmt: skip
        """Send a form of a page as a browser would: its hidden and preset values, then `values` over them."""
        form = page.form(action, values)
        sent = {**preset(form), **{name: _typed(value) for name, value in (values or {}).items()}}
        query = urlsplit(form.get("action") or "").query
        address = f"{page.action(form)}?{query}" if query else page.action(form)
        answer = self._open("POST", address, language or page.language, data=sent, **options)
        said = f"POST {answer.path}: {answer.status} {answer.location} {answer.errors()}\n{_glance(answer)}"
        assert status is None or answer.status == status, said
        return answer

    def send(self, path: str, values: Values, *, language: str | None = None, **options: Any) -> Page:
        """POST values without having seen a form (no CSRF token, no key): what a stranger would try."""
        return self._open("POST", path, language, data=values, **options)

    def follow(self, page: Page, *, status: int | None = 200) -> Page:
        """Go where an answer sends us."""
        assert page.location is not None, f"{page.path} redirects nowhere: {page.status}\n{_glance(page)}"
        return self.get(page.location, language=page.language, status=status)

    def _open(self, method: str, path: str, language: str | None, **options: Any) -> Page:
        with self._speaking(language) as spoken:
            # a request stands alone: it gets an application context of its own, as it does in a server
            answer = contextvars.copy_context().run(self._request, method, path, options)
        if db.session.registry.has():
            db.session.rollback()  # what the test has read before is old now
        page = Page(answer, urlsplit(path).path, spoken)
        if page.is_html:
            found = lint.problems(page.html, spoken)
            assert not found, f"{method} {path} in {spoken}:\n" + "\n".join(found) + "\n" + _glance(page)
        return page

    def _request(self, method: str, path: str, options: Values) -> TestResponse:
        _cv_app.set(None)  # type: ignore[arg-type]
        return self.flask.open(path, method=method, **options)

    @contextlib.contextmanager
    def _speaking(self, language: str | None) -> Iterator[str]:
        chosen = self.flask.get_cookie(i18n.COOKIE)
        if language is None:
            yield chosen.value if chosen else self.app.extensions["govdesk"].default_language
            return
        self.flask.set_cookie(i18n.COOKIE, language)
        try:
            yield language
        finally:
            if chosen:
                self.flask.set_cookie(i18n.COOKIE, chosen.value)
            else:
                self.flask.delete_cookie(i18n.COOKIE)


def preset(form: Element) -> dict[str, Any]:
    """What a form sends when nobody touches it."""
    sent: dict[str, Any] = {}
    for field in _fields(form):
        name, kind = field.get("name"), field.get("type", "text")
        if not name or "disabled" in field.attrib or kind in {"submit", "button", "file"}:
            continue
        if field.tag == "select":
            options = list(field.iter("option"))
            picked = [option for option in options if "selected" in option.attrib] or options[:1]
            sent[name] = picked[0].get("value", lint.text_of(picked[0])) if picked else ""
        elif field.tag == "textarea":
            sent[name] = field.text or ""
        elif kind in {"radio", "checkbox"}:
            if "checked" in field.attrib:
                _add(sent, name, field.get("value", "on"))
        else:
            sent[name] = field.get("value", "")
    return sent


def _add(sent: dict[str, Any], name: str, value: str) -> None:
    sent[name] = [*sent[name], value] if name in sent else [value]


def _fields(form: Element) -> list[Element]:
    return [
        field
        for field in form.iter()
        if field.tag in {"input", "select", "textarea", "button"} and field.get("name")
    ]


def _typed(value: object) -> Any:
    return value if isinstance(value, list | tuple) or hasattr(value, "read") else str(value)


def _glance(page: Page) -> str:
    return (
        " ".join(" ".join(page.words("main")).split())[:600]
        if page.is_html
        else page.data[:300].decode("utf-8", "replace")
    )
