"""The guide: why people come, and what is best done then."""
