"""The citizen's face: services, booking a time, and the private page of an appointment."""
