"""The blueprint of the kiosk with all of its pages on it."""

from govdesk.faces.kiosk import arriving, full, reasons, tickets
from govdesk.faces.kiosk.views import bp

__all__ = ["arriving", "bp", "full", "reasons", "tickets"]
