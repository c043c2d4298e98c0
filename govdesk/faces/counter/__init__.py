"""The counter: call, serve, conclude."""
