"""The way in and out for those who serve."""
