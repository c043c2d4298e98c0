"""The floor: the live state of a branch, for who answers for it."""
