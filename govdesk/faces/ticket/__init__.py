"""The private page of a ticket, on a phone."""
