"""What people said and what is done about it: reflections, changes, themes, and what the public reads."""
