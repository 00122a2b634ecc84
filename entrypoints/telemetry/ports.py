"""The ports as a process that is watched has them: what matters is told, and everything is passed on unchanged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

from attrs import evolve, frozen

from paystate.core.ids import OrderKey
from paystate.core.orders.decision import DecisionResult
from paystate.core.orders.facts import Decision
from paystate.core.orders.order import Order
from paystate.core.policy import DEFAULT
from paystate.core.ports.gateway import PaymentGateway
from paystate.core.ports.store import DEFAULT_QUOTA, ClaimConflict, ReceivedWebhook, Store
from paystate.core.retention import Quota
from paystate.core.use_cases.context import Merchant, Ports
from paystate.entrypoints.telemetry.watch import Watch


def watched_ports(ports: Ports, watch: Watch) -> Ports:
    """`ports` with a store that tells of decisions and webhooks."""
    return evolve(ports, store=cast("Store", _WatchedStore(ports.store, watch)))


def watched_merchant(merchant: Merchant, watch: Watch) -> Merchant:
    """`merchant` with a gateway that tells of each call."""
    gateway = _WatchedGateway(merchant.gateway, merchant.merchant_id, watch)
    return evolve(merchant, gateway=cast("PaymentGateway", gateway))


@frozen
class _WatchedGateway:
    _gateway: PaymentGateway
    _merchant_id: str
    _watch: Watch

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:  # the port has only calls
        call = getattr(self._gateway, name)

        async def made(*given: Any, **named: Any) -> Any:
            with self._watch.call(self._merchant_id, name):
                return await call(*given, **named)

        return made


@frozen
class _WatchedStore:
    _store: Store
    _watch: Watch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def transact(
        self, key: OrderKey, fn: Callable[[Order | None], DecisionResult]
    ) -> DecisionResult | ClaimConflict:
        before: Order | None = None

        def noted(order: Order | None) -> DecisionResult:
            nonlocal before
            before = order
            return fn(order)

        result = await self._store.transact(key, noted)
        if isinstance(result, Decision):
            self._watch.decided(key, before, result)
        return result

    async def append_inbox(
        self, webhook: ReceivedWebhook, *, most: int = DEFAULT.webhooks_max, quota: Quota = DEFAULT_QUOTA
    ) -> bool:
        is_new = await self._store.append_inbox(webhook, most=most, quota=quota)
        self._watch.webhook_stored(webhook)
        return is_new
