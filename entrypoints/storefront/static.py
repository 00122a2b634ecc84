"""The style sheet, the script and the icon."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from litestar import Response, get

_FOLDER: Final = Path(__file__).parent / "assets"


@get("/assets/shop.css")
async def style() -> Response[bytes]:
    """Serve the one style sheet."""
    return _asset("shop.css", "text/css")


@get("/assets/shop.js")
async def script() -> Response[bytes]:
    """Serve the one script."""
    return _asset("shop.js", "text/javascript")


@get("/assets/icon.svg")
async def icon() -> Response[bytes]:
    """Serve the picture in the browser's tab."""
    return _asset("icon.svg", "image/svg+xml")


HANDLERS: Final = (style, script, icon)


def _asset(name: str, media_type: str) -> Response[bytes]:
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return Response((_FOLDER / name).read_bytes(), media_type=media_type, headers=headers)
