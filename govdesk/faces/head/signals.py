"""What the course of a figure says: as it is judged for everybody."""

from govdesk.kpi.judging import ASSURANCES, LARGE, Judged, end_of, judge

__all__ = ["ASSURANCES", "LARGE", "Judged", "end_of", "judge"]
