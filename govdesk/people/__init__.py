"""Who comes and who serves: identity, contact, staff, roles, sign-in."""
