"""Pages for browsers: the templates, and the headers with which a page runs nothing and loads nothing.

Owns how a template becomes an answer. The one style sheet stands inside each page, allowed by its digest.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar.response import Response

MEDIA_TYPE: Final = "text/html"

_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def rendered(template: str, **facts: object) -> str:
    """The text of a page."""
    return _TEMPLATES.get_template(template).render(**facts)


_STYLE_DIGEST: Final = base64.b64encode(hashlib.sha256(rendered("style.css").encode()).digest()).decode()

HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}


def page(html: str, status: int = 200) -> Response[str]:
    """Answer with a page."""
    return Response(html, status_code=status, media_type=MEDIA_TYPE, headers=HEADERS)
