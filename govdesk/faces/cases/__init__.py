"""The work lists of cases and the file of each: one need over time, and what is done with it."""
