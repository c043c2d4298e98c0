"""What other agencies publish: read from their open data, checked, kept version by version, compared."""
