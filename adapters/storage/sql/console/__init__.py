"""The console's part of a store in SQL."""
