"""The administrator's pages: what the agency is, where and when it serves, and who works in it."""
