"""Questionnaires: what is asked, in versions that never change once published."""
