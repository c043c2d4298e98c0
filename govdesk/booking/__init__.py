"""Schedules, slots and appointments."""
