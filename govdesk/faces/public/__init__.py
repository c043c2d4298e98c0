"""What belongs to no audience: the language, whether the server is well, what robots may read."""
