"""An order: its record, what follows from it, and what may be done with it."""
