"""What must hold of every step: laws, and the accounts they are judged by."""
