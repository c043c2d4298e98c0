"""The blueprint of the floor with all of its pages on it."""

from govdesk.faces.floor import alarms, closing, joining, telling
from govdesk.faces.floor.views import bp

__all__ = ["alarms", "bp", "closing", "joining", "telling"]
