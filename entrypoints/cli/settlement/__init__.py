"""Settlement reports on the terminal."""
