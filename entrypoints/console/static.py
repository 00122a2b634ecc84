"""The style sheet and the scripts of the console.

`htmx.min.js` is htmx 2.0.8 as its package has it (`HTMX_SHA256`), under the licence beside it. Without a script every
page works too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from litestar import get

from paystate.entrypoints.console.rendering import HEADERS, Page

_FOLDER: Final = Path(__file__).parent / "assets"
HTMX_SHA256: Final = "22283ef68cb7545914f0a88a1bdedc7256a703d1d580c1d255217d0a50d31313"
"""Of `dist/htmx.min.js` in the package htmx.org 2.0.8 of npm."""


@get("/assets/style.css")
async def style() -> Page:
    """Serve the one style sheet."""
    return _asset("style.css", "text/css")


@get("/assets/console.js")
async def script() -> Page:
    """Serve our own script."""
    return _asset("console.js", "text/javascript")


@get("/assets/htmx.min.js")
async def htmx() -> Page:
    """Serve htmx."""
    return _asset("htmx.min.js", "text/javascript")


@get("/favicon.ico")
async def icon() -> Page:
    """Serve the console's sign. Browsers ask for it at this address of their own accord."""
    return _asset("icon.svg", "image/svg+xml")


HANDLERS: Final = (style, script, htmx, icon)


def _asset(name: str, media_type: str) -> Page:
    return Page((_FOLDER / name).read_bytes(), media_type=media_type, headers=HEADERS)
