"""What was answered, kept so that nobody can find back who said it."""
