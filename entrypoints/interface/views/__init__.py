"""How what the core holds is shown, over HTTP, in Python, at the terminal and in an announcement: the same bodies.

A `..._models` says what goes out, member by member; its `..._views` reads each value off the core.
"""
