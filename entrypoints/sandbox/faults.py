"""Faults as data: each a row with a name, a sentence and a mark. Owns what can go wrong on purpose, and when.

A fault acts at one of four seams, and a new one is a new row and a small function:

- `request`: before a call has any effect; nothing happens but the answer (`call_faults.py`).
- `answer`: after the effect; another answer than the true one, or none (`call_faults.py`).
- `webhook`: when an event is queued; which copies of it are sent, and how (`webhook_faults.py`).
- `world`: something happens to the order itself, once, on the sandbox's clock (`world_faults.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal

from paystate.entrypoints.sandbox import call_faults as calls
from paystate.entrypoints.sandbox import webhook_faults as webhooks
from paystate.entrypoints.sandbox import world_faults as world
from paystate.entrypoints.sandbox.amounts import parsed_amount
from paystate.entrypoints.sandbox.answers import Answer
from paystate.entrypoints.sandbox.call_faults import Asked
from paystate.entrypoints.sandbox.config import EVENTS
from paystate.entrypoints.sandbox.webhooks import Letter

Params = Mapping[str, Any]
Seam = Literal["request", "answer", "webhook", "world"]
Act = Callable[..., Any]

CALLS: Final = (
    "session",
    "order_create",
    "order_update",
    "order_status",
    "refund",
    "customer_create",
    "customer_get",
    "customer_update",
)
"""The names of Juspay's server-to-server calls."""


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One row of the table.

    Attributes:
        routes: The call names it acts on where none is asked for; none: all calls.
        params: Names and defaults; a value is of the default's type.
        act: What it does; None for one that waits until the world asks for it.
    """

    name: str
    says: str
    mark: str
    act: Act | None
    seam: Seam
    routes: frozenset[str] = frozenset()
    params: Params = field(default_factory=dict[str, Any])


def _on_request(
    name: str, act: Act, says: str, mark: str, routes: frozenset[str] = frozenset(), **params: Any
) -> FaultKind:
    return FaultKind(name, says, mark, act, "request", routes, params)


def _on_answer(
    name: str, act: Act, says: str, mark: str, routes: frozenset[str] = frozenset(), **params: Any
) -> FaultKind:
    return FaultKind(name, says, mark, act, "answer", routes, params)


def _on_webhook(name: str, act: Act, says: str, mark: str, **params: Any) -> FaultKind:
    return FaultKind(name, says, mark, act, "webhook", params=params)


def _in_world(name: str, act: Act, says: str, mark: str, **params: Any) -> FaultKind:
    return FaultKind(name, says, mark, act, "world", params={"after_s": 0, **params})


_STATUS: Final = frozenset({"order_status"})
_REFUND: Final = frozenset({"refund"})

FAULTS: Final = (
    _on_request("refused", calls.refuse, "The connection is reset before the call is read.", "ours"),
    _on_request("status_5xx", calls.fail, "The call answers 5xx and has no effect.", "documented", status=500),
    _on_request("rate_limited", calls.throttle, "The call answers 429 and has no effect.", "secondary"),
    _on_request(
        "timeout_before_effect", calls.swallow, "The call has no effect, and no answer ever comes.", "ours", hold_s=0
    ),
    _on_request(
        "redirect", calls.redirect, "The call has no effect and answers 302, with another address.", "ours",
        to="http://127.0.0.1:1/elsewhere",
    ),
    _on_request("not_found", calls.deny_order, "Juspay says that an order it has is not there.", "inferred", _STATUS),
    _on_request(
        "duplicate_call_busy", calls.refuse_as_busy,
        "The refund is not made: one of the same amount is said to be in the works.", "documented", _REFUND,
    ),
    _on_answer(
        "status_5xx_after_effect", calls.fail_afterwards, "The call has its effect and answers 5xx.", "inferred",
        status=500,
    ),
    _on_answer(
        "timeout_after_effect", calls.lose, "The call has its effect, its answer never comes.", "ours", hold_s=0
    ),
    _on_answer(
        "slow_drip", calls.trickle, "The answer's body comes in drops.", "ours", bytes=1, every_s=0.05
    ),
    _on_answer("cut_body", calls.cut, "The answer ends in the middle of its body.", "ours"),
    _on_answer("not_json", calls.garble, "The call has its effect, a proxy's HTML page answers.", "ours"),
    _on_answer(
        "duplicate_call_done", calls.call_it_duplicate,
        "The refund is made, and the answer says that it was made before.", "documented", _REFUND,
    ),
    _on_answer(
        "stale_answer", calls.tell_the_past, "The answer tells the order as it was some changes ago.", "inferred",
        _STATUS, changes=1,
    ),
    _on_answer(
        "other_order", calls.tell_of_another,
        "The answer tells of another order of the merchant: the named one, or a made-up paid one.", "ours", _STATUS,
        order_id="",
    ),
    _on_answer(
        "wrong_amount", calls.change_amount, "Order status names another amount than the order's.", "ours", _STATUS,
        amount="1.00",
    ),
    _on_answer(
        "wrong_currency", calls.change, "Order status names another currency.", "ours", _STATUS, currency="USD"
    ),
    _on_answer(
        "wrong_order_id", calls.change, "Order status names another order id.", "ours", _STATUS,
        order_id="somebody-elses",
    ),
    _on_answer(
        "wrong_merchant", calls.change, "Order status names another merchant.", "ours", _STATUS,
        merchant_id="somebody-else",
    ),
    _on_answer(
        "unknown_status", calls.change, "Order status names a status outside the known set.", "inferred", _STATUS,
        status="SOMETHING_NEW", status_id=99,
    ),
    _on_answer(
        "unknown_fields", calls.add_strange_members,
        "The answer has members that nobody has heard of, some of which look like known ones.", "documented", _STATUS,
    ),
    _on_webhook("webhook_drop", webhooks.drop, "The event is never delivered.", "inferred"),
    _on_webhook("webhook_duplicate", webhooks.duplicate, "The same event comes several times.", "documented", copies=2),
    _on_webhook("webhook_delay", webhooks.delay, "The event comes late, after newer ones.", "secondary", seconds=300),
    _on_webhook("webhook_reorder", webhooks.reorder, "The event comes right after the order's next one.", "secondary"),
    _on_webhook("webhook_corrupt", webhooks.corrupt, "The event's body ends in the middle.", "ours"),
    _on_webhook(
        "webhook_forge", webhooks.forge,
        "Beside the event comes a forged one: right password, an id of its own, another body.", "ours",
        status="CHARGED", status_id=21, event_name="ORDER_SUCCEEDED",
    ),
    _on_webhook(
        "webhook_changed_body", webhooks.changed_body, "The event's id comes a second time, with another body.", "ours",
        amount="1.00",
    ),
    _on_webhook(
        "webhook_wrong_password", webhooks.wrong_password,
        "The event is sent with a wrong password at first; the later tries have the right one.", "ours",
    ),
    _on_webhook(
        "webhook_other_merchant", webhooks.other_merchant, "The event's content names another merchant.", "ours",
        merchant_id="somebody-else",
    ),
    _on_webhook(
        "webhook_unknown_order", webhooks.unknown_order, "The event's content names another order.", "ours",
        order_id="never-opened",
    ),
    _on_webhook(
        "webhook_unknown_event", webhooks.unknown_event, "The event has a name outside the known set.", "secondary",
        event_name="SOMETHING_HAPPENED",
    ),
    _on_webhook(
        "webhook_unknown_fields", webhooks.unknown_fields,
        "The event has members that nobody has heard of, some of which look like known ones.", "documented",
    ),
    _in_world("late_success", world.late_success, "A failed attempt is charged after all.", "documented", txn_id=""),
    _in_world("second_charge", world.second_charge, "The shopper pays an order that is paid already.", "documented"),
    _in_world(
        "auto_refund", world.auto_refund, "Juspay gives a charged attempt back by itself.", "documented", txn_id=""
    ),
    _in_world(
        "auto_refund_failed", world.auto_refund_failed,
        "Juspay says that it could not give a charged attempt back; the money stays.", "documented",
    ),
    FaultKind(
        "hold", "The order's next successful attempt only holds the money.", "documented", None, "world"
    ),
    _in_world(
        "partial_charge", world.partial_charge, "A part of the held money is captured.", "documented", amount="1.00"
    ),
    _in_world("capture", world.ending_hold("CHARGED"), "The held money is captured in full.", "documented"),
    _in_world("capture_failed", world.ending_hold("CAPTURE_FAILED"), "The capture fails.", "documented"),
    _in_world("void", world.ending_hold("VOIDED"), "The held money is released.", "documented"),
    _in_world("void_failed", world.ending_hold("VOID_FAILED"), "The release of the held money fails.", "documented"),
    _in_world(
        "refund_success", world.ending_refund("SUCCESS"), "An open refund succeeds.", "documented",
        unique_request_id="",
    ),
    _in_world(
        "refund_failure", world.ending_refund("FAILURE"), "An open refund fails.", "documented", unique_request_id=""
    ),
    _in_world(
        "refund_manual_review", world.ending_refund("MANUAL_REVIEW"), "An open refund goes to manual review.",
        "documented", unique_request_id="",
    ),
    _in_world(
        "refund_pending", world.refund_pending, "An open refund does not end by itself.", "documented",
        unique_request_id="",
    ),
    _in_world(
        "external_refund", world.external_refund, "Somebody refunds on Juspay's dashboard.", "inferred",
        amount="", unique_request_id="dash1", status="SUCCESS",
    ),
)  # fmt: skip


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
            answer: Answer | None = one.kind.act(asked, one.params) if one.kind.act else None
            if answer is not None:
                self._use(one)
                return answer, [one.kind.name]
        return None, []

    def after(self, answer: Answer, asked: Asked) -> tuple[Answer, list[str]]:
        """Return the answer that goes out, and the names of the faults that acted."""
        acted = list[str]()
        for one in self._fitting("answer", asked.route, asked.order_id):
            other: Answer | None = one.kind.act(answer, asked, one.params) if one.kind.act else None
            if other is not None:
                self._use(one)
                answer = other
                acted.append(one.kind.name)
        return answer, acted

    def letters(self, true_one: Letter, order_id: str) -> Sequence[Letter]:
        """Return the copies of an event that are sent."""
        letters: Sequence[Letter] = (true_one,)
        for one in self._fitting("webhook", true_one.event_name, order_id):
            if one.kind.act:
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


_FRACTIONAL: Final = frozenset({"after_s", "every_s", "hold_s", "seconds"})
_NUMBER_MAX: Final = 1_000_000_000
_COPIES_MAX: Final = 1000


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
    for name, value in params.items():
        if name not in kind.params:
            yield f"it has no parameter {name}"
        elif problem := _misfit(name, kind.params[name], value):
            yield problem


def _misfit(name: str, default: object, value: object) -> str | None:
    """Return what is wrong with a parameter's value, in a sentence."""
    if isinstance(default, str):
        if not isinstance(value, str):
            return f"{name} is text"
        may_be_empty = default == ""
        is_wrong = name == "amount" and not (may_be_empty and not value) and parsed_amount(value) is None
        return f"{name} is an amount such as 1.00" if is_wrong else None
    return _number_misfit(name, value)


def _number_misfit(name: str, value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return f"{name} is a number"
    if name in _FRACTIONAL:
        return None if 0 <= value <= _NUMBER_MAX else f"{name} is 0 or more seconds"
    least, most = {"status": (500, 599), "copies": (1, _COPIES_MAX)}.get(name, (1, _NUMBER_MAX))
    is_whole = isinstance(value, int) and least <= value <= most
    return None if is_whole else f"{name} is a whole number from {least} to {most}"
