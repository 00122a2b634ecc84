"""An answer of Juspay's, read a second time, without asking a rule.

For the laws it says what an input of a world reports of an order, its transactions and its refunds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final

from paystate.core.evidence import Evidence, OrderAnswer, RefundAnswer, RefundsAnswer, TxnAnswer
from paystate.core.lifecycle.observations import Observations
from paystate.core.orders.order import Order
from paystate.core.orders.reason import ReasonKind
from paystate.core.orders.refund import Refund
from paystate.core.orders.review.reasons import reasons
from paystate.entrypoints.verification.inputs import (
    CURRENCY,
    MERCHANT,
    MORE_WORDS,
    ORDER,
    REFUND_WORDS,
    WORDS,
    refund_id_of,
)
from paystate.entrypoints.verification.laws.books import MONEY, price
from paystate.entrypoints.verification.search import Tried

TriedOrder = Tried[Order]
KIND: Final = {word: str(kind) for kind, word in WORDS.items()} | {w: str(kind) for w, kind in MORE_WORDS.items()}
REFUND_KIND: Final = {word: str(kind) for kind, word in REFUND_WORDS.items()}
UNCLEAR: Final = "SUCCESS and FAILURE"


def fitting(tried: TriedOrder) -> OrderAnswer | None:
    """The answer, if it is evidence about this very order, at a price that counts."""
    what = tried.offer.what
    if not isinstance(what, Evidence) or not isinstance(body := what.answer.body, OrderAnswer):
        return None
    if is_outdated(tried):
        return None
    is_priced = body.amount is not None and minor(body.amount) in _prices(tried.before, what, body)
    return body if names_us(body) and is_priced else None


def names_us(body: OrderAnswer) -> bool:
    """Whether it speaks of this very order, at whatever price."""
    return (body.merchant_id, body.order_id, body.currency) == (MERCHANT, ORDER, CURRENCY)


def is_outdated(tried: TriedOrder) -> bool:
    """Whether it tells of no money, at another price, and was asked before the order had the price that it has."""
    what, before = tried.offer.what, tried.before
    if not isinstance(what, Evidence) or not isinstance(body := what.answer.body, OrderAnswer) or what.refunds_only:
        return False
    is_other = body.amount is None or minor(body.amount) != price(before)
    return names_us(body) and is_other and not tells_money(body) and what.asked < before.amended_since


def _prices(order: Order, what: Evidence, body: OrderAnswer) -> set[int]:
    """The prices at which an answer counts: the order's, one on its way if asked since, and what a person took.

    Money counts at the order's own price only while no other is on its way: the merchant wanted another by then.
    """
    change = None if what.refunds_only else order.price_change
    if change is None:
        return {price(order), *order.prices_taken}
    new = {change.amount.amount_minor} if what.asked >= change.asked else set[int]()
    old = set[int]() if tells_money(body) else {price(order)}
    return {*old, *new, *order.prices_taken}


def tells_money(body: OrderAnswer) -> bool:
    """Whether its word is that money was taken or is held."""
    return KIND[body.status] in (*MONEY, "HELD")


def about_the_order(tried: TriedOrder) -> OrderAnswer | None:
    """The same, if it answers a question about the order and not a refund call."""
    body = fitting(tried)
    return None if body is None or tried.offer.what.refunds_only else body


def minor(amount: Decimal) -> int:
    """Minor units of what stands in an answer."""
    return int(amount * 100)


def txns(body: OrderAnswer) -> tuple[TxnAnswer, ...]:
    """Every transaction that the answer names, once; of one that it names twice, the entry that tells of money."""
    by_name: dict[str, TxnAnswer] = {}
    for one in sorted(body.legs, key=lambda leg: KIND[leg.status] in MONEY):
        by_name[one.txn_id] = one
    return tuple(by_name.values()) or ((body.txn,) if body.txn else ())


def entries(tried: TriedOrder) -> tuple[RefundAnswer, ...]:
    """Every refund that the answer lists: of the order, or in full of what its legs give back.

    A try that failed says nothing where the answer lists another try of the same refund (gateway contract, O.2).
    """
    every = _entries(tried)
    others = {one.refund_id for one in every if refund_kind(one) != "FAILURE"}
    return tuple(one for one in every if refund_kind(one) != "FAILURE" or one.refund_id not in others)


def _entries(tried: TriedOrder) -> tuple[RefundAnswer, ...]:
    what = tried.offer.what
    if not isinstance(what, Evidence):
        return ()
    if isinstance(body := what.answer.body, RefundsAnswer):
        return body.refunds if body.order_id == ORDER else ()
    fits = fitting(tried)
    return (*fits.refunds, *_of_legs(fits, tried.before)) if fits else ()


def _of_legs(body: OrderAnswer, order: Order) -> Iterator[RefundAnswer]:
    shares: dict[str, list[RefundAnswer]] = {}
    for leg in body.legs:
        others = {share.refund_id for share in leg.refunds if refund_kind(share) != "FAILURE"}
        for share in leg.refunds:
            if refund_kind(share) == "FAILURE" and share.refund_id in others:
                continue
            whole = next((one.refund_id for one in ours(order) if share.refund_id in _names_of_shares(one)), "")
            shares.setdefault(whole or share.refund_id, []).append(share)
    for refund_id, parts in shares.items():
        yield _whole(order.refunds.get(refund_id), refund_id, parts)


def _names_of_shares(one: Refund) -> set[str]:
    return {one.refund_id, *(f"{one.refund_id}-{number}" for number in range(1, 100))}


def _whole(one: Refund | None, refund_id: str, parts: list[RefundAnswer]) -> RefundAnswer:
    """One refund out of its shares: done or failed only if all of them say so and none is missing."""
    words = {part.status for part in parts}
    status = words.pop() if len(words) == 1 else "PENDING" if "PENDING" in words else UNCLEAR
    amount = sum((part.amount for part in parts), Decimal(0))
    done = sum((part.amount for part in parts if part.status == "SUCCESS"), Decimal(0))
    if one is not None and one.key is not None and minor(amount) < one.amount_minor:
        status, amount = "PENDING", Decimal(one.amount_minor) / 100
    is_automatic = any(part.automatic for part in parts)
    return RefundAnswer(refund_id=refund_id, amount=amount, status=status, automatic=is_automatic, done=done)


def refund_kind(entry: RefundAnswer) -> str:
    """The class of what an entry says; done in part and failed in part is neither."""
    return REFUND_KIND.get(entry.status, "UNKNOWN")


def ours(order: Order) -> Iterator[Refund]:
    """The refunds that the merchant asked for."""
    return (one for one in order.refunds.values() if one.key is not None)


def id_of(one: Refund) -> str:
    """The one id that a refund's key has for ever."""
    return refund_id_of(one.key or "")


def last(observations: Observations) -> int:
    """The newest question that was answered, or -1."""
    return max((seen.asked_last for seen in observations.values()), default=-1)


def newest_date(order: Order) -> str | None:
    """The date of the newest answer about the order itself; None where two answers to one question differ in it."""
    dates = {seen.reported.dated for seen in order.latest.values() if seen.asked_last == last(order.latest)}
    return dates.pop() if len(dates) == 1 else None


def is_late(date: str | None, order: Order) -> bool:
    """Whether Juspay gave the answer after the order's end of life."""
    return bool(date) and datetime.fromisoformat(str(date)) >= order.closes_at


@Order.memoized
def kinds(order: Order) -> set[ReasonKind]:
    """The kinds of all reasons, settled ones included."""
    return {reason.kind for reason in reasons(order)}


def evidence_of(order: Order, kind: ReasonKind) -> list[tuple[str, ...]]:
    """What each reason of a kind rests on, settled ones included; never empty for one reason."""
    return [reason.evidence for reason in reasons(order) if reason.kind is kind]
