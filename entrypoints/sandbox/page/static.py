"""The style sheet and the script of the payment page."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from litestar import get

from paystate.entrypoints.sandbox.page.rendering import Page

_FOLDER: Final = Path(__file__).parent / "assets"


@get("/payment-page/style.css")
async def style() -> Page:
    """Serve the one style sheet."""
    return _asset("style.css", "text/css")


@get("/payment-page/page.js")
async def script() -> Page:
    """Serve the one script."""
    return _asset("page.js", "text/javascript")


HANDLERS: Final = (style, script)


def _asset(name: str, media_type: str) -> Page:
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return Page((_FOLDER / name).read_bytes(), media_type=media_type, headers=headers)
