"""The waiting list for people: join it, see where one stands, answer an offer."""
