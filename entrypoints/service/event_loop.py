"""The event loop of a process that serves or works: uvloop's, or the standard one on Windows."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from asyncio import new_event_loop
else:
    from uvloop import new_event_loop

__all__ = ("new_event_loop",)
