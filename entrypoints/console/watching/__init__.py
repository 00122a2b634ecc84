"""Looks at what open pages show."""
