"""What must hold of every step: laws, and the accounts that they are judged by."""
