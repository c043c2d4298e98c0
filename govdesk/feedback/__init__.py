"""What people tell us: complaints of their own accord, answers to what we ask."""
