"""How long to look for an order of acts that breaks something: a moment in each test, long in `make fuzz`."""

import os

from hypothesis import settings

IS_LONG = bool(os.environ.get("GOVDESK_FUZZ"))
LONGER = 20


def examples(usual: int) -> int:
    """How many examples a test tries that says so itself."""
    return usual * LONGER if IS_LONG else usual


def look_longer() -> None:
    """Let all other tests try as many times more, however long one takes."""
    if IS_LONG:
        settings.register_profile("fuzz", max_examples=100 * LONGER, deadline=None)
        settings.load_profile("fuzz")
