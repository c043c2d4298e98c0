"""After each story the chain of the audit must hold."""

from collections.abc import Iterator

import pytest

from govdesk.audit import verify
from govdesk.db import db, reading


@pytest.fixture(autouse=True)
def the_chain_holds(request: pytest.FixtureRequest) -> Iterator[None]:
    """Verify the chain when a story has ended, unless the story is about breaking it."""
    app = request.getfixturevalue("app") if "app" in request.fixturenames else None
    if "session" in request.fixturenames:
        app = None  # its transaction is still open
    yield
    if app is not None and request.node.get_closest_marker("tampers") is None:
        db.session.rollback()
        assert list(verify(reading())) == []
