"""Pages on which people answer: behind a private link, and on a tablet at the exit."""
