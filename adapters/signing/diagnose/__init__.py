"""Why a signature does not fit: where the two sides part, and the likely mistake."""
