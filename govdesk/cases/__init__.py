"""Visits, cases, repeat detection and clocks."""
