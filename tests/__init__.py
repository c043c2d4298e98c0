"""The tests; a package of its own name, because some that we use bring a `tests` with them."""
