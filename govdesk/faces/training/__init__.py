"""Training: skills that end, and what a unit can learn from its failures."""
