"""The way from the page of a ticket or of a missed appointment to the questions about it."""
