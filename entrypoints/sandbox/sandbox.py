"""One running sandbox: its parts, wired together."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from litestar import Request

from paystate.entrypoints.sandbox.clock import Clock, ClockSharing
from paystate.entrypoints.sandbox.config import Merchant, SandboxConfig
from paystate.entrypoints.sandbox.faults.arming import TIMER, ArmedFault, Faults
from paystate.entrypoints.sandbox.faults.call_faults import Asked
from paystate.entrypoints.sandbox.faults.webhook_faults import forge as forged_beside
from paystate.entrypoints.sandbox.faults.webhook_faults import new_event_id
from paystate.entrypoints.sandbox.gateway.customers import Customers
from paystate.entrypoints.sandbox.gateway.happenings import Happenings, Subject
from paystate.entrypoints.sandbox.gateway.ledger import Ledger
from paystate.entrypoints.sandbox.gateway.mandates import Mandates
from paystate.entrypoints.sandbox.gateway.records import Order
from paystate.entrypoints.sandbox.gateway.rules import CannotHappen, World
from paystate.entrypoints.sandbox.gateway.saved_methods import SavedMethods
from paystate.entrypoints.sandbox.gateway.statuses import STATUS_ID
from paystate.entrypoints.sandbox.jwt import JwtKeys
from paystate.entrypoints.sandbox.sdk.player import Sdk
from paystate.entrypoints.sandbox.webhooks.outbox import Letter, Outbox
from paystate.entrypoints.sandbox.wire.bodies import View, order_body
from paystate.entrypoints.sandbox.wire.event_bodies import event_body


class Sandbox:
    """World, ledger, outbox, faults and SDK instances of one app, on one clock."""

    def __init__(self, config: SandboxConfig, clock: Clock) -> None:
        """Put the parts together."""
        self.config = config
        self.clock = clock
        self.base_url = config.base_url or ""
        self.sharing = ClockSharing()
        self.ledger = Ledger()
        self.jwt = JwtKeys(config.jwt_keys, {one.merchant_id: one.jwt_keys for one in config.merchants})
        self.outbox = Outbox(config, clock, self.ledger, self.jwt)
        happenings = Happenings(self.ledger, self._announce)
        self.faults = Faults(happenings)
        happenings.does(TIMER, self._happen_later)
        self.mandates = Mandates(self.ledger, happenings)
        self.world = World(config, happenings, self.faults.holds, self.mandates)
        self.customers = Customers(self.ledger)
        self.saved = SavedMethods()
        self.public_keys = {one.merchant_id: dict(one.public_keys) for one in config.merchants}
        self.sdk = Sdk(config, self.world, self.ledger, self.public_keys, self.page_url)
        self.something_queued = asyncio.Event()

    @property
    def view(self) -> View:
        """How orders are shown to merchants."""
        unpublished = {
            "PARTIAL_CHARGED": self.config.partial_charged_status_id,
            "TO_BE_CHARGED": self.config.to_be_charged_status_id,
        }
        return View(
            self.base_url,
            STATUS_ID | unpublished,
            eligible_in_transaction=self.config.eligible_in_transaction,
            conflicts_told=self.config.conflicts_told,
        )

    @property
    def _webhook_view(self) -> View:
        return replace(self.view, personal_data_filtered=self.config.personal_data_filtered)

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

    def asked(self, route: str, order_id: str | None, merchant: Merchant) -> Asked:
        """Return a call as faults see it."""
        return Asked(
            route=route,
            merchant_id=merchant.merchant_id,
            order_id=order_id,
            not_found_status=self.config.unknown_order_status,
            find=lambda wanted: self.world.order(merchant.merchant_id, wanted),
            body=lambda order: order_body(order, self.view),
        )

    def let_happen(self, fault: ArmedFault, order: Order) -> None:
        """Let what a fault does to the order itself happen: now, or at its time unless it is disarmed by then.

        Raises:
            CannotHappen: Now, and the order is not in a state for it. At its time, it silently does not happen.
        """
        now, after_s = self.clock.now(), float(fault.params["after_s"])
        if after_s > 0:
            self.faults.later(fault, order, now + timedelta(seconds=after_s))
        else:
            self._happen(fault, order, now)

    def _happen_later(self, order: Order, fault_id: str, at: datetime) -> None:
        fault = self.faults.of(int(fault_id))
        if fault is not None:
            with contextlib.suppress(CannotHappen):
                self._happen(fault, order, at)

    def _happen(self, fault: ArmedFault, order: Order, at: datetime) -> None:
        self.faults.clear(fault.id)
        fault.kind.act(self.world, order, fault.params, at)

    def forge(self, order: Order, event_name: str, status: str, *, wrong_password: bool) -> str:
        """Queue an event that says of the order what is not so, whoever wants such events; return its id."""
        at = self.clock.now()
        params = {"event_name": event_name, "status": status, "status_id": self.view.status_ids[status]}
        true_one = Letter("", event_name, event_body("", event_name, order, at, self._webhook_view, None))
        (_, forged) = forged_beside((true_one,), params)
        self.outbox.queue([replace(forged, wrong_password=wrong_password)], order, at)
        self.something_queued.set()
        return forged.event_id

    def _announce(self, name: str, order: Order, at: datetime, subject: Subject) -> None:
        event_id = new_event_id()
        body = event_body(event_id, name, order, at, self._webhook_view, subject)
        self._queue(Letter(event_id, name, body), order, at)

    def _queue(self, letter: Letter, order: Order, at: datetime) -> None:
        if not self.outbox.is_wanted(letter.event_name, order):
            return
        self.outbox.queue(self.faults.letters(letter, order), order, at)
        self.something_queued.set()


def sandbox_of(request: Request[Any, Any, Any]) -> Sandbox:
    """Return the sandbox behind the app that got this request."""
    return cast("Sandbox", request.app.state.sandbox)
