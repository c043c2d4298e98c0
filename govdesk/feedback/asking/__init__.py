"""Who is asked, when, and how seldom: invitations, waves, samples."""
