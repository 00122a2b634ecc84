"""What the shopper is told of an order, on Paystate's answer alone: never on what the SDK or an address says."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal

from attrs import frozen

from paystate.entrypoints.engine import OrderView

Tone = Literal["good", "waiting", "bad", "plain"]


@frozen
class Outcome:
    """What an order's page says.

    Attributes:
        may_pay: Whether the page offers to pay.
        turns: Whether news is expected soon, for which the page keeps asking.
    """

    tone: Tone
    heading: str
    told: str
    may_pay: bool = False
    turns: bool = False


_NOT_STARTED: Final = Outcome("plain", "Your order", "Please look it over, and pay below.", may_pay=True)
_MONEY_LEFT: Final = "If money left your account, it comes back or counts later."
_CANCELLED: Final = Outcome("plain", "This order is cancelled", f"Nothing is to be paid. {_MONEY_LEFT}")
_NOTHING_YET: Final = Outcome(
    "waiting",
    "We are waiting for proof of your payment",
    "If you have just paid, stay here: this page turns by itself. If you have not paid yet, you still can.",
    may_pay=True,
    turns=True,
)
_OPEN_AT_THE_BANK: Final = Outcome(
    "waiting",
    "Your bank has not answered yet",
    "Please do not pay again. This page turns by itself, and it is safe to close it: we will find out all the same."
    " If you left before you answered your bank, answer it where it still asks, such as in your UPI app. Once your bank"
    " gives that payment up, you can pay again here.",
    turns=True,
)
ASKING: Final = Outcome(
    "waiting", "One moment, please", "We are asking how your payment went. This page turns by itself.", turns=True
)
_EXPIRED: Final = Outcome("bad", "This order's time is over", f"It was not paid. {_MONEY_LEFT} Please order anew.")
_VOIDED: Final = Outcome(
    "bad", "The payment was let go", "Your bank no longer holds the money for us. Please order anew."
)
_HELD: Final = Outcome(
    "waiting", "Your bank holds the money for us", "We take it, or let it go. You need not do anything."
)
_GOES_BACK: Final = Outcome(
    "waiting",
    "Your payment is to go back to you",
    "Juspay gives it back, and that is not done yet. You need not do anything.",
)
_OF_CASH: Final = {
    "": Outcome("good", "Thank you. Please pay when it arrives", "We are on it."),
    "collected": Outcome("good", "Thank you. You have paid in cash", "The courier brought us the money."),
    "returned": Outcome("plain", "The parcel came back to us", "Nothing is to be paid."),
}

_BY_RESULT: Final = {
    "paid": Outcome("good", "Thank you. Your order is paid", "Proved by Juspay itself."),
    "not_paid": Outcome(
        "bad", "The payment did not go through", f"{_MONEY_LEFT} You can try again, for this same order.", may_pay=True
    ),
    "refunded": Outcome("plain", "Your money was given back", "Your bank may need some days to show it."),
    "being_checked": Outcome(
        "waiting", "Somebody at our shop is looking at your payment",
        "Money has arrived, but something about it is unusual. You need not do anything.",
    ),
}  # fmt: skip

_RESULT_OF_STATUS: Final = {
    "CHARGED": "paid",
    "PARTIALLY_REFUNDED": "paid",
    "REFUNDED": "refunded",
    "AUTO_REFUNDED": "refunded",
    "FAILED": "not_paid",
    "PARTIAL_CHARGED": "being_checked",
}

_SHORT: Final = {
    "NEW": "Not paid yet",
    "PENDING": "Waiting for the bank",
    "UNKNOWN": "Waiting for the bank",
    "FAILED": "Not paid",
    "EXPIRED": "Not paid, and over",
    "AUTHORIZED": "Held at the bank",
    "VOIDED": "Let go by the bank",
    "PARTIAL_CHARGED": "Paid in part",
    "CHARGED": "Paid",
    "PARTIALLY_REFUNDED": "Paid, a part given back",
    "REFUNDED": "Given back",
    "AUTO_REFUNDED": "Given back by Juspay",
}
_OF_CASH_IN_SHORT: Final = {"": "To be paid in cash", "collected": "Paid in cash", "returned": "Came back"}

_NO_MONEY: Final = frozenset({"NEW", "FAILED", "EXPIRED", "VOIDED", "COD_INITIATED"})

_REFUNDS: Final = {
    "SUCCESS": "Done. Your bank may need some days to show it.",
    "FAILURE": "Did not work. We are looking into it.",
    "REJECTED": "Did not work. We are looking into it.",
    "MANUAL_REVIEW": "A person at Juspay is looking at it.",
}


def outcome(order: OrderView, result: str) -> Outcome:
    """What the order's page says.

    Args:
        result: The result of the newest checkout in which it was to be paid; empty where there was none.
    """
    said = _of_money(order, result)
    if said and not said.may_pay:
        return said
    if order.cancelled_at:
        return _CANCELLED
    if order.status == "EXPIRED" and result != "waiting_for_proof":
        return _EXPIRED
    if said:
        return said
    if order.status != "NEW":
        return ASKING
    return _NOTHING_YET if result else _NOT_STARTED


def _of_money(order: OrderView, result: str) -> Outcome | None:
    """What is said of money that has moved or may be moving; it comes before what became of the order."""
    if order.status == "COD_INITIATED":
        return _OF_CASH[_cash(order)] if order.cash or not order.cancelled_at else _CANCELLED
    if order.status in {"AUTHORIZED", "VOIDED"}:
        return _HELD if order.status == "AUTHORIZED" else _VOIDED
    if order.status == "AUTO_REFUNDED" and not _is_back(order):
        return _GOES_BACK
    known = None if result == "waiting_for_proof" else _BY_RESULT.get(result or _result_of(order))
    if known is None and order.status in {"PENDING", "UNKNOWN"}:
        return _OPEN_AT_THE_BANK
    return known


def _result_of(order: OrderView) -> str:
    """The result of an order that was paid elsewhere, so that no checkout of ours can tell it."""
    result = _RESULT_OF_STATUS.get(order.status, "")
    return "being_checked" if result == "paid" and not order.paid else result


def _is_back(order: OrderView) -> bool:
    """Whether all that was taken has arrived back: Juspay calls an order given back from when it begins with it."""
    return Decimal(order.amount_refunded) >= Decimal(order.amount_captured)


def _cash(order: OrderView) -> str:
    """What became of cash on delivery; empty while nobody has said."""
    return order.cash.outcome if order.cash else ""


def in_short(order: OrderView) -> str:
    """The same in a list of orders, where nobody waits."""
    if order.status == "COD_INITIATED" and (order.cash or not order.cancelled_at):
        return _OF_CASH_IN_SHORT[_cash(order)]
    if order.cancelled_at and order.status in _NO_MONEY:
        return "Cancelled"
    if order.status in {"CHARGED", "PARTIAL_CHARGED"} and not order.paid:
        return "Being looked at"
    return "Going back to you" if order.status == "AUTO_REFUNDED" and not _is_back(order) else _SHORT[order.status]


def of_refund(state: str) -> str:
    """Where a refund is, for the shopper."""
    return _REFUNDS.get(state, "On its way back to you.")
