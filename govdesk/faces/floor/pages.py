"""The blueprint of the floor with all of its pages on it."""

from govdesk.faces.floor import alarms, closing, day_list, joining, seats, telling, unserved
from govdesk.faces.floor.views import bp

__all__ = ["alarms", "bp", "closing", "day_list", "joining", "seats", "telling", "unserved"]
