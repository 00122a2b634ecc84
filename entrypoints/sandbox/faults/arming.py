"""Faults that are armed: which, on what order and route, how often; and when they act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from paystate.entrypoints.sandbox.config import EVENTS
from paystate.entrypoints.sandbox.faults.call_faults import Asked
from paystate.entrypoints.sandbox.faults.catalogue import FAULTS, FaultKind, Seam
from paystate.entrypoints.sandbox.faults.params import Params, misfits
from paystate.entrypoints.sandbox.gateway.happenings import Happenings
from paystate.entrypoints.sandbox.gateway.records import Order
from paystate.entrypoints.sandbox.parsing import Misfit
from paystate.entrypoints.sandbox.webhooks.outbox import Letter
from paystate.entrypoints.sandbox.wire.answers import Answer

CALLS: Final = (
    "session",
    "order_create",
    "order_update",
    "order_cancel",
    "link_send",
    "order_status",
    "order_list",
    "refund",
    "txn",
    "capture",
    "void",
    "mandate",
    "mandate_list",
    "notification",
    "fulfilment",
    "customer_create",
    "customer_get",
    "customer_get_or_create",
    "customer_list",
    "customer_update",
    "card_add",
    "card_list",
    "card_update",
    "card_bin",
    "card_bins",
    "card_delete",
    "saved_methods",
    "used_methods",
    "payment_methods",
    "wallet_list",
    "wallet_create",
    "wallet_refresh",
    "wallet_command",
    "vpa_check",
    "emi_plans",
    "offers",
)
"""The names of Juspay's server-to-server calls."""

ROUTES_AT: Final[Mapping[Seam, tuple[str, ...]]] = {"request": CALLS, "answer": CALLS, "webhook": EVENTS, "world": ()}
"""What `route` may be of a fault at each seam."""

TIMER: Final = "fault"
"""The name under which what a fault does at a later time is kept."""


class FaultInvalid(Exception):
    """There is no such fault, or it can't be armed so; `misfit` says why."""

    def __init__(self, misfit: Misfit) -> None:
        """Hold what is wrong."""
        super().__init__(misfit.message)
        self.misfit: Final = misfit


@dataclass(slots=True)
class ArmedFault:
    """A fault that waits for its next `calls` occasions: anybody's, or of one merchant, one order, one route."""

    id: int
    kind: FaultKind
    calls: int
    merchant_id: str | None
    order_id: str | None
    route: str | None
    params: Params

    def is_about(self, merchant_id: str, order_id: str | None) -> bool:
        """Whether it is about an order of that id of that merchant."""
        if self.merchant_id not in (None, merchant_id):
            return False
        return self.order_id is None or self.order_id.lower() == (order_id or "").lower()

    def fits(self, seam: Seam, route: str, merchant_id: str, order_id: str | None) -> bool:
        """Whether it acts on this occasion."""
        if self.kind.seam != seam or self.calls < 1 or not self.is_about(merchant_id, order_id):
            return False
        routes = {self.route} if self.route else self.kind.routes
        return not routes or route in routes


class Faults:
    """The faults that are armed in one sandbox."""

    def __init__(self, happenings: Happenings) -> None:
        """Start with none."""
        self.armed: list[ArmedFault] = []
        self.count = 0
        """How many were ever armed: the id of the newest. No id comes twice."""
        self._happenings = happenings

    def arm(
        self,
        name: str,
        *,
        merchant_id: str | None,
        order_id: str | None,
        route: str | None,
        calls: int,
        params: Mapping[str, Any],
    ) -> ArmedFault:
        """Arm a fault for its next `calls` occasions.

        Raises:
            FaultInvalid: No such fault, or not with such an order, route, number of calls or parameter.
        """
        kind = next((one for one in FAULTS if one.name == name), None)
        if kind is None:
            names = tuple(one.name for one in FAULTS)
            raise FaultInvalid(Misfit("invalid_member", "name", f"there is no fault {name}", names))
        for one in _misfits(kind, order_id, route, calls, params):
            raise FaultInvalid(replace(one, message=f"{name}: {one.message}"))
        self.count += 1
        armed = ArmedFault(self.count, kind, calls, merchant_id, order_id, route, {**kind.params, **params})
        self.armed.append(armed)
        return armed

    def put_back(self, fault: ArmedFault) -> None:
        """Take a fault that was kept in a file."""
        self.armed.append(fault)

    def of(self, fault_id: int) -> ArmedFault | None:
        """Return the fault of that id, if it still waits."""
        return next((one for one in self.armed if one.id == fault_id), None)

    def clear(self, fault_id: int | None = None) -> None:
        """Disarm one fault, or all; what they were to do at a later time does not happen either."""
        for gone in [one for one in self.armed if fault_id in (None, one.id)]:
            self.armed.remove(gone)
            self._happenings.drop(TIMER, str(gone.id))

    def later(self, fault: ArmedFault, order: Order, due: datetime) -> None:
        """Let what a fault does to the order happen at `due`, unless it is disarmed by then."""
        self._happenings.later(due, TIMER, order, str(fault.id))

    def before(self, asked: Asked) -> tuple[Answer | None, list[str]]:
        """Return the answer that an armed fault gives in place of the call, and the names of those that acted."""
        for one in self._fitting("request", asked.route, asked.merchant_id, asked.order_id):
            answer: Answer | None = one.kind.act(asked, one.params)
            if answer is not None:
                self._use(one)
                return answer, [one.kind.name]
        return None, []

    def after(self, answer: Answer, asked: Asked) -> tuple[Answer, list[str]]:
        """Return the answer that goes out, and the names of the faults that acted."""
        acted = list[str]()
        for one in self._fitting("answer", asked.route, asked.merchant_id, asked.order_id):
            other: Answer | None = one.kind.act(answer, asked, one.params)
            if other is not None:
                self._use(one)
                answer = other
                acted.append(one.kind.name)
        return answer, acted

    def letters(self, true_one: Letter, order: Order) -> Sequence[Letter]:
        """Return the copies of an event of the order that are sent."""
        letters: Sequence[Letter] = (true_one,)
        for one in self._fitting("webhook", true_one.event_name, order.merchant_id, order.order_id):
            self._use(one)
            letters = one.kind.act(letters, one.params)
        return letters

    def holds(self, order: Order) -> bool:
        """Whether an attempt of the order that succeeds now only holds the money."""
        for one in self._fitting("world", "", order.merchant_id, order.order_id):
            if one.kind.name == "hold":
                self._use(one)
                return True
        return False

    def _fitting(self, seam: Seam, route: str, merchant_id: str, order_id: str | None) -> list[ArmedFault]:
        return [one for one in self.armed if one.fits(seam, route, merchant_id, order_id)]

    def _use(self, fault: ArmedFault) -> None:
        fault.calls -= 1
        self.armed = [one for one in self.armed if one.calls > 0]


def _misfits(
    kind: FaultKind, order_id: str | None, route: str | None, calls: int, params: Mapping[str, Any]
) -> Iterator[Misfit]:
    if kind.seam == "world" and not order_id:
        yield Misfit("missing_member", "order_id", "order_id is wanted: this happens to one order")
    if kind.seam == "world" and calls != 1:
        yield Misfit("invalid_member", "calls", "this happens once")
    known = ROUTES_AT[kind.seam]
    if route is not None and route not in known:
        message = f"route is one of {', '.join(known)}" if known else "it has no route"
        yield Misfit("invalid_member", "route", message, known)
    yield from misfits(kind.params, kind.choices, params)
