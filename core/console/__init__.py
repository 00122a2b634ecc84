"""Who works at the console, and what needs a second person."""
