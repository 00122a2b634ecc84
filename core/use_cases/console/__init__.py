"""What people do at the console."""
