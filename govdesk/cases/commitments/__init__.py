"""What staff promise to people: what, by when, and whether it was kept."""
