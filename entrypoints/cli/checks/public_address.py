"""Whether webhooks arrive: our own public address is called as a stranger would call it, without a login.

That is seen from this machine. A network may let it out and back in again, or not; Juspay sees it from outside.
"""

from __future__ import annotations

import asyncio
from typing import Final

import httpx
import msgspec

from paystate.core.urls import is_local
from paystate.entrypoints.setup.problems import ConfigProblem

_TIMEOUT_S: Final = 10.0
_TOTAL_S: Final = 20.0
_CODE_MAX: Final = 64
_BODY_BYTES_MAX: Final = 64 * 1024
_SETTING: Final = "public_url"
_FIX_SERVE: Final = "start `paystate serve`, and the proxy in front of it"
_FIX_PROXY: Final = (
    "let the proxy pass /webhooks/ through to Paystate with path, body, Host and Authorization unchanged"
)
_FIX_HOST: Final = "let the proxy pass on the Host that it was asked for (nginx: `proxy_set_header Host $host;`)"
_FIX_ADDRESS: Final = "set `public_url` to the address itself: Juspay follows no redirect when it sends a webhook"
_FIX_LIMIT: Final = "wait a minute and try again; set `trusted_proxies`, or all callers count as the proxy"


class _Told(msgspec.Struct):
    code: str = ""


async def webhooks_arrive(public_url: str, merchant_id: str) -> list[ConfigProblem]:
    """What stands between Juspay's webhooks and us; nothing where our own 401 comes back."""
    address = f"{public_url.rstrip('/')}/webhooks/juspay/{merchant_id}"
    try:
        status, body = await _called(address)
    except (httpx.HTTPError, TimeoutError) as failed:
        seen = "" if is_local(public_url) else f"; try from another network, too: curl -i -X POST {address}"
        message = f"{address} does not answer from here: {type(failed).__name__}"
        return [ConfigProblem(_SETTING, message, f"{_FIX_SERVE}{seen}")]
    code = _code(body)
    if (status, code) == (401, "unauthenticated"):
        return []
    return [ConfigProblem(_SETTING, f"{address} answers {status}{f' {code}' if code else ''}", _fix(status, code))]


async def _called(address: str) -> tuple[int, bytes]:
    async with (
        asyncio.timeout(_TOTAL_S),
        httpx.AsyncClient(trust_env=False, timeout=_TIMEOUT_S, follow_redirects=False) as http,
        http.stream("POST", address, content=b"{}", headers={"Content-Type": "application/json"}) as answer,
    ):
        body = bytearray()
        async for piece in answer.aiter_raw():
            body += piece
            if len(body) > _BODY_BYTES_MAX:
                break
        return answer.status_code, bytes(body)


def _code(body: bytes) -> str:
    """Our problem's code; empty where somebody else answered."""
    try:
        code = msgspec.json.decode(body, type=_Told).code
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    return code if code.isidentifier() and len(code) <= _CODE_MAX else ""


def _fix(status: int, code: str) -> str:
    if 300 <= status < 400:
        return _FIX_ADDRESS
    return {"wrong_host": _FIX_HOST, "rate_limited": _FIX_LIMIT}.get(code, _FIX_PROXY)
