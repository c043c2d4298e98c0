"""Every address says who may come there."""

import re

from flask import Flask

GUARD = re.compile(r"public|private_link|staff:.*|token:.*|device:.*")


def test_every_route_has_a_guard(app: Flask) -> None:
    without = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and not GUARD.fullmatch(guard_of(app, rule.endpoint))
    }
    assert without == set()


def test_a_private_link_carries_a_secret_in_its_address(app: Flask) -> None:
    without = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if guard_of(app, rule.endpoint) == "private_link" and "token" not in rule.arguments
    }
    assert without == set()


def guard_of(app: Flask, endpoint: str) -> str:
    return str(getattr(app.view_functions[endpoint], "guard", ""))
