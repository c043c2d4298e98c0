"""What a unit can learn from the failures that point to knowledge: of units and causes, never of persons."""
