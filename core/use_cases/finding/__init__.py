"""Finding orders, and reading days."""
