"""Pages by audience; thin: views and forms over the domains."""
