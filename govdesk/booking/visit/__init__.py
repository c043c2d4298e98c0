"""Several appointments as one visit: several services, or several people of a family."""
