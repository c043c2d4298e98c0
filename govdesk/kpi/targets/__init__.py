"""Targets of figures, each with an owner and a date, and the days from which a process is judged anew."""
