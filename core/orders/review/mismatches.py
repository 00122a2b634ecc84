"""Answers of Juspay's that do not fit the order, and the prices in them that a person declined."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from paystate.core.lifecycle.statuses import paid_class
from paystate.core.money import Money
from paystate.core.orders import attempt as attempts_table
from paystate.core.orders import refund as refunds_table
from paystate.core.orders.facts import Mismatch
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Reason, ReasonKind, Verdict


def mismatch_reasons(order: Order) -> Iterator[Reason]:
    """Each field of an answer that does not fit, with the value that it told."""
    found: dict[str, Reason] = {}  # one reason for each field and value, whatever status came with it
    for wrong in sorted(order.mismatches, key=_tells_most_last):
        if _is_our_price_now(order, wrong):
            continue
        reason = _mismatch(order, wrong)
        found[reason.key] = reason
    yield from found.values()


def _tells_most_last(wrong: Mismatch) -> tuple[str, str, str, int]:
    """By field and value, and of one value the status last that says most of money."""
    rank = attempts_table.CLASSES.index(paid_class(wrong.juspay_status))
    return wrong.field, wrong.theirs, wrong.refund_id, rank


def _mismatch(order: Order, wrong: Mismatch) -> Reason:
    ours = order.refunds.get(wrong.refund_id)
    if ours is not None and ours.is_ours:
        message = f"Juspay lists a refund with another {wrong.field}: ours {wrong.ours}, theirs {wrong.theirs}."
        evidence = (wrong.refund_id, wrong.field, wrong.theirs)
        ends = ours.state in refunds_table.SETTLEABLE
        return Reason(ReasonKind.REFUND_REVIEW, evidence, message, wrong.refund_id, ends_refund=ends)
    about = f"{wrong.field} of refund {wrong.refund_id}" if wrong.refund_id else wrong.field
    answered = f"answered {wrong.juspay_status}" if wrong.juspay_status else "answered"
    message = f"Juspay {answered} with another {about}: ours {wrong.ours}, theirs {wrong.theirs}."
    price = _other_price(order, wrong) if wrong.field == "amount" and not wrong.refund_id else None
    if price is not None:
        message += " Accept it if that price is right; decline it if the payment is to be given back."
    return Reason(ReasonKind.MISMATCH, (about, wrong.theirs), message, price=price)


def _is_our_price_now(order: Order, wrong: Mismatch) -> bool:
    """Whether it named, and of nothing paid or held, the price that the order was given since."""
    if wrong.field != "amount" or wrong.refund_id or order.amended is None:
        return False
    tells_money = paid_class(wrong.juspay_status) in attempts_table.SHOWS_MONEY
    return not tells_money and _other_price(order, wrong) == order.amended


def _other_price(order: Order, wrong: Mismatch) -> Money | None:
    try:
        return Money.from_decimal_if_exact(Decimal(wrong.theirs), order.amount.currency)
    except InvalidOperation:
        return None


def declined_prices(order: Order) -> frozenset[int]:
    """Prices, in minor units, at which a payment is to be given back and is no reason to send the goods."""
    words = [(one.price, order.settled.get(one.key)) for one in mismatch_reasons(order)]
    return frozenset(price.amount_minor for price, word in words if price and word and word.verdict is Verdict.DECLINED)
