"""The board of the waiting room."""
