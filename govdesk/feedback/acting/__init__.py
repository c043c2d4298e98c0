"""What is done with the answers: themes, reflections, what was changed."""
