"""What a merchant's side may ask and pass on, the same over HTTP and in Python.

The routes of the service and the methods of the engine are two ways to these functions: here a body becomes a value of
the core, and a webhook or a return is let in. Nothing here knows HTTP beyond the headers it is given.
"""
