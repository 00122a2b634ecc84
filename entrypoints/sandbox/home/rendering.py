"""How one of the sandbox's own pages is made: template, headers, and how values are written for people."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec
from litestar import Request, Response
from markupsafe import Markup, escape

from paystate.entrypoints.sandbox.page.rendering import Page, templates_in

AnyRequest: TypeAlias = Request[Any, Any, Any]

_TEMPLATES: Final = templates_in(Path(__file__).parent / "templates")
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",  # with none at all, a browser names no origin beside a form
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
}

_FINGERPRINT_DIGITS: Final = 16


def page(template: str, status: int = 200, **facts: object) -> Page:
    """Return a page."""
    html = _TEMPLATES.get_template(template).render(**facts)
    return Response(html, status_code=status, media_type="text/html", headers=HEADERS)


def coded(text: str) -> Markup:
    """Return a sentence in which what stands between backticks is code."""
    parts = enumerate(text.split("`"))
    return Markup("").join(Markup("<code>{}</code>").format(part) if at % 2 else escape(part) for at, part in parts)


_TEMPLATES.filters["coded"] = coded


def time_text(at: datetime) -> str:
    """Return an instant as a person reads it."""
    return f"{at:%d %b %Y, %H:%M:%S} UTC"


def fingerprint(secret: str) -> str:
    """Return what tells a key from another, and nothing of the key: the beginning of its SHA-256."""
    return f"SHA-256 {hashlib.sha256(secret.strip().encode()).hexdigest()[:_FINGERPRINT_DIGITS]}…"


def body_text(body: bytes) -> str:
    """Return a body as a person reads it: JSON with each member on its line, anything else as it is."""
    try:
        return msgspec.json.format(body, indent=2).decode()
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")
