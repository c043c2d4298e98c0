"""Tickets, the order of calls and the live state of a branch."""
