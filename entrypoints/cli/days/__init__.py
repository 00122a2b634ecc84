"""A day on the terminal."""
