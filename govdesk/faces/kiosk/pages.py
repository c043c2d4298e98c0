"""The blueprint of the kiosk with all of its pages on it."""

from govdesk.faces.kiosk import arriving, camera, full, reasons, tickets
from govdesk.faces.kiosk.views import bp

__all__ = ["arriving", "bp", "camera", "full", "reasons", "tickets"]
