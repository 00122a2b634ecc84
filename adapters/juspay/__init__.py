"""Juspay over HTTP: the `PaymentGateway` of `paystate.core`."""
