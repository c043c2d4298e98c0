"""What gateways tell us of messages."""
