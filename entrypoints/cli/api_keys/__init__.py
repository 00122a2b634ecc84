"""The API keys in the settings, on the terminal: listed and revoked."""
