"""Reporting periods: drafted when they are over, reflected upon, published once and for all."""
