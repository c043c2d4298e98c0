"""The silent ones: the list for staff, and the one question for the person."""
