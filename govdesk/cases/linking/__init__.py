"""Identity: which visits are whose, who was known twice, and how sure each link is."""
