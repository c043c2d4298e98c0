"""What people answered, for those who lead: who was asked, what they said, what goes with it."""
