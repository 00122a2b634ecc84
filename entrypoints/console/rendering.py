"""How a page of the console is made: template, headers, and text that shows everything it holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, TypeAlias

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response
from litestar.response import Redirect

from paystate.core.text import with_unseen_shown
from paystate.entrypoints.console.access import UNASKED, AnyRequest, console_of, cookie, no_cookie, person_at

Page: TypeAlias = Response[Any]

TOLD: Final = "__Host-paystate-told"
NO_ANSWER: Final = "Juspay gave no answer, so nothing is changed. Try again in a moment."

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # Not `no-referrer`: with it a browser names the origin of a form as `null`.
    # Source: Fetch, "append a request `Origin` header".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Robots-Tag": "noindex",
}


def _shown(value: object) -> object:
    """A text with what nobody would see in it; what is markup already stays."""
    return with_unseen_shown(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    finalize=_shown,
)


def page(request: AnyRequest, template: str, status: int = 200, **facts: object) -> Page:
    """A page for whoever is signed in."""
    person, console = person_at(request), console_of(request)
    shown = bare_page(
        template,
        status,
        me=person.user,
        csrf=person.csrf,
        has_proxy=console.settings.proxy is not None,
        **{"word": "", **facts},
    )
    if facts.get("told"):
        shown.cookies.append(no_cookie(TOLD))
    return shown


def bare_page(template: str, status: int = 200, **facts: object) -> Page:
    """A page for nobody in particular."""
    html = _TEMPLATES.get_template(template).render(**facts)
    return Response(html, status_code=status, media_type="text/html; charset=utf-8", headers=HEADERS)


def see(path: str, **options: Any) -> Page:
    """Send the browser on, so that a reload sends no form again."""
    return Redirect(path, status_code=303, headers=HEADERS, **options)


def see_told(path: str, word: str) -> Page:
    """The same, and the page there tells once what was done; a link to it cannot make it say so."""
    return see(path, cookies=[cookie(f"{word} {path}", TOLD)])


def told_at(request: AnyRequest, path: str) -> str:
    """What the page at `path` has to tell; `""` for nothing, and where nobody has asked for the page."""
    if UNASKED in request.headers:
        return ""
    word, _, there = request.cookies.get(TOLD, "").partition(" ")
    return word if there == path else ""
