"""Who asks too often: one bucket for each API key, one for each address of everybody else.

Juspay's webhooks and the questions after health are never counted. Whoever fails to show a right credential pays more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, Receive, Scope, Send

from paystate.entrypoints.interface.problem_kinds import KINDS
from paystate.entrypoints.service.api.problems import ApiProblem
from paystate.entrypoints.service.connections import network_of
from paystate.entrypoints.setup.credentials import caller_of
from paystate.entrypoints.setup.rates import FAILED_COST, Buckets
from paystate.entrypoints.setup.runtime import Runtime

_UNCOUNTED: Final = (b"/webhooks/", b"/healthz", b"/readyz")


def within_rates(app: ASGIApp) -> ASGIApp:
    """Middleware: refuse a caller whose bucket is empty, before anything is done."""

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and not scope["raw_path"].startswith(_UNCOUNTED):
            _take(*_bucket_of(scope))
        await app(scope, receive, send)

    return counted


def take_of_address(scope: Scope) -> None:
    """Count a request of somebody unknown on a route that is not counted otherwise; raises ApiProblem."""
    runtime = _runtime(scope)
    _take(runtime.limits.addresses, address_of(scope, runtime.trusted_proxies))


def charge_failed(message: HTTPResponseStartEvent, scope: Scope) -> None:
    """As an answer begins: a credential was wrong, or none was shown where one is needed."""
    if message["status"] == KINDS["unauthenticated"].status:
        runtime = _runtime(scope)
        runtime.limits.addresses.charge(address_of(scope, runtime.trusted_proxies), FAILED_COST)


def address_of(scope: Scope, trusted_proxies: int) -> str:
    """Whom a request comes from: the one who is connected, or whom the outermost trusted proxy saw.

    Each proxy appends whom it saw to `X-Forwarded-For`, so only the last `trusted_proxies` entries are theirs.
    """
    given = cast("Mapping[str, Any]", scope)  # a server need not tell
    client = given.get("client")
    connected = client[0] if client else ""
    if not trusted_proxies:
        return network_of(connected)
    forwarded = ",".join(Headers.from_scope(scope).getall("x-forwarded-for", []))
    seen = [name.strip() for name in forwarded.split(",") if name.strip()]
    return network_of(seen[-trusted_proxies] if len(seen) >= trusted_proxies else connected)


def _bucket_of(scope: Scope) -> tuple[Buckets, str]:
    runtime = _runtime(scope)
    given = Headers.from_scope(scope).getall("authorization", [])
    authorization = given[0] if len(given) == 1 else None
    if calling := caller_of(authorization, runtime.credentials, runtime.ports.clock.now):
        return runtime.limits.keys, f"{calling.merchant_id}/{calling.key.key_id}"
    return runtime.limits.addresses, address_of(scope, runtime.trusted_proxies)


def _take(buckets: Buckets, caller: str) -> None:
    if wait_s := buckets.take(caller):
        raise ApiProblem("rate_limited", retry_after_s=wait_s)


def _runtime(scope: Scope) -> Runtime:
    runtime: Runtime = scope["litestar_app"].state.runtime
    return runtime
