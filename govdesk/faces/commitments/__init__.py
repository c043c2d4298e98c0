"""Promises that staff made: each keeps their own, and who answers for a unit sees all of it."""
