"""Events for merchants, and their delivery."""
