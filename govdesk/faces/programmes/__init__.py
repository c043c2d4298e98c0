"""Programmes: what is asked again each month or quarter, of whom, and how its waves go."""
