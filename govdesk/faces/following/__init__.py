"""What those who follow a branch are answered with, before all else is asked."""
