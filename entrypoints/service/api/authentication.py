"""Who is asking: guards, and what they found out for the routes behind them.

They decide which credential opens which route. How credentials look and are compared is in
`paystate.entrypoints.setup.credentials`.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from typing import Any, Final, cast

from attrs import frozen
from litestar.connection import ASGIConnection, Request
from litestar.handlers import BaseRouteHandler
from litestar.types import Scope

from paystate.core.checkouts.checkout import Checkout
from paystate.core.ids import CheckoutKey
from paystate.core.requester import Requester
from paystate.core.use_cases.checkout import token_digest
from paystate.core.use_cases.context import Merchant, Ports
from paystate.entrypoints.service.api.app_origins import note_merchant
from paystate.entrypoints.service.api.problems import ApiProblem
from paystate.entrypoints.service.api.scopes import SCOPES
from paystate.entrypoints.setup.credentials import Caller, bearer, caller_of
from paystate.entrypoints.setup.runtime import Runtime

Connection = ASGIConnection[Any, Any, Any, Any]

_APP_TOKEN: Final = re.compile(r"pct_[A-Za-z0-9_-]{22,128}", re.ASCII)
"""What a checkout's token looks like; whose it is cannot be told without its checkout."""
_CHECKOUT_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_NO_DIGEST: Final = token_digest("")


@frozen
class Holder:
    """Somebody who may act on one checkout: its app by token, or its merchant by API key."""

    merchant: Merchant
    checkout: Checkout
    is_app: bool


def runtime_of(connection: Connection) -> Runtime:
    """The installation that this service runs on."""
    runtime: Runtime = connection.app.state.runtime
    return runtime


def ports_of(connection: Connection) -> Ports:
    """The installation's ports."""
    return runtime_of(connection).ports


def caller(request: Request[Any, Any, Any]) -> Merchant:
    """The merchant whose backend is asking; only behind `needs_api_key`."""
    merchant: Merchant = request.scope["state"]["merchant"]
    return merchant


def holder(request: Request[Any, Any, Any]) -> Holder:
    """Who acts on which checkout; only behind `needs_token` or `needs_api_key_or_token`."""
    found: Holder = request.scope["state"]["holder"]
    return found


def requester(request: Request[Any, Any, Any], person: str = "") -> Requester:
    """Who is asking, by the API key that is proved and the `person` that is named; only behind `needs_api_key`."""
    calling: Caller = request.scope["state"]["calling"]
    return Requester(person, calling.key.key_id)


async def needs_api_key(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard: the merchant's backend only, with a key that may do this."""
    merchant = _merchant_by_key(connection)
    if merchant is None:
        is_apps = _APP_TOKEN.fullmatch(bearer(authorization(connection)) or "")
        raise ApiProblem("forbidden" if is_apps else "unauthenticated")
    connection.scope["state"]["merchant"] = merchant


async def needs_token(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard: the app that holds this checkout's token; a checkout that is not there looks like a wrong token."""
    connection.scope["state"]["holder"] = await _holder_by_token(connection)


async def needs_api_key_or_token(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard: the checkout's app or its merchant's backend."""
    merchant = _merchant_by_key(connection)
    if merchant is None:
        connection.scope["state"]["holder"] = await _holder_by_token(connection)
        return
    checkout_id: str = connection.path_params["checkout_id"]
    checkout = await ports_of(connection).store.load_checkout(CheckoutKey(merchant.merchant_id, checkout_id))
    if checkout is None:
        raise ApiProblem("not_found")
    connection.scope["state"]["holder"] = Holder(merchant, checkout, is_app=False)


def note_key_use(scope: Scope) -> None:
    """As an answer begins: an API key that was right was used, whatever came of it."""
    if "calling" in scope["state"]:
        runtime: Runtime = scope["litestar_app"].state.runtime
        runtime.key_uses.note(scope["state"]["calling"])


def authorization(connection: Connection) -> str | None:
    """The one Authorization header; two of them are as good as none."""
    given = connection.headers.getall("authorization", [])
    return given[0] if len(given) == 1 else None


def _merchant_by_key(connection: Connection) -> Merchant | None:
    """Whose key it is, None for nobody's; raises ApiProblem for a key that may not do this."""
    runtime = runtime_of(connection)
    calling = caller_of(authorization(connection), runtime.credentials, runtime.ports.clock.now)
    if calling is None:
        return None
    connection.scope["state"]["calling"] = calling
    asked = cast("Mapping[str, Any]", connection.scope)  # Litestar's type of it does not tell the path's template
    if SCOPES.get((asked["method"], asked["path_template"])) not in calling.key.scopes:
        raise ApiProblem("forbidden")
    return runtime.merchants.get(calling.merchant_id)


async def _holder_by_token(connection: Connection) -> Holder:
    token = bearer(authorization(connection))
    checkout_id: str = connection.path_params["checkout_id"]
    found = await _checkout_anywhere(connection, checkout_id) if token else None
    issued = found.checkout.issued if found else None
    known = issued.token_digest if issued else _NO_DIGEST
    is_right = hmac.compare_digest(token_digest(token or "-"), known)
    if found is None or not is_right:
        raise ApiProblem("unauthenticated")
    note_merchant(connection.scope, found.merchant.merchant_id)
    return found


async def _checkout_anywhere(connection: Connection, checkout_id: str) -> Holder | None:
    """Look under each merchant: the token alone does not tell whose it is, and an id is never used twice."""
    if not _CHECKOUT_ID.fullmatch(checkout_id):
        return None
    runtime = runtime_of(connection)
    for merchant in runtime.merchants.values():
        checkout = await runtime.ports.store.load_checkout(CheckoutKey(merchant.merchant_id, checkout_id))
        if checkout is not None:
            return Holder(merchant, checkout, is_app=True)
    return None
