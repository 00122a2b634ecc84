"""Faults as data: the table of what can go wrong on purpose. Each row has a name, a sentence and a mark.

A fault acts at one of four seams, and a new one is a new row and a small function:

- `request`: before a call has any effect; nothing happens but the answer (`call_faults.py`).
- `answer`: after the effect; another answer than the true one, or none (`call_faults.py`).
- `webhook`: when an event is queued; which copies of it are sent, and how (`webhook_faults.py`).
- `world`: something happens to the order itself, once, `after_s` from now on the sandbox's clock (`order_faults.py` and
  `money_faults.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Final, Literal

from paystate.entrypoints.sandbox.faults import call_faults as calls
from paystate.entrypoints.sandbox.faults import money_faults as money
from paystate.entrypoints.sandbox.faults import order_faults as world
from paystate.entrypoints.sandbox.faults import webhook_faults as webhooks
from paystate.entrypoints.sandbox.faults.params import Choices, Params
from paystate.entrypoints.sandbox.marks import Mark

Seam = Literal["request", "answer", "webhook", "world"]
SEAMS: Final[Mapping[Seam, str]] = {
    "request": "Before a call of the merchant's server has any effect",
    "answer": "After the effect, on the way back",
    "webhook": "When Juspay tells of an event",
    "world": "To an order itself, at once or `after_s` seconds later",
}
"""Where faults act, as people read it."""

Act = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One row of the table.

    Attributes:
        routes: The call names it acts on where none is asked for; none: all calls.
        params: Names and defaults; a value is of the default's type.
        choices: What a parameter may be, where that is a list of words.
    """

    name: str
    message: str
    mark: Mark
    act: Act
    seam: Seam
    routes: frozenset[str] = frozenset()
    params: Params = field(default_factory=dict[str, Any])
    choices: Choices = field(default_factory=dict[str, tuple[str, ...]])


def _row(
    seam: Seam,
    name: str,
    act: Act,
    message: str,
    mark: Mark,
    routes: frozenset[str] = frozenset(),
    choices: Choices = MappingProxyType({}),
    **params: Any,
) -> FaultKind:
    return FaultKind(name, message, mark, act, seam, routes, params, choices)


_on_request = partial(_row, "request")
_on_answer = partial(_row, "answer")
_on_webhook = partial(_row, "webhook")


def _in_world(
    name: str, act: Act, message: str, mark: Mark, choices: Choices = MappingProxyType({}), **params: Any
) -> FaultKind:
    return _row("world", name, act, message, mark, choices=choices, after_s=0, **params)


_STATUS: Final = frozenset({"order_status"})
_REFUND: Final = frozenset({"refund"})
_TXN: Final = frozenset({"txn"})

FAULTS: Final = (
    _on_request("refused", calls.refuse, "The connection is reset before the call is read.", "ours"),
    _on_request("status_5xx", calls.fail, "The call answers 5xx and has no effect.", "documented", status=500),
    _on_request("rate_limited", calls.throttle, "The call answers 429 and has no effect.", "secondary"),
    _on_request("address_not_listed", calls.refuse_address, "The call answers 403 and has no effect.", "documented"),
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
    _on_request(
        "notification_failed", calls.fail_to_notify,
        "The mandate is not executed: the shopper could not be told beforehand.", "documented", _TXN,
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
        "stale_answer", calls.show_the_past, "The answer tells the order as it was some changes ago.", "inferred",
        _STATUS, changes=1,
    ),
    _on_answer(
        "other_order", calls.show_another_order,
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
    _on_answer(
        "odd_shapes", calls.write_odd_shapes,
        "Order status writes text for numbers, lists and texts for objects, and null among the refunds.", "recorded",
        _STATUS,
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
    _on_webhook(
        "webhook_odd_shapes", webhooks.odd_shapes,
        "The event writes text for numbers, an order id of digits as a number, and lists and texts for objects.",
        "recorded",
    ),
    _in_world("late_success", world.late_success, "A failed attempt is charged after all.", "documented", txn_id=""),
    _in_world(
        "second_charge", money.second_charge,
        "The shopper pays an order that is paid already; `auto_refund` is how Juspay's refund of that stands, if any.",
        "documented", {"auto_refund": ("", *world.REFUND_STATUSES)}, auto_refund="",
    ),
    _in_world(
        "auto_refund", money.auto_refund,
        "Juspay gives a charged attempt back by itself, ends such a refund that is open, or tries one again.",
        "documented", {"status": world.REFUND_STATUSES}, txn_id="", status="SUCCESS",
    ),
    _in_world(
        "auto_refund_failed", money.auto_refund_failed,
        "Juspay tries to give a charged attempt back, and cannot.", "documented", txn_id="",
    ),
    _in_world(
        "amount_changed", money.amount_changed, "Somebody changes the order's amount on Juspay's dashboard.",
        "documented", amount="1.00",
    ),
    _in_world(
        "chargeback", money.chargeback, "A bank wants a payment back, or that is decided.", "inferred",
        {"status": money.CHARGEBACKS}, amount="", status="RECEIVED", txn_id="", chargeback_id="cb1",
    ),
    _in_world(
        "shopper_told", money.notifying(succeeded=True), "The shopper is told of a coming charge by the order's"
        " mandate.", "recorded", amount="1.00",
    ),
    _in_world(
        "shopper_not_told", money.notifying(succeeded=False), "The shopper could not be told of a coming charge by the"
        " order's mandate.", "recorded", amount="1.00",
    ),
    _row("world", "hold", world.wait, "The order's next successful attempt only holds the money.", "documented"),
    _in_world(
        "partial_charge", world.partial_charge, "A part of the held money is captured.", "documented", amount="1.00"
    ),
    _in_world("partial_void", money.partial_void, "What a partial capture left is released.", "recorded"),
    _in_world("capture", world.ending_hold("CHARGED"), "The held money is captured in full.", "documented"),
    _in_world("capture_failed", world.ending_hold("CAPTURE_FAILED"), "The capture fails.", "documented"),
    _in_world("void", world.ending_hold("VOIDED"), "The held money is released.", "documented"),
    _in_world("void_failed", world.ending_hold("VOID_FAILED"), "The release of the held money fails.", "documented"),
    _in_world(
        "mandate_paused", world.changing_mandate("PAUSED", "ACTIVE"), "The shopper pauses the order's mandate.",
        "documented",
    ),
    _in_world(
        "mandate_revoked", world.changing_mandate("REVOKED", "ACTIVE", "PAUSED"),
        "The shopper revokes the order's mandate.", "documented",
    ),
    _in_world(
        "mandate_expired", world.changing_mandate("EXPIRED", "ACTIVE", "PAUSED"), "The order's mandate expires.",
        "documented",
    ),
    _in_world(
        "mandate_failed", world.changing_mandate("FAILURE", "CREATED"), "The order's mandate could not be registered.",
        "documented",
    ),
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
        {"status": world.REFUND_STATUSES}, amount="", unique_request_id="dash1", status="SUCCESS",
    ),
    _in_world(
        "refund_renamed", money.refund_renamed, "An open refund of the merchant's is listed under another id.",
        "inferred", unique_request_id="", listed_as="juspay-1",
    ),
)  # fmt: skip
