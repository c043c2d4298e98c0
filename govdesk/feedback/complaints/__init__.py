"""Complaints: a number at once, deadlines, an answer, and the next instance."""
