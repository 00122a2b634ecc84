"""The console: pages for support, with a listener of their own."""
