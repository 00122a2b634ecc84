"""Alembic's environment; `paystate.adapters.storage.migration` runs it, and nothing imports it."""
