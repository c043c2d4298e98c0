"""Messages to people: templates, one-time codes, channels, delivery."""
