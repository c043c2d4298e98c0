"""The blueprint of heads with all of its pages on it; a new page adds its module here."""

from govdesk.faces.head import (
    agencies,
    cases,
    comparing_pages,
    equity,
    news,
    notes,
    periods,
    quality,
    returning,
    staffing,
    targets,
    timing,
    timing_files,
)
from govdesk.faces.head.views import bp

__all__ = [
    "agencies",
    "bp",
    "cases",
    "comparing_pages",
    "equity",
    "news",
    "notes",
    "periods",
    "quality",
    "returning",
    "staffing",
    "targets",
    "timing",
    "timing_files",
]
