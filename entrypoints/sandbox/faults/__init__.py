"""What can go wrong on purpose: the table of faults, and what each does."""
