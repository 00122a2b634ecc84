"""Juspay for one merchant as the engine asks it: the `PaymentGateway` of `paystate.core`, over a `JuspayClient`.

Each method of the port is one call, and each answer is one that the core can judge. Of a record that the client
returns, the engine takes what decides, and the instant at which Juspay said so.
"""

from __future__ import annotations

from paystate.adapters.juspay.calls import Call, Reply
from paystate.adapters.juspay.client import JuspayClient
from paystate.adapters.juspay.records.orders import OrderRecord
from paystate.core.evidence import Answer
from paystate.core.money import Money
from paystate.core.ports.gateway import OrderRequest, SessionAnswer

__all__ = ["JuspayGateway"]


class JuspayGateway:
    """Every method raises what those of `JuspayClient` raise; what changes something is sent once, whatever happens."""

    def __init__(self, client: JuspayClient) -> None:
        """Make calls with `client`, which the caller closes."""
        self._client = client
        self._calls = client.calls

    async def create_session(self, request: OrderRequest, *, routing_id: str) -> SessionAnswer:
        """See `Calls.create_session`."""
        return await self._client.create_session(request, routing_id=routing_id)

    async def order_status(self, order_id: str, *, routing_id: str) -> Answer:
        """See `Calls.order_status`."""
        return await self._client.order_status(order_id, routing_id=routing_id)

    async def refund(
        self, order_id: str, refund_id: str, amount: Money, *, routing_id: str, txn_id: str = ""
    ) -> Answer:
        """See `Calls.refund`."""
        return await self._client.refund(order_id, refund_id, amount, routing_id=routing_id, txn_id=txn_id)

    async def capture(self, txn_uuid: str, amount: Money | None, *, call_id: str, routing_id: str) -> Answer:
        """Take held money; `call_id` goes with a part, and Juspay wants none for all of it. See `Calls.capture`."""
        key = call_id if amount is not None else ""
        return await self._told(self._calls.capture(txn_uuid, amount, idempotence_key=key, routing_id=routing_id))

    async def void(self, txn_uuid: str, *, routing_id: str) -> Answer:
        """See `Calls.void`."""
        return await self._told(self._calls.void(txn_uuid, routing_id=routing_id))

    async def update_order(self, order_id: str, amount: Money, *, routing_id: str) -> Answer:
        """See `Calls.update_order`."""
        return await self._told(self._calls.update_order(order_id, amount, routing_id=routing_id))

    async def _told(self, call: Call[OrderRecord]) -> Answer:
        def answer(reply: Reply) -> Answer:
            return Answer(body=call.read(reply).answer, dated=reply.dated)

        return await self._client.send(call.answered_by(answer))
