"""Faults that are armed: which, on what order and route, how often; and when they act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from paystate.entrypoints.sandbox.config import EVENTS
from paystate.entrypoints.sandbox.faults.call_faults import Asked
from paystate.entrypoints.sandbox.faults.catalogue import FAULTS, FaultKind, Seam
from paystate.entrypoints.sandbox.faults.params import Params, misfits
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


class FaultInvalid(ValueError):
    """There is no such fault, or it can't be armed so; the message says why."""


@dataclass(slots=True)
class ArmedFault:
    """A fault that waits for its next `calls` occasions."""

    id: int
    kind: FaultKind
    calls: int
    order_id: str | None
    route: str | None
    params: Params

    def fits(self, seam: Seam, route: str, order_id: str | None) -> bool:
        """Whether it acts on this occasion."""
        if self.kind.seam != seam or self.calls < 1:
            return False
        if self.order_id is not None and self.order_id.lower() != (order_id or "").lower():
            return False
        routes = {self.route} if self.route else self.kind.routes
        return not routes or route in routes


class Faults:
    """The faults that are armed in one sandbox."""

    def __init__(self) -> None:
        """Start with none."""
        self.armed: list[ArmedFault] = []
        self._count = 0

    def arm(
        self, name: str, *, order_id: str | None, route: str | None, calls: int, params: Mapping[str, Any]
    ) -> ArmedFault:
        """Arm a fault for its next `calls` occasions.

        Raises:
            FaultInvalid: No such fault, or not with such an order, route, number of calls or parameter.
        """
        kind = next((one for one in FAULTS if one.name == name), None)
        if kind is None:
            raise FaultInvalid(f"there is no fault {name}")
        for problem in _problems(kind, order_id, route, calls, params):
            raise FaultInvalid(f"{name}: {problem}")
        self._count += 1
        armed = ArmedFault(self._count, kind, calls, order_id, route, {**kind.params, **params})
        self.armed.append(armed)
        return armed

    def is_armed(self, fault: ArmedFault) -> bool:
        """Whether the fault still waits."""
        return any(one is fault for one in self.armed)

    def clear(self, fault_id: int | None = None) -> None:
        """Disarm one fault, or all."""
        self.armed = [one for one in self.armed if fault_id is not None and one.id != fault_id]

    def before(self, asked: Asked) -> tuple[Answer | None, list[str]]:
        """Return the answer that an armed fault gives in place of the call, and the names of those that acted."""
        for one in self._fitting("request", asked.route, asked.order_id):
            answer: Answer | None = one.kind.act(asked, one.params)
            if answer is not None:
                self._use(one)
                return answer, [one.kind.name]
        return None, []

    def after(self, answer: Answer, asked: Asked) -> tuple[Answer, list[str]]:
        """Return the answer that goes out, and the names of the faults that acted."""
        acted = list[str]()
        for one in self._fitting("answer", asked.route, asked.order_id):
            other: Answer | None = one.kind.act(answer, asked, one.params)
            if other is not None:
                self._use(one)
                answer = other
                acted.append(one.kind.name)
        return answer, acted

    def letters(self, true_one: Letter, order_id: str) -> Sequence[Letter]:
        """Return the copies of an event that are sent."""
        letters: Sequence[Letter] = (true_one,)
        for one in self._fitting("webhook", true_one.event_name, order_id):
            self._use(one)
            letters = one.kind.act(letters, one.params)
        return letters

    def holds(self, order_id: str) -> bool:
        """Whether an attempt of the order that succeeds now only holds the money."""
        for one in self._fitting("world", "", order_id):
            if one.kind.name == "hold":
                self._use(one)
                return True
        return False

    def _fitting(self, seam: Seam, route: str, order_id: str | None) -> list[ArmedFault]:
        return [one for one in self.armed if one.fits(seam, route, order_id)]

    def _use(self, fault: ArmedFault) -> None:
        fault.calls -= 1
        self.armed = [one for one in self.armed if one.calls > 0]


def _problems(
    kind: FaultKind, order_id: object, route: object, count: object, params: Mapping[str, Any]
) -> Iterator[str]:
    if not isinstance(order_id, str | None):
        yield "order_id is text"
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        yield "calls is a whole number, 1 or more"
    if kind.seam == "world" and not order_id:
        yield "order_id is wanted: this happens to one order"
    if kind.seam == "world" and count != 1:
        yield "this happens once"
    known: Mapping[Seam, Sequence[str]] = {"request": CALLS, "answer": CALLS, "webhook": EVENTS, "world": ()}
    if route is not None and route not in known[kind.seam]:
        yield f"route is one of {', '.join(known[kind.seam])}" if known[kind.seam] else "it has no route"
    yield from misfits(kind.params, params)
