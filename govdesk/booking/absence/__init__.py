"""Appointments to which nobody came: why."""
