"""Juspay's server-to-server calls over HTTP."""
