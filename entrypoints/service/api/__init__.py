"""The HTTP service: a route parses, calls one use case and renders; no rule lives here."""

from paystate.entrypoints.service.api.app import create_app

__all__ = ["create_app"]
