"""Moves a whole database from a SQLite file to PostgreSQL."""
