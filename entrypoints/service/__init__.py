"""The service and the worker as processes."""
