"""Who may steer the sandbox: programs on this machine, and no page that a browser shows (ours).

A page of anybody's could send what a form can send, also to an address of this machine; and a name of its own that it
has pointed at this machine would let it read the answers too.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import Request, Response

from paystate.entrypoints.sandbox.wire.answers import Answer, to_response

_JSON: Final = "application/json"
_OURS: Final = frozenset({"same-origin", "none"})
"""What a browser says of a request that our own page made, or the one who sits before it (`Sec-Fetch-Site`).

It says so of an image too, which names no origin. Source: W3C, "Fetch Metadata Request Headers"."""
_OTHER_ORIGIN: Final = "a page of another origin cannot steer the sandbox"


async def refuse_pages(request: Request[Any, Any, Any]) -> Response[bytes] | None:
    """Return the refusal of a call that a page could make, None for any other."""
    stranger = _stranger(request, may_be_nameless=True)
    if stranger is not None:
        return stranger
    if request.headers.get("sec-fetch-site", "none") not in _OURS:
        return _refused(request, 403, "other_origin", _OTHER_ORIGIN)
    kind = request.headers.get("content-type")
    if (kind is not None or await request.body()) and (kind or "").partition(";")[0].strip().lower() != _JSON:
        return _refused(request, 415, "not_json", f"the body must be JSON, sent as {_JSON}")
    return None


async def refuse_strangers(request: Request[Any, Any, Any]) -> Response[bytes] | None:
    """Return the refusal of what comes from elsewhere than this machine, or as a form from elsewhere than our pages.

    A browser names the origin beside every form, so a form that names none is of no browser, and has `/_control`.
    """
    return _stranger(request, may_be_nameless=request.method in {"GET", "HEAD"})


def _stranger(request: Request[Any, Any, Any], *, may_be_nameless: bool) -> Response[bytes] | None:
    host, origin = request.headers.get("host", ""), request.headers.get("origin")
    if not _is_loopback(host):
        message = "the Host must be an address of this machine, such as 127.0.0.1"
        return _refused(request, 403, "not_this_machine", message)
    if origin != f"{request.url.scheme}://{host}" and not (origin is None and may_be_nameless):
        return _refused(request, 403, "other_origin", _OTHER_ORIGIN)
    return None


def _is_loopback(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _refused(request: Request[Any, Any, Any], status: int, code: str, message: str) -> Response[bytes]:
    return to_response(Answer({"error": message, "code": code}, status), request)
