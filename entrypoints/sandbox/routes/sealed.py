"""Calls in JWT mode: how they are read and answered, and their routes (contract A.5).

Each does what its plain route does; the keys are in `jwt.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from litestar import Request

from paystate.entrypoints.sandbox import errors
from paystate.entrypoints.sandbox.config import Merchant
from paystate.entrypoints.sandbox.jwt import SealBroken
from paystate.entrypoints.sandbox.parsing import BodyInvalid, json_object, read_json
from paystate.entrypoints.sandbox.routes.authentication import key_holder, named_merchant
from paystate.entrypoints.sandbox.routes.calls import Dialect, Reading, Route
from paystate.entrypoints.sandbox.routes.orders import create_session, order_status
from paystate.entrypoints.sandbox.routes.refunds import refund_order
from paystate.entrypoints.sandbox.routes.transactions import create_txn
from paystate.entrypoints.sandbox.sandbox import Sandbox
from paystate.entrypoints.sandbox.wire.answers import Answer
from paystate.entrypoints.sandbox.wire.bodies import encoded


class _Sealed:
    """`x-merchantid` and the key that signed say who calls; an API key beside them names who names nobody."""

    async def read(self, row: Route, request: Request[Any, Any, Any], sandbox: Sandbox) -> Reading:
        """Return who calls and with which fields, read from the sealed body whatever the method."""
        merchant = _caller(sandbox, request)
        if merchant is None:
            raise errors.access_denied("There is no such merchant")
        try:
            text, channel = sandbox.jwt.opened(merchant.merchant_id, await read_json(request))
            return Reading(merchant, json_object(text), channel)
        except SealBroken as exc:
            raise errors.access_denied(f"The JWT cannot be accepted: {exc}") from exc
        except BodyInvalid as exc:
            raise errors.invalid_input(("body", str(exc))) from exc

    def write(self, reading: Reading, answer: Answer) -> Answer:
        """Return the answer sealed if it is a success, and in plain if it is an error or no JSON at all."""
        if reading.channel is None or not 200 <= answer.status < 300 or isinstance(answer.body, bytes):
            return answer
        return replace(answer, body=reading.channel.sealed(encoded(answer.body)))


SEALED: Final[Dialect] = _Sealed()


def _caller(sandbox: Sandbox, request: Request[Any, Any, Any]) -> Merchant | None:
    """Return the named merchant, or where none is named that of the API key (inferred, contract A.5 and O.7)."""
    named = named_merchant(request)
    if named or sandbox.config.merchant_id_required:
        return sandbox.config.merchant(named)
    return key_holder(sandbox, request)


ROUTES: Final = (
    Route("POST", "/v4/session", "session", create_session, "documented", "A.5", "`POST /session`, sealed."),
    Route(
        "POST", "/v4/order-status", "order_status", order_status, "documented", "A.5",
        "Order status, sealed: Juspay's clients ask by POST.",
    ),
    Route(
        "GET", "/v4/order-status", "order_status", order_status, "documented", "A.5",
        "Order status, sealed: Juspay's page asks by GET, with a body.",
    ),
    Route(
        "POST", "/v4/orders/{path_id:str}/refunds", "refund", refund_order, "documented", "A.5",
        "A refund of a paid order, sealed.",
    ),
    Route(
        "POST", "/v4/txns", "txn", create_txn, "recorded", "A.5",
        "`POST /txns`, sealed: an attempt of an order, of one that it makes, or by a mandate.",
    ),
)  # fmt: skip
