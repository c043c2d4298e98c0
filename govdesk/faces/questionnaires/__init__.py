"""Pages on which questionnaires are built, looked at and published."""
