"""Juspay for one merchant, for code that is async: all its calls. The engine's view of them is `JuspayGateway`.

The client keeps the total deadline and repeats reads. A call that changes something is sent once and never repeated
here. The core decides what an answer means for an order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import CoroutineType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar, cast

import httpx

from paystate.adapters.juspay.blocking import BlockingJuspayClient
from paystate.adapters.juspay.calls import Call, Calls, Reply
from paystate.adapters.juspay.config import JuspayConfig
from paystate.adapters.juspay.connections import connection_pool
from paystate.adapters.juspay.envelopes import Envelope
from paystate.adapters.juspay.errors import TROUBLE, translated, without_frames
from paystate.adapters.juspay.sending import Arriving, described_by, request_of, wait_before_next_s
from paystate.core.errors import OutcomeUnknown, PortError
from paystate.core.ports.runtime import Sleep

__all__ = ["JuspayClient"]

T = TypeVar("T")
P = ParamSpec("P")


def _sent(
    make: Callable[Concatenate[Calls, P], Call[T]],
) -> Callable[Concatenate[JuspayClient, P], CoroutineType[Any, Any, T]]:
    @described_by(make, "JuspayClient")
    async def method(client: JuspayClient, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await client.send(make(client.calls, *args, **kwargs))

    return cast("Callable[Concatenate[JuspayClient, P], CoroutineType[Any, Any, T]]", method)


class JuspayClient:
    """Juspay for one merchant. Each call is sent: how often to ask is up to the caller.

    Every method takes what the method of `Calls` by its name takes, and returns what its answer says. All raise
    GatewayUnreachable, OutcomeUnknown or GatewayRejected, as `PaymentGateway` says (which is which:
    `paystate.adapters.juspay.errors`), and ValueInvalid for an id that is no path segment.

    Attributes:
        sync: Makes the client for code that is not async.
        calls: The same calls as values.
    """

    sync = BlockingJuspayClient

    def __init__(
        self,
        config: JuspayConfig,
        pool: httpx.AsyncBaseTransport | None = None,
        *,
        envelope: Envelope | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Use `pool` (see `connection_pool`), which belongs to the caller and may serve many merchants.

        Args:
            pool: Without one the client makes its own, and `aclose` (or `async with`) closes it.
            envelope: Sessions, status and refunds go out sealed, and their answers must be.
        """
        self.calls = Calls(config, envelope)
        self._config = config
        self._pool = pool or connection_pool()
        self._owns_pool = pool is None
        self._sleep = sleep

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections, if they are the client's own."""
        if self._owns_pool:
            await self._pool.aclose()

    create_session = _sent(Calls.create_session)
    order_status = _sent(Calls.order_status)
    refund = _sent(Calls.refund)
    get_order = _sent(Calls.get_order)
    create_order = _sent(Calls.create_order)
    update_order = _sent(Calls.update_order)
    list_orders = _sent(Calls.list_orders)
    fulfil_order = _sent(Calls.fulfil_order)
    send_link = _sent(Calls.send_link)
    cancel_order = _sent(Calls.cancel_order)
    refund_txn = _sent(Calls.refund_txn)
    capture = _sent(Calls.capture)
    void = _sent(Calls.void)
    execute_mandate = _sent(Calls.execute_mandate)
    list_mandates = _sent(Calls.list_mandates)
    mandate_status = _sent(Calls.mandate_status)
    pause_mandate = _sent(Calls.pause_mandate)
    resume_mandate = _sent(Calls.resume_mandate)
    revoke_mandate = _sent(Calls.revoke_mandate)
    notify_mandate = _sent(Calls.notify_mandate)
    get_notification = _sent(Calls.get_notification)
    create_customer = _sent(Calls.create_customer)
    get_or_create_customer = _sent(Calls.get_or_create_customer)
    get_customer = _sent(Calls.get_customer)
    update_customer = _sent(Calls.update_customer)
    payment_methods = _sent(Calls.payment_methods)
    list_offers = _sent(Calls.list_offers)
    verify_vpa = _sent(Calls.verify_vpa)

    async def send(self, call: Call[T]) -> T:
        """Make a call within the total deadline, at whose end the outcome is unknown."""
        try:
            async with asyncio.timeout(self._config.total_timeout_s) as deadline:
                return await self._try(call, deadline)
        except TimeoutError as exc:
            raise OutcomeUnknown(f"{call.operation}: no answer in time") from without_frames(exc)

    async def _try(self, call: Call[T], deadline: asyncio.Timeout) -> T:
        for _ in range(self._config.read_retries if call.is_read else 0):
            try:
                return await self._once(call)
            except PortError as error:
                wait_s = wait_before_next_s(error, self._config, _seconds_until(deadline))
                if wait_s is None:
                    raise
            await self._sleep(wait_s)
        return await self._once(call)

    async def _once(self, call: Call[T]) -> T:
        try:
            return call.read(await self._reply(call))
        except TROUBLE as exc:
            raise translated(call.operation, exc) from without_frames(exc)

    async def _reply(self, call: Call[Any]) -> Reply:
        """Send one request and take its answer: the seam at which another HTTP library could stand."""
        request = request_of(call, self._config, self._config.total_timeout_s)
        response = await self._pool.handle_async_request(request)
        stream = cast("httpx.AsyncByteStream", response.stream)
        try:
            arriving = Arriving(response, self._config.answer_bytes_max)
            async for chunk in stream:
                arriving.add(chunk)
            return arriving.reply()
        finally:
            await stream.aclose()


def _seconds_until(deadline: asyncio.Timeout) -> float:
    ends_at = deadline.when()
    return 0.0 if ends_at is None else ends_at - asyncio.get_running_loop().time()
