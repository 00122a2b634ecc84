"""The HTTP service: a route parses, calls one use case and renders; no rule lives here."""
