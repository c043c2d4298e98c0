"""Whose visits are: what waits to be linked, persons known twice, who acts for whom."""
