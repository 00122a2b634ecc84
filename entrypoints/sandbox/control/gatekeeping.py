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


async def refuse_pages(request: Request[Any, Any, Any]) -> Response[bytes] | None:
    """Return the refusal of a call that a page could make, None for any other."""
    host = request.headers.get("host", "")
    if not _is_loopback(host):
        return _refused(request, 403, "the Host must be an address of this machine, such as 127.0.0.1")
    origin = request.headers.get("origin")
    if origin is not None and origin != f"{request.url.scheme}://{host}":
        return _refused(request, 403, "a page of another origin cannot steer the sandbox")
    kind = request.headers.get("content-type")
    if (kind is not None or await request.body()) and (kind or "").partition(";")[0].strip().lower() != _JSON:
        return _refused(request, 415, f"the body must be JSON, sent as {_JSON}")
    return None


def _is_loopback(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _refused(request: Request[Any, Any, Any], status: int, message: str) -> Response[bytes]:
    return to_response(Answer({"error": message}, status), request)
