"""Returns as work: the failures of a unit's visits to learn from, and help before somebody comes again."""
