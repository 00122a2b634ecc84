"""Why a signature does not match: where the two sides differ, and the likely mistake."""
