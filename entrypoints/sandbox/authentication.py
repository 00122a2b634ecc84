"""Who calls: the API key and the headers beside it (contract A.2, A.3), and calls in plain. Owns no route."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Any, Final

from litestar import Request

from paystate.entrypoints.sandbox import errors
from paystate.entrypoints.sandbox.answers import Answer
from paystate.entrypoints.sandbox.body_parsing import BodyInvalid, read_fields
from paystate.entrypoints.sandbox.calls import Dialect, Reading, Route
from paystate.entrypoints.sandbox.config import Merchant
from paystate.entrypoints.sandbox.state import Sandbox


class _Plain:
    """The API key says who calls; fields stand in the query and in a JSON or form body; answers are JSON."""

    async def read(self, row: Route, request: Request[Any, Any, Any], sandbox: Sandbox) -> Reading:
        """Return who calls and with which fields; those of the body win over those of the query."""
        merchant = authenticated(sandbox, request)
        return Reading(merchant, await _fields(row, request))

    def write(self, reading: Reading, answer: Answer, sandbox: Sandbox) -> Answer:
        """Return the answer as it is."""
        return answer


PLAIN: Final[Dialect] = _Plain()


async def _fields(row: Route, request: Request[Any, Any, Any]) -> dict[str, Any]:
    query = {str(name): value for name, value in request.query_params.items()}
    try:
        return {**query, **(await read_fields(request) if row.verb == "POST" else {})}
    except BodyInvalid as exc:
        raise errors.invalid_input(("body", str(exc))) from exc


def authenticated(sandbox: Sandbox, request: Request[Any, Any, Any]) -> Merchant:
    """Return the merchant of the API key, sent as `key:` or bare `key` (both recorded, contract A.2).

    Raises:
        Refusal: No such key (documented), or the merchant id isn't the key's (secondary, contract A.3).
    """
    key = _api_key(request.headers.get("authorization", ""))
    merchant = next((one for one in sandbox.config.merchants if hmac.compare_digest(one.api_key.encode(), key)), None)
    if merchant is None:
        raise errors.access_denied("The API key is not valid")
    named = request.headers.get("x-merchantid") or request.headers.get("x-merchant-id")
    if named != merchant.merchant_id:
        raise errors.access_denied("The API key does not belong to the merchant id of the call")
    if sandbox.config.routing_id_required and not request.headers.get("x-routing-id"):
        raise errors.invalid_input(("x-routing-id", "Is mandatory"))
    return merchant


def _api_key(header: str) -> bytes:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(encoded.strip(), validate=True).removesuffix(b":")
    except (binascii.Error, ValueError):
        return b""
