"""When a service can be booked: its rules, the slots that they make, and what a change would do."""
