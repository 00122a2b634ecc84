"""Juspay for one merchant, for code that is not async: the same calls over blocking connections.

It shares everything with `JuspayClient` but one thing: how the total deadline is kept by a caller that cannot be
interrupted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, Self, TypeVar, cast

import httpx

from paystate.adapters.juspay.calls import Call, Calls, Reply
from paystate.adapters.juspay.config import JuspayConfig
from paystate.adapters.juspay.connections import blocking_connection_pool
from paystate.adapters.juspay.envelopes import Envelope
from paystate.adapters.juspay.errors import TROUBLE, translated, without_frames
from paystate.adapters.juspay.sending import Arriving, described_by, request_of, wait_before_next_s
from paystate.core.errors import OutcomeUnknown, PortError

__all__ = ["BlockingJuspayClient"]

T = TypeVar("T")
P = ParamSpec("P")


def _sent(make: Callable[Concatenate[Calls, P], Call[T]]) -> Callable[Concatenate[BlockingJuspayClient, P], T]:
    @described_by(make, "BlockingJuspayClient")
    def method(client: BlockingJuspayClient, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return client.send(make(client.calls, *args, **kwargs))

    return method


class BlockingJuspayClient:
    """`JuspayClient`, blocking: the same methods, arguments, answers and errors; threads may share it.

    The total deadline is looked at between the pieces of an answer's body and bounds each single wait. A server that
    sends the head of an answer one byte at a time can outlast it; `JuspayClient` is not held up even by that.

    Attributes:
        calls: The same calls as values.
    """

    def __init__(
        self,
        config: JuspayConfig,
        pool: httpx.BaseTransport | None = None,
        *,
        envelope: Envelope | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Use `pool` (see `blocking_connection_pool`), or make one that `close` or `with` closes."""
        self.calls = Calls(config, envelope)
        self._config = config
        self._pool = pool or blocking_connection_pool()
        self._owns_pool = pool is None
        self._sleep = sleep
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, if they are the client's own."""
        if self._owns_pool:
            self._pool.close()

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

    def send(self, call: Call[T]) -> T:
        """Make a call within the total deadline, at whose end the outcome is unknown."""
        ends_at = self._clock() + self._config.total_timeout_s
        for _ in range(self._config.read_retries if call.is_read else 0):
            try:
                return self._once(call, ends_at)
            except PortError as error:
                wait_s = wait_before_next_s(error, self._config, ends_at - self._clock())
                if wait_s is None:
                    raise
            self._sleep(wait_s)
        return self._once(call, ends_at)

    def _once(self, call: Call[T], ends_at: float) -> T:
        try:
            return call.read(self._reply(call, ends_at))
        except TROUBLE as exc:
            raise translated(call.operation, exc) from without_frames(exc)

    def _reply(self, call: Call[Any], ends_at: float) -> Reply:
        request = request_of(call, self._config, self._left(call, ends_at))
        response = self._pool.handle_request(request)
        stream = cast("httpx.SyncByteStream", response.stream)
        try:
            arriving = Arriving(response, self._config.answer_bytes_max)
            for chunk in stream:
                arriving.add(chunk)
                self._left(call, ends_at)
            return arriving.reply()
        finally:
            stream.close()

    def _left(self, call: Call[Any], ends_at: float) -> float:
        seconds = ends_at - self._clock()
        if seconds <= 0:
            raise OutcomeUnknown(f"{call.operation}: no answer in time")
        return seconds
