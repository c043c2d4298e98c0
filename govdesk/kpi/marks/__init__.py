"""What stands on the time axis of a figure beside its points: notes and decisions, and signals once told."""
