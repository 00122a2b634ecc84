"""Settings, credentials and wiring: all that happens before anything runs."""
