"""What the agency publishes of itself: a page for everybody, open data, the report."""
