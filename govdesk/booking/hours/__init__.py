"""When a branch is open: its hours, closures, and times in which a hall takes nobody else in."""
