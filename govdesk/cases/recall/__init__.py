"""A fault found late: everyone it touched is found, reached, and followed to the end."""
