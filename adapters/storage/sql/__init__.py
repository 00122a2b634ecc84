"""What SQLite and PostgreSQL share: the statements, in which order they run, and what their rows mean."""
