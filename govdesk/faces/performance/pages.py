"""The blueprint of what is published, with all of its pages on it."""

from govdesk.faces.performance import open_data
from govdesk.faces.performance.views import bp

__all__ = ["bp", "open_data"]
