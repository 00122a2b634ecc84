"""What must hold of every step of an order.

Owns the invariants in a second wording: written from what was promised, not from the rules that keep the promise.
What is worked out here is worked out anew, from the registers alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from paystate.core.amounts import amounts
from paystate.core.attempt import UNNAMED
from paystate.core.commands import OpenOrder, Settle, SignProcess, Verdict, decide
from paystate.core.derived import Status, status
from paystate.core.evidence import (
    Evidence,
    NotFound,
    OrderAnswer,
    RefundAnswer,
    SdkEvent,
    SignedReturn,
    TxnAnswer,
    WebhookEvent,
)
from paystate.core.explore import Law, Tried
from paystate.core.facts import Decision, Refused
from paystate.core.ids import refund_id_for
from paystate.core.order import Order, evolve
from paystate.core.policy import Policy
from paystate.core.refund import LastCall, Refund
from paystate.core.refunding import EndRefundCall, RequestRefund, SendRefund
from paystate.core.register import Sightings
from paystate.core.review import Reason, ReasonKind, open_reasons, reasons
from paystate.entrypoints.explorer.offers import (
    CURRENCY,
    CUSTOMER,
    FINAL_REFUSAL,
    FULL,
    IN_TIME,
    MERCHANT,
    ORDER,
    REFUND_WORDS,
    SAFE_REFUSAL,
    WORDS,
)

TriedOrder = Tried[Order]
KIND: Final = {word: str(kind) for kind, word in WORDS.items()}
REFUND_KIND: Final = {word: str(kind) for kind, word in REFUND_WORDS.items()}
SOFT: Final = ("NEW", "UNKNOWN", "PENDING", "FAILED", "COD", "VOIDED", "HELD")
MONEY: Final = ("PARTIAL", "CHARGED", "AUTO_REFUNDED")
"""In the order in which one attempt may go through them."""
FROM_CHARGED: Final = ("CHARGED", "PARTIAL_CHARGED", "PARTIALLY_REFUNDED", "REFUNDED", "AUTO_REFUNDED")
WAITING: Final = ("PENDING", "UNKNOWN", "AUTHORIZED", "COD_INITIATED")
UNPAID: Final = ("NEW", "FAILED")
HINTS: Final = (
    SdkEvent(name="process_result", status="charged"),
    SignedReturn(order_id=ORDER, status="CHARGED"),
    WebhookEvent(event_id="evt-1", name="ORDER_SUCCEEDED"),
)


# --- what an answer is, seen with our own eyes ------------------------------------------------------------------------


def fitting(tried: TriedOrder) -> OrderAnswer | None:
    """The answer, if it is evidence about this very order and its money."""
    what = tried.offer.what
    if not isinstance(what, Evidence) or not isinstance(body := what.answer.body, OrderAnswer):
        return None
    names = (body.merchant_id, body.order_id, body.currency) == (MERCHANT, ORDER, CURRENCY)
    is_full = body.amount is not None and body.amount * 100 == FULL
    return body if names and is_full and body.status_id is None else None


def _last(sightings: Sightings) -> int:
    return max((seen.asked_last for seen in sightings.values()), default=-1)


def _newest_date(order: Order) -> str | None:
    """The date of the newest answer about the order itself; None where two answers to one question differ in it."""
    dates = {seen.said.dated for seen in order.latest.values() if seen.asked_last == _last(order.latest)}
    return dates.pop() if len(dates) == 1 else None


def _is_late(date: str | None, order: Order) -> bool:
    return bool(date) and datetime.fromisoformat(str(date)) >= order.closes_at


def _named_captured(order: Order) -> int:
    return sum(
        one.sightings["PARTIAL"].said.amount_minor if one.state == "PARTIAL" else FULL
        for name, one in order.attempts.items()
        if one.state in MONEY and name != UNNAMED
    )


def _most_captured(order: Order) -> int:
    """What can have been taken at most: a part may be a part of what no transaction is named for."""
    unnamed = order.attempts.get(UNNAMED)
    if unnamed is None or unnamed.state not in MONEY:
        return _named_captured(order)
    if unnamed.state == "PARTIAL":
        return _named_captured(order) + unnamed.sightings["PARTIAL"].said.amount_minor
    parts = sum(one.sightings["PARTIAL"].said.amount_minor for one in order.attempts.values() if one.state == "PARTIAL")
    return _named_captured(order) + FULL - (parts if unnamed.state == "CHARGED" else 0)


def _held(order: Order) -> int:
    given_back = FULL * sum(one.state == "AUTO_REFUNDED" for one in order.attempts.values() if one.txn_id != UNNAMED)
    holding = [one for one in order.refunds.values() if one.state not in ("FAILURE", "REJECTED")]
    automatic = sum(one.amount_minor for one in holding if one.automatic)
    return sum(one.amount_minor for one in holding) - automatic + max(automatic, given_back)


def _ours(order: Order) -> Iterator[Refund]:
    return (one for one in order.refunds.values() if one.key is not None)


def _kinds(found: tuple[Reason, ...]) -> set[ReasonKind]:
    return {reason.kind for reason in found}


# --- money ------------------------------------------------------------------------------------------------------------


def _unproved(tried: TriedOrder) -> str | None:
    for name, was in tried.before.attempts.items():
        now = tried.after.attempts[name].state if name in tried.after.attempts else "gone"
        if was.state in MONEY and now not in MONEY[MONEY.index(was.state) :]:
            return f"{name or 'the attempt without a name'} was {was.state} and is {now}"
    for name, one in tried.before.refunds.items():
        if one.state == "SUCCESS" and tried.after.refunds[name].state != "SUCCESS":
            return f"refund {name} was SUCCESS and is {tried.after.refunds[name].state}"
    was_label, label = status(tried.before), status(tried.after)
    return (
        f"the order was {was_label} and is {label}" if was_label in FROM_CHARGED and label not in FROM_CHARGED else None
    )


def _unfounded(tried: TriedOrder) -> str | None:
    body = fitting(tried)
    proves = KIND.get(body.status) if body and not tried.offer.what.refunds_only else None
    for name, one in tried.after.attempts.items():
        before = tried.before.attempts.get(name)
        if one.state in MONEY and (before is None or before.state != one.state) and proves not in MONEY:
            return f"{name} became {one.state} without an answer that says so of this very order"
        if one.state == "CHARGED" and (before is None or before.state != "CHARGED") and proves != "CHARGED":
            return f"{name} became CHARGED while the order's own word is {proves}"
    return None


def _unheard(tried: TriedOrder) -> str | None:
    body = fitting(tried)
    if body is None or tried.offer.what.refunds_only or KIND[body.status] not in MONEY:
        return None
    least = MONEY.index(KIND[body.status])
    reached = any(one.state in MONEY and MONEY.index(one.state) >= least for one in tried.after.attempts.values())
    return None if reached else f"Juspay says {body.status}, and no attempt has come so far"


def _overspent(tried: TriedOrder) -> str | None:
    captured, held, money = _most_captured(tried.after), _held(tried.after), amounts(tried.after)
    is_new = len(tried.after.refunds) > len(tried.before.refunds)
    if isinstance(tried.offer.what, RequestRefund) and is_new:
        if held > captured:
            return f"a refund was reserved, and {held} is held of {captured} captured"
        return _doubtful(tried.before)
    if money.captured > captured:
        return f"{money.captured} counts as captured, and no more than {captured} can have been"
    if UNNAMED not in tried.after.attempts:
        if held > captured and ReasonKind.OVER_REFUNDED not in _kinds(reasons(tried.after)):
            return f"{held} is held of {captured} captured, and no person is asked"
        if (money.captured, money.refundable) != (captured, max(0, captured - held)):
            return f"{held} is held of {captured} captured, yet {money.refundable} of {money.captured} may be refunded"
    return None


def _refund_withheld(policy: Policy) -> Callable[[TriedOrder], str | None]:
    def broken(tried: TriedOrder) -> str | None:
        what, order = tried.offer.what, tried.before
        if not isinstance(what, RequestRefund):
            return None
        if before := order.refunds.get(what.refund_id):
            is_same = (before.key, before.amount_minor) == (what.key, what.amount.amount_minor)
            is_right = tried.after is order and isinstance(tried.result, Refused) != is_same
            return None if is_right else f"the key {what.key} was used before, and is not answered so"
        if not isinstance(tried.result, Refused):
            is_kept = what.refund_id in tried.after.refunds and tried.after.refunds[what.refund_id].state == "REQUESTED"
            return None if is_kept else "a refund is promised and not reserved"
        is_fit = len(order.refunds) < policy.refunds_max and _may_be_refunded(order, what.amount.amount_minor)
        return "a refund that could be made is refused" if is_fit else None

    return broken


def _may_be_refunded(order: Order, amount_minor: int) -> bool:
    """Whether it surely may: where money has no name, more may be in doubt than is worked out here."""
    is_fit = status(order) in ("CHARGED", "PARTIAL_CHARGED", "PARTIALLY_REFUNDED", "REFUNDED")
    is_left = 0 < amount_minor <= _named_captured(order) - _held(order)
    return is_fit and is_left and not _doubtful(order) and UNNAMED not in order.attempts


def _doubtful(order: Order) -> str | None:
    holding = {ReasonKind.MISMATCH, ReasonKind.PARTIAL_CAPTURE, ReasonKind.OVER_REFUNDED, ReasonKind.DENIED}
    doubts = [reason.key for reason in open_reasons(order) if reason.kind in holding and not reason.refund_id]
    return f"a refund was reserved although {doubts[0]} is open" if doubts else None


def _changed_for_ever(tried: TriedOrder) -> str | None:
    before, after = tried.before, tried.after
    if isinstance(tried.offer.what, OpenOrder):
        return None if after is before else "an order was opened twice"
    if (before.opened, before.created_at) != (after.opened, after.created_at):
        return "what the order was opened with has changed"
    if not (before.attempts.keys() <= after.attempts.keys() and before.refunds.keys() <= after.refunds.keys()):
        return "something that was known is gone"
    for one in _ours(before):
        now = after.refunds[one.refund_id]
        if (one.key, one.amount_minor) != (now.key, now.amount_minor):
            return f"refund {one.key} of {one.amount_minor} is now {now.key} of {now.amount_minor}"
    return None


def _wrong_label(tried: TriedOrder) -> str | None:
    label = status(tried.after)
    expected = _label(tried.after)
    return None if expected is None or label == expected else f"the order is {label}, and should be {expected}"


def _label(order: Order) -> str | None:
    """The status that follows from the registers; None where a tie, or money without a name, leaves it open."""
    if UNNAMED in order.attempts:
        return None
    states = {one.state for one in order.attempts.values()}
    if "CHARGED" in states:
        back = sum(one.amount_minor for one in order.refunds.values() if one.state == "SUCCESS" and not one.automatic)
        kept = _named_captured(order) - FULL * sum(one.state == "AUTO_REFUNDED" for one in order.attempts.values())
        return "CHARGED" if back <= 0 else "REFUNDED" if back >= kept else "PARTIALLY_REFUNDED"
    if states & {*MONEY}:
        return "PARTIAL_CHARGED" if "PARTIAL" in states else "AUTO_REFUNDED"
    return _unpaid_label(order)


def _unpaid_label(order: Order) -> str | None:
    told = {kind: seen for kind, seen in order.latest.items() if kind != "NOT_FOUND"}
    words = {seen.said.word for seen in told.values() if seen.asked_last == _last(told)}
    date = _newest_date(order)
    if len(words) > 1 or (date is None and order.latest):
        return None
    kind = KIND[words.pop()] if words else "NEW"
    is_over = kind in UNPAID and _is_late(date, order)
    return "EXPIRED" if is_over else {"COD": "COD_INITIATED", "HELD": "AUTHORIZED"}.get(kind, kind)


# --- what is announced ------------------------------------------------------------------------------------------------


def _announced(tried: TriedOrder) -> str | None:
    effects = () if isinstance(tried.result, Refused) else tuple(one.once_key for one in tried.result.effects)
    if again := [name for name in effects if name in tried.before.announced or name not in tried.after.announced]:
        return f"{again[0]} is announced and can be announced again"
    if not tried.before.announced <= tried.after.announced:
        return "an announcement is forgotten"
    is_told = "order.paid" in tried.after.announced
    if _is_surely_paid(tried.after) and not is_told:
        return "the order is paid and nobody is told"
    return _told_too_soon(tried.after) if "order.paid" in effects else None


def _is_surely_paid(order: Order) -> bool:
    named = {one.state for one in order.attempts.values() if one.txn_id != UNNAMED}
    states = named if named & {*MONEY} else {one.state for one in order.attempts.values()}
    return "CHARGED" in states and "PARTIAL" not in states and not order.mismatches


def _told_too_soon(order: Order) -> str | None:
    states = {one.state for one in order.attempts.values()}
    if not {"CHARGED", "PARTIAL"} & states:
        return "order.paid is announced, and no money stands"
    settled = sum(name.startswith("mismatch:") for name in order.settled)
    if settled < sum(not wrong.refund_id for wrong in order.mismatches):
        return "order.paid is announced while an answer that did not fit waits for a person"
    is_part = "CHARGED" not in states and not any(name.startswith("partial_capture:") for name in order.settled)
    return "order.paid is announced for a part, and nobody has settled that" if is_part else None


def _found_elsewhere(tried: TriedOrder) -> str | None:
    body = fitting(tried)
    for one in body.refunds if body else ():
        if one.refund_id not in tried.after.refunds:
            return f"refund {one.refund_id} is listed and not taken over"
        is_new = one.refund_id not in tried.before.refunds
        if is_new and f"refund.found:{one.refund_id}" not in tried.after.announced | _effects(tried):
            return f"refund {one.refund_id} is taken over in silence"
    is_back = status(tried.after) is Status.AUTO_REFUNDED
    if is_back and "order.auto_refunded" not in tried.after.announced:
        return "Juspay gave the money back and nobody was told"
    return None


def _effects(tried: TriedOrder) -> set[str]:
    return set() if isinstance(tried.result, Refused) else {one.once_key for one in tried.result.effects}


# --- which answer wins ------------------------------------------------------------------------------------------------


def _wrong_winner(tried: TriedOrder) -> str | None:
    body = fitting(tried)
    if body is None:
        return None
    if body.txn and (wrong := _wrong_attempt(tried, body, body.txn)):
        return f"{body.txn.txn_id} {wrong}"
    return next(_wrong_refunds(tried, body.refunds, tried.offer.what.asked), None)


def _wrong_attempt(tried: TriedOrder, body: OrderAnswer, txn: TxnAnswer) -> str | None:
    was, now = tried.before.attempts.get(txn.txn_id), tried.after.attempts.get(txn.txn_id)
    told = KIND[txn.status or body.status]
    if told in MONEY:
        if KIND[body.status] in MONEY:
            return None
        told = "PENDING"  # only the order's own word proves money
    if was is None or now is None:
        return None if now and now.state == told else f"was told {told} for the first time, and that is not heard"
    return _judged(was.state, _last(was.sightings), told, tried.offer.what.asked, now.state, SOFT)


def _wrong_refunds(tried: TriedOrder, listed: tuple[RefundAnswer, ...], asked: int) -> Iterator[str]:
    for one in listed:
        was, now = tried.before.refunds.get(one.refund_id), tried.after.refunds.get(one.refund_id)
        if was is None or now is None:
            if now is None or now.state != REFUND_KIND[one.status]:
                yield f"refund {one.refund_id} is listed as {one.status} for the first time, and that is not heard"
            continue
        told, last = REFUND_KIND[one.status], _last(was.sightings)
        if was.key is not None and one.amount * 100 != was.amount_minor:
            wrong = None if was == now else "was taken for a refund of another amount"
        elif told == "SUCCESS":
            wrong = None if now.state == "SUCCESS" else "was given back, and that is not heard"
        elif was.settled_over:
            wrong = _verdict_undone(was, now, told)
        elif not was.sightings:
            wrong = None if now.state == told else f"is {now.state}, and Juspay lists it as {told}"
        else:
            wrong = _judged(was.state, last, told, asked, now.state, _SOFT_REFUNDS)
        if wrong:
            yield f"refund {one.refund_id} {wrong}"


_SOFT_REFUNDS: Final = ("UNKNOWN", "PENDING", "MANUAL_REVIEW", "FAILURE")


def _verdict_undone(was: Refund, now: Refund, told: str) -> str | None:
    others = [seen.asked_last for kind, seen in was.sightings.items() if kind != was.settled_over]
    is_alone = (
        was.settled_over in was.sightings and max(others, default=-1) < was.sightings[was.settled_over].asked_last
    )
    is_repeat = told == was.settled_over and is_alone and was.state in ("SUCCESS", "FAILURE")
    return "was settled over this very word, which now undoes it" if is_repeat and now.state != was.state else None


def _judged(was: str, last: int, told: str, asked: int, is_state: str, soft: tuple[str, ...]) -> str | None:
    """Of soft words the newest wins, and an older one undoes nothing; a tie may go either way."""
    if was not in soft:
        return None if is_state == was else f"was {was}, was told {told}, and is {is_state}"
    if asked > last and is_state != told:
        return f"is {is_state} although the newest answer says {told}"
    return f"is no longer {was} on the word of an older answer" if asked < last and is_state != was else None


def _denial_unheard(tried: TriedOrder) -> str | None:
    what, before = tried.offer.what, tried.before
    if not isinstance(what, Evidence) or what.refunds_only or ReasonKind.DENIED in _kinds(reasons(tried.after)):
        return None
    proofs = [seen.asked_first for kind, seen in before.latest.items() if kind in MONEY]
    if isinstance(what.answer.body, NotFound):
        shown = [seen.asked_first for seen in before.latest.values() if seen.said.word != "NOT_FOUND"]
        return (
            "Juspay denies an order it had shown, and nobody asks" if any(what.asked > one for one in shown) else None
        )
    body = fitting(tried)
    if body and KIND[body.status] in SOFT and any(what.asked > one for one in proofs):
        return f"Juspay says {body.status} of an order that it had said was paid, and nobody asks"
    if body and _lesser_money(tried.after):
        return f"Juspay says {body.status} of an order whose charge stands, and nobody asks"
    named = before.attempts.get(body.txn.txn_id) if body and body.txn else None
    if body and body.txn and named and named.state in MONEY and KIND[body.txn.status] in SOFT:
        is_newer = what.asked > named.sightings[named.state].asked_first
        return f"Juspay denies the money of {named.txn_id}, and nobody asks" if is_newer else None
    return None


def _lesser_money(order: Order) -> bool:
    """Whether Juspay's newest word on the order's money is less than a charge that stands."""
    told = {kind: seen for kind, seen in order.latest.items() if kind in MONEY}
    newest = {kind for kind, seen in told.items() if seen.asked_last == _last(told)}
    stands = any(one.state == "CHARGED" for name, one in order.attempts.items() if name != UNNAMED)
    return stands and len(newest) == 1 and "CHARGED" not in newest


def _mismatch_taken(tried: TriedOrder) -> str | None:
    what = tried.offer.what
    is_void = isinstance(what, Evidence) and isinstance(what.answer.body, OrderAnswer) and fitting(tried) is None
    if not is_void:
        return None
    before, after = tried.before, tried.after
    if (before.latest, before.attempts, before.refunds, before.expires_at) != (
        after.latest, after.attempts, after.refunds, after.expires_at
    ):  # fmt: skip
        return "an answer that does not fit has moved something"
    if ReasonKind.MISMATCH not in _kinds(reasons(after)):
        return "an answer that does not fit opens no reason"
    is_new = before.mismatches != after.mismatches
    if is_new and not any(name.startswith("review.opened:mismatch") for name in _effects(tried)):
        return "an answer that does not fit alerts nobody"
    return "order.paid is announced on an answer that does not fit" if "order.paid" in _effects(tried) else None


# --- end of life ------------------------------------------------------------------------------------------------------


def _wrong_end(tried: TriedOrder) -> str | None:
    before, after = status(tried.before), status(tried.after)
    date = _newest_date(tried.after)
    if after is Status.EXPIRED and before is not Status.EXPIRED:
        if not isinstance(tried.offer.what, Evidence):
            return "the order expired without an answer of Juspay's"
        if date is not None and not _is_late(date, tried.after):
            return "the order expired on an answer that is not dated after its end of life"
    if _is_late(date, tried.after) and after in UNPAID and tried.after.latest:
        return f"the order's time is over by Juspay's own date, and it is still {after}"
    if before is Status.EXPIRED and after in FROM_CHARGED and _is_newer_than_all(tried):
        is_seen = ReasonKind.LATE_SUCCESS in _kinds(reasons(tried.after))
        return None if is_seen else "money came after the end of life, and nobody is asked"
    return None


def _is_newer_than_all(tried: TriedOrder) -> bool:
    return isinstance(tried.offer.what, Evidence) and tried.offer.what.asked > _last(tried.before.latest)


def _not_overdue(tried: TriedOrder) -> str | None:
    label = status(tried.after)
    if label not in WAITING or not _is_late(_newest_date(tried.after), tried.after):
        return None
    is_seen = ReasonKind.OVERDUE in _kinds(reasons(tried.after))
    return None if is_seen else f"the order is {label} past its end of life, and nobody is asked"


# --- refunds ----------------------------------------------------------------------------------------------------------


def _called_wrongly(policy: Policy) -> Callable[[TriedOrder], str | None]:
    def broken(tried: TriedOrder) -> str | None:
        if isinstance(tried.offer.what, SendRefund):
            return _sent_wrongly(tried, policy)
        for one in _ours(tried.after):
            if one.refund_id != refund_id_for(MERCHANT, one.key or ""):
                return f"the key {one.key} has got a second id"
            if one.refund_id not in tried.before.refunds and not isinstance(tried.offer.what, RequestRefund):
                return f"refund {one.key} was asked for by nobody"
            if wrong := _freed_wrongly(tried, one, policy):
                return wrong
        return None

    return broken


def _sent_wrongly(tried: TriedOrder, policy: Policy) -> str | None:
    sent = tried.after.refunds[tried.offer.what.refund_id]
    was = tried.before.refunds[sent.refund_id]
    if sent.tries != was.tries + 1 or sent.sent_version != tried.after.version:
        return "a call is made and not counted"
    if was.state != "REQUESTED":
        return f"a call is made for a refund that is {was.state}"
    if was.tries - was.not_sent >= policy.refund_tries_max:
        return "more calls are made than the policy permits"
    equal = [one.sent_at for one in tried.before.refunds.values() if one.amount_minor == sent.amount_minor]
    if any(at and tried.offer.now - at < timedelta(seconds=5) for at in equal):
        return "two calls of one amount are less than five seconds apart"
    return "it may be sent again at once" if _may_send(tried.after, sent, policy) else None


def _freed_wrongly(tried: TriedOrder, one: Refund, policy: Policy) -> str | None:
    was, what = tried.before.refunds.get(one.refund_id), tried.offer.what
    if was is None or not was.tries or one == was or not _may_send(tried.after, one, policy):
        return None
    if _may_send(tried.before, was, policy):
        return None
    if isinstance(what, EndRefundCall):
        never_left = what.last_call is LastCall.NOT_SENT or what.refusal == SAFE_REFUSAL
        return None if never_left else f"refund {one.key} may be sent again though its call may have arrived"
    if _is_missed(tried, was):
        return None
    return f"refund {one.key} may be sent again, and no answer to a newer question has missed it"


def _is_missed(tried: TriedOrder, was: Refund) -> bool:
    """Whether an answer that can know of the newest call does not list the refund."""
    body = fitting(tried)
    names = {entry.refund_id for entry in body.refunds} if body else {was.refund_id}
    return was.refund_id not in names and tried.offer.what.asked >= was.sent_version


def _call_withheld(policy: Policy) -> Callable[[TriedOrder], str | None]:
    def broken(tried: TriedOrder) -> str | None:
        for one in _ours(tried.after):
            never_left = one.last_call is LastCall.NOT_SENT and one.tries - one.not_sent < policy.refund_tries_max
            if one.state == "REQUESTED" and never_left and not _may_send(tried.after, one, policy):
                return f"refund {one.key} never left and may not be sent"
        return None

    return broken


def _may_send(order: Order, one: Refund, policy: Policy) -> bool:
    if one.state != "REQUESTED":
        return False
    return not isinstance(decide(order, SendRefund(one.refund_id), policy, IN_TIME + timedelta(days=1)), Refused)


def _ended_wrongly(policy: Policy) -> Callable[[TriedOrder], str | None]:
    def broken(tried: TriedOrder) -> str | None:
        for one in _ours(tried.after):
            was = tried.before.refunds.get(one.refund_id)
            if was and one.state == "REJECTED" != was.state and not _is_clear_no(tried, was):
                return f"refund {one.key} counts as refused, and may have been made"
            is_spent = one.state == "REQUESTED" and one.tries >= policy.refund_tries_max
            is_ended = one.last_call is LastCall.UNKNOWN or (was is not None and _is_missed(tried, was))
            if is_spent and is_ended and ReasonKind.REFUND_UNKNOWN not in _kinds(reasons(tried.after)):
                return f"refund {one.key} has no call left, and nobody is asked"
        return None

    return broken


def _is_clear_no(tried: TriedOrder, was: Refund) -> bool:
    """Whether Juspay refuses for good the only call that can have reached it."""
    what = tried.offer.what
    is_final = isinstance(what, EndRefundCall) and what.refusal == FINAL_REFUSAL
    return is_final and was.tries - was.not_sent == 1


# --- people, hints, and the rest --------------------------------------------------------------------------------------


def _settled_wrongly(tried: TriedOrder) -> str | None:
    what, before, after = tried.offer.what, tried.before, tried.after
    if not isinstance(what, Settle):
        return None
    reason = next((one for one in open_reasons(before) if one.key == what.reason), None)
    if reason is None:
        return None if isinstance(tried.result, Refused) else "a person has settled what was not open"
    fits = (what.verdict is Verdict.ACCEPTED) != (reason.ends_refund)
    if isinstance(tried.result, Refused):
        return f"no person can settle {reason.key} as {what.verdict}" if fits else None
    if (before.attempts, before.latest) != (after.attempts, after.latest):
        return "a person has moved a payment"
    if any(one.key == reason.key for one in open_reasons(after)):
        return f"{reason.key} was settled and is still open"
    ends = {Verdict.DONE: "SUCCESS", Verdict.NOT_DONE: "FAILURE"}.get(what.verdict)
    is_moved = ends is None or after.refunds[reason.refund_id].state == ends
    return None if is_moved else f"refund {reason.refund_id} was settled as {what.verdict} and has not moved"


def _signed_wrongly(tried: TriedOrder) -> str | None:
    what, label = tried.offer.what, status(tried.before)
    if not isinstance(what, SignProcess):
        return None
    is_unpaid, is_over = label in (*UNPAID, "PENDING", "UNKNOWN"), tried.offer.now >= tried.before.closes_at
    may = is_unpaid and not is_over and what.customer_id == CUSTOMER
    if may == isinstance(tried.result, Refused):
        when = "after" if is_over else "before"
        return f"{what.customer_id} may{' not' if may else ''} pay an order that is {label}, {when} its end of life"
    return None


def _unclear_unseen(tried: TriedOrder) -> str | None:
    seen = {reason.refund_id for reason in open_reasons(tried.after)}
    for name, one in tried.after.refunds.items():
        was = tried.before.refunds.get(name)
        is_new = was is None or was.state != one.state
        if is_new and one.state in ("UNKNOWN", "MANUAL_REVIEW") and name not in seen:
            return f"refund {name} has become {one.state}, and nobody is asked"
    return next(_contradicted_unseen(tried), None)


def _contradicted_unseen(tried: TriedOrder) -> Iterator[str]:
    """A person found it done, and Juspay tells something else since."""
    body = fitting(tried)
    for one in body.refunds if body else ():
        was, told = tried.before.refunds.get(one.refund_id), REFUND_KIND[one.status]
        if was is None or was.state != "SUCCESS" or not was.settled_over or one.amount * 100 != was.amount_minor:
            continue
        is_news = told not in (was.settled_over, "SUCCESS") and "SUCCESS" not in was.sightings
        is_newest = tried.offer.what.asked >= was.settled_asked and tried.offer.what.asked > _last(was.sightings)
        if is_news and is_newest and f"denied:refund:{one.refund_id}:{told}" not in _keys(reasons(tried.after)):
            yield f"refund {one.refund_id} was found done, Juspay says {one.status}, and nobody is asked"


def _keys(found: tuple[Reason, ...]) -> set[str]:
    return {reason.key for reason in found}


def _hint_taken(policy: Policy) -> Callable[[TriedOrder], str | None]:
    def broken(tried: TriedOrder) -> str | None:
        for hint in HINTS:
            what: Any = hint
            try:
                decide(tried.after, what, policy, IN_TIME)
            except LookupError:
                continue
            return f"a hint ({type(hint).__name__}) is decided upon like an answer"
        return None

    return broken


def _repeat_noticed(policy: Policy) -> Callable[[TriedOrder], str | None]:
    def broken(tried: TriedOrder) -> str | None:
        if not isinstance(tried.offer.what, Evidence):
            return None
        again = decide(tried.after, tried.offer.what, policy, tried.offer.now)
        is_quiet = isinstance(again, Decision) and again.fact is None and again.after is tried.after
        return None if is_quiet else "the same answer once more writes something"

    return broken


def _fact_differs(tried: TriedOrder) -> str | None:
    if isinstance(tried.result, Refused) or tried.result.fact is None:
        return None if tried.after is tried.before else "something changed and no fact says so"
    is_told = evolve(tried.before, tried.result.fact) == tried.after
    return None if is_told and tried.after.version == tried.before.version + 1 else "the fact does not tell the change"


def is_open(order: Order) -> bool:
    """Whether a payment or a refund of it may still come or go."""
    label = status(order)
    is_shown = order.process_signed_at is not None or any(kind != "NOT_FOUND" for kind in order.latest)
    is_waiting = is_shown and label in (*WAITING, *UNPAID)
    return is_waiting or any(
        one.state in ("REQUESTED", "UNKNOWN", "PENDING", "MANUAL_REVIEW") for one in order.refunds.values()
    )


def _unwatched(tried: TriedOrder) -> str | None:
    if isinstance(tried.result, Refused) or tried.result.next_look_at is not None:
        return None
    return "the order is open, and nobody will look at it again" if is_open(tried.after) else None


def _changing(broken: Callable[[TriedOrder], str | None]) -> Callable[[TriedOrder], str | None]:
    """The same law, asked only where something changed: an order that stays as it is was judged when it was reached."""
    return lambda tried: None if tried.after is tried.before else broken(tried)


def order_laws(policy: Policy) -> tuple[Law[Order], ...]:
    """Every law of orders, under one policy."""
    return (
        Law("I1", "Money once proved is never unproved.", _changing(_unproved)),
        Law("I2", "Money is proved by an answer that says so of this very order, and by nothing else.",
            _changing(_unfounded)),
        Law("I2b", "A fitting answer that says money was taken is always heard.", _unheard),
        Law("I3", "No decision of ours promises more than was captured, or anything while money is in doubt.",
            _changing(_overspent)),
        Law("I3b", "A refund that can be made is never refused, and a key is one refund for ever.",
            _refund_withheld(policy)),
        Law("I6", "A refund is called again only if no earlier call can have reached Juspay.",
            _changing(_called_wrongly(policy))),
        Law("I6b", "A refund ends only as Juspay's list, a clear no or a person says.",
            _changing(_ended_wrongly(policy))),
        Law("I6c", "A call that never left may be made again.", _changing(_call_withheld(policy))),
        Law("I9", "What an order and a refund were opened with never changes.", _changing(_changed_for_ever)),
        Law("I10", "order.paid is told at most once, and once if the goods may go out.", _announced),
        Law("I11", "Only an answer dated after the end of life ends an order; late money counts.",
            _changing(_wrong_end)),
        Law("I12", "Refunds made elsewhere are taken over, counted and told.", _found_elsewhere),
        Law("I13", "A hint has no way into the rules.", _changing(_hint_taken(policy))),
        Law("I15", "The same answer once more writes nothing.", _changing(_repeat_noticed(policy))),
        Law("I17", "An older answer never undoes a newer one, and the newest soft answer wins.", _wrong_winner),
        Law("I17b", "A newer answer that denies proved money makes a person look.", _changing(_denial_unheard)),
        Law("I18", "The status follows from what is known; an unknown word is neither success nor failure.",
            _changing(_wrong_label)),
        Law("I19", "An answer that does not fit moves nothing, opens a reason and alerts once.", _mismatch_taken),
        Law("I23", "Everything open has a next look.", _unwatched),
        Law("I23b", "What waits past its end of life is overdue.", _changing(_not_overdue)),
        Law("I23c", "A refund that is unclear, or denied after a verdict, calls a person each time.",
            _changing(_unclear_unseen)),
        Law("T4", "A person can settle every open reason, and moves nothing but a refund of unknown end.",
            _settled_wrongly),
        Law("pay", "The shopper may pay what is not paid, held or over, and nothing else.", _signed_wrongly),
        Law("I35", "The fact tells the whole change.", _fact_differs),
    )  # fmt: skip
