"""A program for tests: it sends JSON with a token of its own."""

import contextvars
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Flask
from flask.globals import _cv_app
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from govdesk.actor import SYSTEM
from govdesk.catalog.models import Branch
from govdesk.db import db, transaction
from govdesk.people import tokens

PREFIX = "/api/v1"


def make_token(*scopes: str, branch: Branch | None = None, name: str = "", days: int = 30) -> str:
    """The secret of a new token."""
    with transaction() as session:
        _token, secret = tokens.issue(
            session, actor=SYSTEM, name=name or " ".join(["Token", *scopes]), scopes=scopes,
            branch_id=branch.id if branch else None, days=days,
        )  # fmt: skip
    return secret


class Program:
    """What calls the API: each request stands alone, no cookie is kept."""

    def __init__(self, app: Flask, secret: str | None = None, *, language: str = "en") -> None:
        self.app = app
        self.headers = {"Accept-Language": language}
        if secret is not None:
            self.headers["Authorization"] = f"Bearer {secret}"

    def get(self, path: str, query: Mapping[str, Any] | None = None, *, status: int = 200) -> Any:
        """Fetch; the answer's JSON."""
        return self.ask("GET", path, status=status, query_string=query).get_json()

    def post(self, path: str, body: Any = None, *, key: str | None = None, status: int = 200) -> Any:
        """Send; the answer's JSON."""
        headers = {"Idempotency-Key": key} if key else {}
        return self.ask("POST", path, status=status, json=body or {}, headers=headers).get_json()

    def ask(
        self, method: str, path: str, *, status: int | Iterable[int] | None = None, **options: Any
    ) -> TestResponse:
        """Ask for anything; an assertion says what the answer was otherwise."""
        client: FlaskClient = self.app.test_client(use_cookies=False)
        headers = {**self.headers, **options.pop("headers", {})}
        address = path if path.startswith("/api") else PREFIX + path
        # a request stands alone: it gets an application context of its own, as it does in a server
        answer = contextvars.copy_context().run(self._request, client, address, method, headers, options)
        if db.session.registry.has():
            db.session.rollback()  # what the test has read before is old now
        allowed = {status} if isinstance(status, int) else set(status or ())
        assert not allowed or answer.status_code in allowed, f"{method} {path}: {answer.status} {answer.text}"
        assert "Set-Cookie" not in answer.headers
        return answer

    @staticmethod
    def _request(
        client: FlaskClient, address: str, method: str, headers: dict[str, str], options: dict[str, Any]
    ) -> TestResponse:
        _cv_app.set(None)  # type: ignore[arg-type]
        return client.open(address, method=method, headers=headers, **options)
