"""Events told to merchants, and their delivery."""
