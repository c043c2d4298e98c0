"""The kiosk at the door."""
