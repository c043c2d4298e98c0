"""Recovery for staff and for the person: the list, the task, the private page."""
