"""Obstacles in the sight of all staff, and the poster at the back door."""
