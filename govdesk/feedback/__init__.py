"""What people tell us of their own accord: complaints, taken anywhere and answered in time."""
