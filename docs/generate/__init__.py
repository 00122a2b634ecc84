"""The writers of generated pages; `make docs` runs them. They are not in the wheel."""
