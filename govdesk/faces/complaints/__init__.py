"""Complaints: made by anybody on the web, taken at the desk, answered by the unit."""
