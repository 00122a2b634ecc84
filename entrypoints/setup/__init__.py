"""Settings, credentials and wiring: everything that happens before anything runs."""
