"""The writers of generated pages; run by `make docs`, and no part of the wheel."""
