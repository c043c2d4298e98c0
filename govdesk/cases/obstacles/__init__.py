"""Obstacles: what stops good service, raised by anyone on staff and answered for by management."""
