"""What the doctor checks while everything runs."""
