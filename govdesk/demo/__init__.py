"""The demo city: a past, and a present in the middle of a working day, made by the services themselves."""
