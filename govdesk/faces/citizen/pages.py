"""The citizen's blueprint with all of its pages on it."""

from govdesk.faces.citizen import (
    accompanying,
    appointments,
    changing,
    confirming,
    helping,
    lost_link,
    missed,
    month,
    visiting,
)
from govdesk.faces.citizen.views import bp

__all__ = [
    "accompanying", "appointments", "bp", "changing", "confirming", "helping", "lost_link", "missed", "month",
    "visiting",
]  # fmt: skip
