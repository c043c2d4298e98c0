"""How long to look for an order of acts that breaks something: a moment in each test, long in `make fuzz`."""

import os

LONGER = 20


def examples(usual: int) -> int:
    """How many examples a test tries."""
    return usual * LONGER if os.environ.get("GOVDESK_FUZZ") else usual
