"""The pages of recalls: for whoever leads one, and for the person whom a fault touched."""
