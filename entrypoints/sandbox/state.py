"""One running sandbox: its parts, put together. Owns nothing but the wiring between them."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any, cast

from litestar import Request

from paystate.entrypoints.sandbox.clock import Clock
from paystate.entrypoints.sandbox.config import Merchant, SandboxConfig
from paystate.entrypoints.sandbox.faults import Faults
from paystate.entrypoints.sandbox.ledger import Ledger
from paystate.entrypoints.sandbox.records import Order
from paystate.entrypoints.sandbox.sdk import Sdk
from paystate.entrypoints.sandbox.webhooks import Outbox
from paystate.entrypoints.sandbox.world import World


class Sandbox:
    """World, ledger, outbox, faults and SDK instances of one app, on one clock."""

    def __init__(self, config: SandboxConfig, clock: Clock) -> None:
        """Put the parts together."""
        self.config = config
        self.clock = clock
        self.base_url = config.base_url or ""
        self.ledger = Ledger()
        self.faults = Faults()
        self.outbox = Outbox(config, clock, self.ledger)
        self.world = World(config, self.ledger, self._announce)
        self.public_keys = {one.merchant_id: dict(one.public_keys) for one in config.merchants}
        self.sdk = Sdk(config, self.world, self.ledger, self.public_keys, self.page_url)
        self.something_queued = asyncio.Event()

    def catch_up(self) -> datetime:
        """Do everything that became due by now, and return now."""
        now = self.clock.now()
        self.world.run_due(now)
        return now

    def merchant_of(self, order: Order) -> Merchant:
        """Return the order's merchant."""
        return next(one for one in self.config.merchants if one.merchant_id == order.merchant_id)

    def page_url(self, order: Order) -> str:
        """Return the address of the order's hosted page."""
        return f"{self.base_url}/payment-page/order/{order.juspay_id}"

    def _announce(self, name: str, order: Order, at: datetime) -> None:
        delays = self.faults.delays(name, order.order_id)
        self.outbox.announce(name, order, at, self.base_url, delays)
        self.something_queued.set()


def sandbox_of(request: Request[Any, Any, Any]) -> Sandbox:
    """Return the sandbox behind the app that got this request."""
    return cast("Sandbox", request.app.state.sandbox)
