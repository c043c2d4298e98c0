"""The blueprint of reception with all of its pages on it."""

from govdesk.faces.reception import lines, on_behalf, slip, today
from govdesk.faces.reception.views import bp

__all__ = ["bp", "lines", "on_behalf", "slip", "today"]
