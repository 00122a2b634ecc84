"""Alembic's environment; `paystate.adapters.storage.sqlite.migration` runs it, and nothing imports it."""
