"""The HTTP service: routes parse, call one use case, and render."""
