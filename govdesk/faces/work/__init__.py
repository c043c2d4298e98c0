"""The work that waits for staff between people: the hub of all lists."""
