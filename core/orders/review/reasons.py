"""Why a person must look at an order: the review reasons.

A reason follows from what is known, and only a person closes it. Its key holds its evidence, so new evidence is another
reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from paystate.core.lifecycle.observations import newest, newest_denial
from paystate.core.lifecycle.statuses import Paid, paid_class
from paystate.core.money import Money
from paystate.core.orders import attempt as attempts_table
from paystate.core.orders import refund as refunds_table
from paystate.core.orders.amounts.counted_refunds import counting, is_of_returning, refunds_of_returning, taken_up
from paystate.core.orders.amounts.disputes import disputes
from paystate.core.orders.amounts.payments import Payment, captured_attempts, payments
from paystate.core.orders.amounts.refundable import has_room_for
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.amounts.transaction_names import txn_name
from paystate.core.orders.amounts.twins import failed_as_another, listed_elsewhere
from paystate.core.orders.attempt import UNNAMED, AttemptState
from paystate.core.orders.derived import (
    UNSETTLED,
    Status,
    answered_after_close,
    is_after_close,
    is_withdrawn,
    juspay_status,
    status,
)
from paystate.core.orders.facts import CashOutcome, Mismatch
from paystate.core.orders.held_money import (
    held_attempt,
    hold_lapses_at,
    is_about_to_lapse,
    is_captured_as_asked,
    last_operation,
    state_of,
)
from paystate.core.orders.hold import FAILS, HoldKind, HoldOperation, HoldState
from paystate.core.orders.order import NOT_FOUND, Order
from paystate.core.orders.reason import Reason, ReasonKind, Verdict
from paystate.core.orders.refund import Refund, RefundState
from paystate.core.orders.review.unwanted import unwanted_money
from paystate.core.timestamps import stamp

_FAILED_HOLDS: Final = {
    "CAPTURE_FAILED": "Taking the held money failed; capture it again, or release it, before the hold runs out.",
    "VOID_FAILED": "Releasing the held money failed; release it again, or ask Juspay.",
}
_LOOKS_UNPAID: Final = frozenset({Status.FAILED, Status.EXPIRED, Status.VOIDED, Status.COD_INITIATED})
_DENY_MONEY: Final = (NOT_FOUND, *attempts_table.SOFT)
_ORDER_DENIALS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(attempts_table.SOFT, (NOT_FOUND,)),
    **dict.fromkeys(attempts_table.HARD, _DENY_MONEY),
}


def reasons(order: Order) -> tuple[Reason, ...]:
    """Every reason that the evidence gives, settled ones included."""
    return tuple(_reasons(order))


@Order.memoized
def open_reasons(order: Order) -> tuple[Reason, ...]:
    """The reasons that no person has settled yet."""
    return tuple([reason for reason in _reasons(order) if reason.key not in order.settled])


def refund_blockers(order: Order) -> tuple[Reason, ...]:
    """The open reasons that hold every new refund of the order back."""
    return tuple([reason for reason in open_reasons(order) if reason.blocks_refunds])


def is_blocked(order: Order, refund: Refund) -> bool:
    """Whether an open reason holds back just this refund."""
    return any(refund.refund_id in reason.blocked_refunds for reason in open_reasons(order))


def _reasons(order: Order) -> Iterator[Reason]:
    if order.mismatches:
        yield from _mismatches(order)
    yield from _money_reasons(order)
    yield from _unexplained(order)
    yield from _held_money_reasons(order)
    yield from _denials(order)
    for refund in order.refunds.values():
        yield from _refund_reasons(order, refund)
    if order.disputes:
        yield from _disputes(order)
    if order.latest.keys() - attempts_table.HARD:  # each of these rests on an answer that showed no money
        yield from _time_reasons(order)


def _refund_reasons(order: Order, refund: Refund) -> Iterator[Reason]:
    # A refund that was settled before and is unclear once more is another reason: its key names the verdict.
    name = (refund.refund_id,) if refund.settled_asked < 0 else (refund.refund_id, str(refund.settled_asked))
    if refund.state == RefundState.MANUAL_REVIEW:
        kind = ReasonKind.REFUND_REVIEW
        message = "Juspay could not tell how the refund ended. Ask the gateway, then settle it."
    elif twins := listed_elsewhere(order, refund):
        kind, name = ReasonKind.REFUND_UNKNOWN, (*name, ",".join(twins))
        message = (
            f"Juspay does not list this refund but lists {' and '.join(twins)}, which may be it."
            " Find out whether that is ours, then settle it: done if it is, not done if ours was never made."
        )
        if not refund.calls_that_left:
            message = (
                f"The record did not know {' and '.join(twins)} of the same amount, so this refund was not sent."
                " Settle it as not done, and ask for it under another key if both are wanted."
            )
    elif refund.state == RefundState.UNKNOWN or (refund.state == RefundState.REQUESTED and refund.tries_exhausted):
        kind = ReasonKind.REFUND_UNKNOWN
        message = "It could not be found out whether the refund was made. Ask Juspay, then settle it."
    elif _is_stuck(order, refund):
        kind = ReasonKind.REFUND_UNKNOWN
        message = (
            "Juspay does not list this refund, and too little is left to send it again. Ask Juspay, then settle it."
        )
    else:
        return
    was_sent = refund.state != RefundState.REQUESTED or refund.calls_that_left > 0
    yield Reason(kind, name, message, refund.refund_id, ends_refund=True, may_be_done=was_sent)


def _is_stuck(order: Order, refund: Refund) -> bool:
    """Whether only a person can end it: it may have been sent, is not listed, and may not be sent again."""
    is_missing = refund.state == RefundState.REQUESTED and 0 <= refund.sent_version <= refund.last_unlisted_at_version
    return is_missing and refund.calls_that_left > 0 and not has_room_for(order, refund)


def _mismatches(order: Order) -> Iterator[Reason]:
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


def _money_reasons(order: Order) -> Iterator[Reason]:
    yield from _second_charge(order)
    parts = [one for one in payments(order) if one.attempt.state == AttemptState.PARTIAL]
    if parts and not is_captured_as_asked(order, parts):
        yield _partial_capture(parts)
    money = amounts(order)
    discount = max([one.discount for one in payments(order)], default=0)
    if discount * 100 > order.opened.discount_max_percent * money.price:
        message = "An offer took more off the price than your policy allows without a person."
        yield Reason(ReasonKind.DISCOUNT, (str(discount), str(money.price)), message)
    if money.reserved > money.captured:
        message = "More was refunded, or is being refunded, than was ever captured."
        yield Reason(ReasonKind.OVER_REFUNDED, (str(money.reserved), str(money.captured)), message)
    yield from unwanted_money(order)
    if failed := sorted(one.refund_id for one in order.refunds.values() if one.automatic and not one.reserves_amount):
        yield from _auto_refund_failed(order, failed)
    if is_withdrawn(order):
        message = "The goods were released, and then Juspay gave the payment back by itself. Stop them if you can."
        took = ",".join(sorted(a.txn_id for a in captured_attempts(order)))
        yield Reason(ReasonKind.WITHDRAWN, (took,), message)


def _second_charge(order: Order) -> Iterator[Reason]:
    charged = [a for a in captured_attempts(order) if a.state == AttemptState.CHARGED]
    names = ",".join(sorted(a.txn_id for a in charged))
    if len({a.payment for a in charged}) > 1:
        message = "The shopper paid more than once; all but one payment should be refunded."
        if amounts(order).kept <= max(one.captured for one in payments(order) if one.attempt in charged):
            message = "The shopper paid more than once, and Juspay gives one back by itself; refund only what is left."
        yield Reason(ReasonKind.SECOND_CHARGE, (names,), message)
    if charged and order.cash and order.cash.outcome is CashOutcome.COLLECTED:
        message = "The cash was collected, and a payment came as well; one of the two should be given back."
        yield Reason(ReasonKind.SECOND_CHARGE, ("cash", names), message)


def declined_prices(order: Order) -> frozenset[int]:
    """Prices, in minor units, at which a payment is to be given back and is no reason to send the goods."""
    words = [(one.price, order.settled.get(one.key)) for one in _mismatches(order)]
    return frozenset(price.amount_minor for price, word in words if price and word and word.verdict is Verdict.DECLINED)


def _partial_capture(parts: Sequence[Payment]) -> Reason:
    names, captured = ",".join(sorted(one.attempt.txn_id for one in parts)), sum(one.captured for one in parts)
    message = "Only a part of the amount was captured; decide whether that is enough to fulfil."
    if not captured:
        message = "Only a part of the amount was captured, and Juspay does not say how much. Ask Juspay, then decide."
    return Reason(ReasonKind.PARTIAL_CAPTURE, (names, str(captured)), message)


def _auto_refund_failed(order: Order, failed: Sequence[str]) -> Iterator[Reason]:
    """A payment that Juspay meant to give back and did not, as far as no refund was asked for in its stead.

    A refund that was asked for before that was known waits: nobody has said yet that it is to stand in.
    """
    money = amounts(order)
    of_failed = {order.refunds[refund_id].txn_id for refund_id in failed} - {""}
    ours = [one for one in counting(order) if not one.automatic and one.reserves_amount]
    instead = [one for one in ours if not money.kept or one.txn_id in of_failed]
    waiting = [one for one in instead if one.state == RefundState.REQUESTED and not one.after_failure]
    returning = [
        one for one in order.refunds.values() if one in refunds_of_returning(order) or is_of_returning(order, one)
    ]
    back = {one.refund_id: taken_up(one) for one in (*returning, *instead) if one not in waiting}
    if sum(back.values()) + money.assumed >= money.returning:
        return
    message = "Juspay took the money, meant to give it back by itself, and failed; refund it, or ask Juspay."
    if waiting:
        message += " A refund that was asked for earlier waits, and goes out once this is settled."
    yield Reason(ReasonKind.AUTO_REFUND_FAILED, (failed[0], str(len(failed))), message,
                 blocked_refunds=frozenset(one.refund_id for one in waiting))  # fmt: skip


def _held_money_reasons(order: Order) -> Iterator[Reason]:
    """A capture or a release that failed is told at once, not when the window has ended; a hold before it lapses."""
    last = last_operation(order)
    if last and state_of(order, last) is HoldState.OVERTAKEN:
        yield from _hold_ended_otherwise(order, last)
    if status(order) is not Status.AUTHORIZED:
        return
    if last and state_of(order, last) in (HoldState.FAILED, HoldState.REJECTED):
        message = _FAILED_HOLDS[FAILS[last.kind]]
        yield Reason(ReasonKind.CAPTURE_FAILED, (last.txn_id, last.kind, last.hold_id), message)
    if last is None or state_of(order, last) in (HoldState.DONE, HoldState.OVERTAKEN):
        yield from _failed_elsewhere(order)
    if (held := held_attempt(order)) and is_about_to_lapse(order, held):
        lapses = stamp(hold_lapses_at(order, held))
        message = f"The bank may let the held money go at about {lapses}; capture it, or release it, before that."
        yield Reason(ReasonKind.HOLD_EXPIRING, (held.txn_id,), message)


def _failed_elsewhere(order: Order) -> Iterator[Reason]:
    """Failures of captures and releases that were not asked for here, told of the attempt or of the order alone."""
    words = {a.txn_id: a.reported.status_word for a in order.attempts.values() if a.state == AttemptState.HELD}
    if _FAILED_HOLDS.keys().isdisjoint(words.values()):
        words = dict.fromkeys(words or [UNNAMED], juspay_status(order))
    for txn_id, word in words.items():
        if word in _FAILED_HOLDS:
            yield Reason(ReasonKind.CAPTURE_FAILED, (txn_id, word), _FAILED_HOLDS[word])


def _hold_ended_otherwise(order: Order, last: HoldOperation) -> Iterator[Reason]:
    took = captured_attempts(order)
    if any(a.state == AttemptState.PARTIAL for a in took):
        return  # that only a part was taken is a reason of its own
    if not took:
        message = "The held money was to be taken, but Juspay reports that it was released. Nothing was paid."
    elif last.kind is HoldKind.VOID:
        message = "The held money was to be released, but it was taken. Fulfil the order, or refund the payment."
    else:
        message = (
            "A part of the held money was to be taken, but all of it was. Decide what goes out, and refund the rest."
        )
    became = "taken" if took else "released"
    yield Reason(ReasonKind.CAPTURE_DIFFERS, (last.hold_id, became), message)


def _disputes(order: Order) -> Iterator[Reason]:
    """Each chargeback while it is open, and once more with its outcome."""
    for one in disputes(order):
        if one.may_be_lost:
            message = (
                f"A webhook says that the bank's dispute has ended ({one.outcome}). Ask Juspay. Settle it as done if"
                " the bank took the money back, so that it is not given back twice; as not done if it did not."
            )
        elif one.outcome:
            message = (
                f"A webhook says that the bank's dispute has ended ({one.outcome})."
                " Check with Juspay before you refund."
            )
        else:
            message = "The shopper's bank wants the payment back. Answer it with Juspay, and refund nothing meanwhile."
        evidence = (one.dispute_id, one.outcome or "open")
        yield Reason(ReasonKind.DISPUTE, evidence, message, dispute_id=one.dispute_id, ends_dispute=one.may_be_lost)


# --- payments that no answer has explained ----------------------------------------------------------------------------


def _unexplained(order: Order) -> Iterator[Reason]:
    """Every other payment that may have been made, beside what Juspay answers; a status names one transaction only.

    Beside money that was taken it is each one that was begun. Where an order looks unpaid it is each one that a webhook
    calls paid, and that an answer to a question asked since does not tell of.

    Source: gateway contract, O.4.
    """
    took = captured_attempts(order)
    for txn_id in sorted({*order.mentioned, *_earlier_attempts(order)} if took else _claimed(order)):
        if not is_explained(order, txn_id):
            message = f"Payment {txn_id} was begun, and no answer from Juspay shows its end. It may be a second charge."
            if not took:
                message = (
                    f"A webhook says that payment {txn_id} was made, but Juspay's answers do not show it. Ask Juspay."
                )
            yield Reason(ReasonKind.UNEXPLAINED_PAYMENT, (txn_id,), message)
    if refund_id := _refund_of_another_payment(order):
        message = (
            f"Juspay gives back by itself a payment that no answer has shown (refund {refund_id}). This one stands."
        )
        yield Reason(ReasonKind.UNEXPLAINED_PAYMENT, (refund_id,), message)


def _claimed(order: Order) -> Iterator[str]:
    """Payments that a webhook calls paid, of an order that looks unpaid in answers to questions asked since."""
    if not order.mentioned or status(order) not in _LOOKS_UNPAID:
        return
    asked = max([seen.asked_last for seen in order.latest.values()], default=-1)
    yield from (txn_id for txn_id, told in order.mentions.items() if told.claims_money and told.since <= asked)


def _earlier_attempts(order: Order) -> Iterator[str]:
    """Names of the attempts that were counted before one that Juspay has named."""
    for txn_id in order.attempts:
        if name := txn_name(order, txn_id):
            yield from (f"{name.prefix}{number}" for number in range(1, name.attempt))


def is_explained(order: Order, txn_id: str) -> bool:
    """Whether an answer tells how it ended: after a webhook called it paid, one to a question asked since."""
    claim = order.mentions.get(txn_id)
    denied_at = claim.since if claim and claim.claims_money else -1
    own = [one for name, one in order.attempts.items() if name == txn_id or name.startswith(f"{txn_id}-")]
    if any(one.state in attempts_table.HARD for one in own):
        return True
    ended = [one for one in own if one.state in attempts_table.OVER]
    return bool(own) and len(ended) == len(own) and all(o.observations[o.state].asked_last >= denied_at for o in ended)


def _refund_of_another_payment(order: Order) -> str:
    """Juspay's own refund that goes beyond the payments that are known to be given back, or `""`."""
    took = payments(order)
    stands = any(one.attempt.state != AttemptState.AUTO_REFUNDED for one in took)
    if not stands or amounts(order).captured <= sum(one.captured for one in took):
        return ""
    return min(one.refund_id for one in refunds_of_returning(order))


def _denials(order: Order) -> Iterator[Reason]:
    if denied_by := newest_denial(order.latest, _ORDER_DENIALS) or _charge_denied_by(order):
        message = "Juspay showed this order, or its payment, and now denies it. What was proved stands."
        yield Reason(ReasonKind.DENIED, ("order", denied_by), message)
    else:
        for attempt in order.attempts.values():
            if attempt.denied_by:
                message = "Juspay reported money taken and now denies it. The money stands until a person has looked."
                yield Reason(ReasonKind.DENIED, ("attempt", attempt.txn_id, attempt.denied_by), message)
    for refund in order.refunds.values():
        if refund.denied_by:
            yield _denied_refund(refund, refund.denied_by)
        elif _has_vanished(order, refund):
            message = (
                "Juspay showed the refund done, and lists it no more. It counts as done until a person has looked."
            )
            yield Reason(ReasonKind.DENIED, ("refund", refund.refund_id, "unlisted"), message, refund.refund_id)
        elif twin := failed_as_another(order, refund):
            message = f"A person found the refund to be {twin}, and that one has failed. Settle this one again."
            evidence = ("refund", refund.refund_id, twin, str(refund.settled_asked))
            yield Reason(ReasonKind.DENIED, evidence, message, refund.refund_id, ends_refund=True)


def _has_vanished(order: Order, refund: Refund) -> bool:
    """Whether Juspay has shown the refund done, and a newer answer about the order does not list it any more."""
    if RefundState.SUCCESS not in refund.observations or any(
        refund.refund_id == one.refund_id for one in order.mismatches
    ):
        return False
    answered = max((seen.asked_last for kind, seen in order.latest.items() if kind != NOT_FOUND), default=-1)
    return answered > refund.last_listed_at_version


def _denied_refund(refund: Refund, denied_by: str) -> Reason:
    """Juspay's own word against itself, or against a person's, who may then find otherwise."""
    evidence: tuple[str, ...] = ("refund", refund.refund_id, denied_by)
    if refund.is_found_done:
        evidence = (
            *evidence,
            str(refund.settled_asked),
        )  # denied after another verdict, it is another reason
        message = "A person found the refund done, but Juspay says otherwise. Ask Juspay, then settle it again."
        return Reason(ReasonKind.DENIED, evidence, message, refund.refund_id, ends_refund=True)
    message = "Juspay reported the refund done and now denies it. It counts as done until a person has looked."
    return Reason(ReasonKind.DENIED, evidence, message, refund.refund_id)


def _charge_denied_by(order: Order) -> str | None:
    """Juspay's newest word on the order's money, if it is less than a charge that still stands."""
    charged = order.latest.get(Paid.CHARGED)
    kind = newest(order.latest, attempts_table.HARD)
    if kind is None or (charged and order.latest[kind].asked_last <= charged.asked_last):
        return None  # of two answers to one question, either may be the older
    return kind if any(a.state == AttemptState.CHARGED for a in captured_attempts(order)) else None


def _time_reasons(order: Order) -> Iterator[Reason]:
    if (label := status(order)) in UNSETTLED and answered_after_close(order):
        message = "The order's time is over and its payment is still not settled."
        yield Reason(ReasonKind.OVERDUE, (label,), message)
    if (took := captured_attempts(order)) and not order.cancelled and _was_over_before_money(order):
        message = "The money came after the order's time was over; fulfil it or refund it."
        yield Reason(ReasonKind.LATE_SUCCESS, (",".join(sorted(a.txn_id for a in took)),), message)


def _was_over_before_money(order: Order) -> bool:
    """Whether an answer dated after the end of life showed no money, and an answer to a newer question did."""
    unpaid = [seen for kind, seen in order.latest.items() if kind not in attempts_table.HARD]
    return any(is_after_close(order, seen) and seen.asked_last <= _money_asked_first(order) for seen in unpaid)


def _money_asked_first(order: Order) -> int:
    """The oldest question about the order itself whose answer showed money, or -1."""
    proved = [seen.asked_first for kind, seen in order.latest.items() if kind in attempts_table.HARD]
    return min(proved, default=-1)
