"""The blueprint of cases with all of its pages on it."""

from govdesk.faces.cases import acts, file
from govdesk.faces.cases.lists import bp

__all__ = ["acts", "bp", "file"]
