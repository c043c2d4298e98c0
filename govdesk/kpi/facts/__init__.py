"""The store of facts: what was counted of each day, week and month, kept so that figures need no rows."""
