"""What may be said of a return, and the steps of an offer of help."""

LONGEST_WORDS = 200  # of the person, as an officer types them
LONGEST_WISH = 500  # of the person, typed by themselves
LONGEST_LESSON = 500
WISHES = ("call", "write", "come")  # call me; here is what went wrong; I come all the same
ASKED = frozenset({"call", "write"})
ENDINGS = ("solved", "answered", "not_reached")
STEPS = {  # of an offer: from which states each leads to which
    "wished": ({"offered", "asked", "coming"}, "asked"),
    "coming": ({"offered", "asked"}, "coming"),
    "solved": ({"asked"}, "solved"),
    "answered": ({"asked"}, "answered"),
    "not_reached": ({"asked"}, "asked"),
    "ended": ({"offered", "asked", "coming", "answered"}, "ended"),
}


def leads_to(step: str, state: str) -> str | None:
    """The state after a step; None where it cannot be taken from this one."""
    sources, target = STEPS[step]
    return target if state in sources else None
