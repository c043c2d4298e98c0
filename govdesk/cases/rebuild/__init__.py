"""Every class recomputed from the visits alone, as fast as they can be read."""
