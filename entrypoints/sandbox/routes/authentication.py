"""Who calls: the API key and the headers beside it (contract A.2, A.3), and calls that are not sealed."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from typing import Any, Final

from litestar import Request

from paystate.entrypoints.sandbox import errors
from paystate.entrypoints.sandbox.config import Merchant
from paystate.entrypoints.sandbox.parsing import BodyInvalid, read_fields
from paystate.entrypoints.sandbox.routes.calls import Dialect, Reading, Route
from paystate.entrypoints.sandbox.sandbox import Sandbox
from paystate.entrypoints.sandbox.wire.answers import Answer


class _Plain:
    """The API key says who calls; fields stand in the query and in a JSON or form body; answers are JSON."""

    async def read(self, row: Route, request: Request[Any, Any, Any], sandbox: Sandbox) -> Reading:
        """Return who calls and with which fields; those of the body win over those of the query.

        A caller that takes money by a mandate, without the shopper, needs the key even on a route without
        authentication (inferred).
        """
        if row.caller == "key" or "authorization" in request.headers:
            merchant = authenticated(sandbox, request)
            return Reading(merchant, await _fields(row, request))
        fields = await _fields(row, request)
        if fields.get("mandate_id"):
            raise errors.access_denied("A mandate is executed with the API key")
        return Reading(_without_key(row, sandbox, request, fields), fields)

    def write(self, reading: Reading, answer: Answer) -> Answer:
        """Return the answer as it is."""
        return answer


PLAIN: Final[Dialect] = _Plain()


async def _fields(row: Route, request: Request[Any, Any, Any]) -> dict[str, Any]:
    query = {str(name): value for name, value in request.query_params.items()}
    path = {name: value for name, value in request.path_params.items() if name == "merchant_id"}
    try:
        return {**query, **(await read_fields(request) if row.verb == "POST" else {}), **path}
    except BodyInvalid as exc:
        raise errors.invalid_input(("body", str(exc))) from exc


def authenticated(sandbox: Sandbox, request: Request[Any, Any, Any]) -> Merchant:
    """Return the merchant of the API key, sent as `key:` or bare `key` (both recorded, contract A.2).

    The key alone says who calls where a call names no merchant, as half of Juspay's samples do not (recorded, O.7).

    Raises:
        Refusal: No such key (documented), or the merchant id isn't the key's (secondary, contract A.3).
    """
    merchant = key_holder(sandbox, request)
    if merchant is None:
        raise errors.access_denied("The API key is not valid")
    named = named_merchant(request)
    if named != merchant.merchant_id and (named or sandbox.config.merchant_id_required):
        raise errors.access_denied("The API key does not belong to the merchant id of the call")
    if sandbox.config.routing_id_required and not request.headers.get("x-routing-id"):
        raise errors.invalid_input(("x-routing-id", "Is mandatory"))
    return merchant


def key_holder(sandbox: Sandbox, request: Request[Any, Any, Any]) -> Merchant | None:
    """Return the merchant of the call's API key."""
    key = _api_key(request.headers.get("authorization", ""))
    return next((one for one in sandbox.config.merchants if hmac.compare_digest(one.api_key.encode(), key)), None)


def named_merchant(request: Request[Any, Any, Any]) -> str:
    """Return the merchant id that the headers name, empty if none (documented in one spelling, recorded in the other).

    Once or twice the same: Juspay's .NET client says it twice where it was told it twice (recorded, contract A.3).
    """
    named = request.headers.get("x-merchantid") or request.headers.get("x-merchant-id") or ""
    first, *others = (part.strip() for part in named.split(","))
    return first if all(other == first for other in others) else named


def _without_key(row: Route, sandbox: Sandbox, request: Request[Any, Any, Any], fields: Mapping[str, Any]) -> Merchant:
    """Return the merchant of the client auth token, or the named one where no key is wanted (documented, A.2).

    How the token is sent is inferred: as the field `client_auth_token`.
    """
    named = named_merchant(request) or str(fields.get("merchant_id") or "")
    token = fields.get("client_auth_token")
    if token is not None:
        holder = sandbox.world.token_holder(str(token), sandbox.clock.now())
    else:
        holder = named if row.caller == "anyone" else None
    merchant = sandbox.config.merchant(holder or "")
    if merchant is None or named not in {"", merchant.merchant_id}:
        raise errors.access_denied("The call has neither an API key nor a living client auth token")
    return merchant


def _api_key(header: str) -> bytes:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(encoded.strip(), validate=True).removesuffix(b":")
    except (binascii.Error, ValueError):
        return b""
