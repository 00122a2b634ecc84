"""Announcements on the terminal: how deliveries stand, and how an announcement is delivered once more."""
