"""Open pages that show news by themselves."""
