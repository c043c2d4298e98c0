"""govdesk: a government service desk that treats a repeat visit as a failure of the first."""
