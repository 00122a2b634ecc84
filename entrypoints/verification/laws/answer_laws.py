"""Laws of answers: which one wins, which one denies, which one is not of this order, and which one ends it.

These are the invariants of evidence in a second wording.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from paystate.core.evidence import Evidence, NotFound, OrderAnswer, RefundAnswer, TxnAnswer
from paystate.core.orders.attempt import UNNAMED
from paystate.core.orders.derived import Status, status
from paystate.core.orders.order import Order
from paystate.core.orders.reason import ReasonKind
from paystate.core.orders.refund import Refund
from paystate.entrypoints.verification.laws import books as own
from paystate.entrypoints.verification.laws.answers_seen import (
    KIND,
    TriedOrder,
    about_the_order,
    entries,
    evidence_of,
    fitting,
    is_late,
    is_outdated,
    kinds,
    last,
    minor,
    newest_date,
    refund_kind,
    txns,
)
from paystate.entrypoints.verification.laws.books import MONEY, SOFT
from paystate.entrypoints.verification.laws.money_laws import FROM_CHARGED, UNPAID, effects_of

WAITING: Final = ("PENDING", "UNKNOWN", "AUTHORIZED")
"""Money may still come or go; cash is between merchant and shopper."""


# --- which answer wins ------------------------------------------------------------------------------------------------


def wrong_winner(tried: TriedOrder) -> str | None:
    """Whether an answer that should win does not, or one wins that should not."""
    body = about_the_order(tried)
    for txn in txns(body) if body else ():
        if body and (wrong := _wrong_attempt(tried, body, txn)):
            return f"{txn.txn_id} {wrong}"
    listed = entries(tried)
    return next(_wrong_refunds(tried, listed, tried.offer.what.asked), None) if listed else None


def _wrong_attempt(tried: TriedOrder, body: OrderAnswer, txn: TxnAnswer) -> str | None:
    was, now = tried.before.attempts.get(txn.txn_id), tried.after.attempts.get(txn.txn_id)
    told = KIND[txn.status or body.status]
    if told in MONEY:
        if KIND[body.status] in MONEY:
            return None if now and now.state in MONEY else f"took money, says Juspay, and is {now and now.state}"
        told = "PENDING"  # only the order's own word proves money
    if was is None or now is None:
        return None if now and now.state == told else f"was told {told} for the first time, and that is not heard"
    return _judged(was.state, last(was.observations), told, tried.offer.what.asked, now.state, SOFT)


def _wrong_refunds(tried: TriedOrder, listed: tuple[RefundAnswer, ...], asked: int) -> Iterator[str]:
    for one in listed:
        was, now = tried.before.refunds.get(one.refund_id), tried.after.refunds.get(one.refund_id)
        if was is None or now is None:
            if now is None or now.state != refund_kind(one):
                yield f"refund {one.refund_id} is listed as {one.status} for the first time, and that is not heard"
            continue
        told, newest = refund_kind(one), last(was.observations)
        if was.key is not None and minor(one.amount) != was.amount_minor:
            wrong = None if was == now else "was taken for a refund of another amount"
        elif told == "SUCCESS":
            wrong = None if now.state == "SUCCESS" else "was given back, and that is not heard"
        elif was.settled_from_state:
            wrong = _verdict_undone(was, now, told)
        elif not was.observations:
            wrong = None if now.state == told else f"is {now.state}, and Juspay lists it as {told}"
        else:
            wrong = _judged(was.state, newest, told, asked, now.state, _SOFT_REFUNDS)
        if wrong:
            yield f"refund {one.refund_id} {wrong}"


_SOFT_REFUNDS: Final = ("UNKNOWN", "PENDING", "MANUAL_REVIEW", "FAILURE")


def _verdict_undone(was: Refund, now: Refund, told: str) -> str | None:
    others = [seen.asked_last for kind, seen in was.observations.items() if kind != was.settled_from_state]
    is_alone = (
        was.settled_from_state in was.observations
        and max(others, default=-1) < was.observations[was.settled_from_state].asked_last
    )
    is_repeat = told == was.settled_from_state and is_alone and was.state in ("SUCCESS", "FAILURE")
    return "was settled over this very word, which now undoes it" if is_repeat and now.state != was.state else None


def _judged(was: str, newest: int, told: str, asked: int, is_state: str, soft: tuple[str, ...]) -> str | None:
    """Of soft words the newest wins, and an older one undoes nothing; a tie may go either way."""
    if was not in soft:
        return None if is_state == was else f"was {was}, was told {told}, and is {is_state}"
    if asked > newest and is_state != told:
        return f"is {is_state} although the newest answer says {told}"
    return f"is no longer {was} on the word of an older answer" if asked < newest and is_state != was else None


def denial_unheard(tried: TriedOrder) -> str | None:
    """Whether an answer that denies proved money calls nobody."""
    what, before = tried.offer.what, tried.before
    if not _lesser_money(tried.after) and (wrong := _denied_in_vain(tried.after)):
        return wrong
    if not isinstance(what, Evidence) or what.refunds_only or ReasonKind.DENIED in kinds(tried.after):
        return None
    proofs = [seen.asked_first for kind, seen in before.latest.items() if kind in MONEY]
    if isinstance(what.answer.body, NotFound):
        shown = [seen.asked_first for seen in before.latest.values() if seen.reported.status_word != "NOT_FOUND"]
        is_denied = any(what.asked > one for one in shown)
        return "Juspay denies an order it had shown, and nobody asks" if is_denied else None
    body = fitting(tried)
    if body and KIND[body.status] in SOFT and any(what.asked > one for one in proofs):
        return f"Juspay says {body.status} of an order that it had said was paid, and nobody asks"
    if body and _lesser_money(tried.after):
        return f"Juspay says {body.status} of an order whose charge stands, and nobody asks"
    for txn in txns(body) if body else ():
        named = before.attempts.get(txn.txn_id)
        is_denied = named is not None and named.state in MONEY and KIND[txn.status] in SOFT
        if named and is_denied and what.asked > named.observations[named.state].asked_first:
            return f"Juspay denies the money of {named.txn_id}, and nobody asks"
    return None


def _denied_in_vain(order: Order) -> str | None:
    """Whether somebody is asked about a charge that no newer answer takes back; of two to one question none does."""
    asked = {kind for about, kind, *_ in evidence_of(order, ReasonKind.DENIED) if about == "order"}.intersection(MONEY)
    if asked and UNNAMED not in order.attempts:
        return f"{min(asked)} was denied and is asked about, and no newer answer tells of less money"
    return None


def _lesser_money(order: Order) -> bool:
    """Whether Juspay's newest word on the order's money is less than a charge that stands."""
    told = {kind: seen for kind, seen in order.latest.items() if kind in MONEY}
    newest = {kind for kind, seen in told.items() if seen.asked_last == last(told)}
    stands = any(one.state == "CHARGED" for one in own.captured_attempts(order))
    return stands and bool(newest) and "CHARGED" not in newest


def mismatch_taken(tried: TriedOrder) -> str | None:
    """Whether an answer about another order, or at another price, moves anything or calls nobody."""
    what, before, after = tried.offer.what, tried.before, tried.after
    is_void = isinstance(what, Evidence) and isinstance(what.answer.body, OrderAnswer) and fitting(tried) is None
    if not is_void:
        return None
    if what.refunds_only:
        return None if after is before else "an answer to a refund call that is no order has moved something"
    if is_outdated(tried):
        return None if after is before else "an answer at the price of before has moved something"
    if (before.latest, before.attempts, before.refunds, before.expires_at, before.eligible) != (
        after.latest, after.attempts, after.refunds, after.expires_at, after.eligible
    ):  # fmt: skip
        return "an answer that does not fit has moved something"
    if ReasonKind.MISMATCH not in kinds(after):
        return "an answer that does not fit opens no reason"
    is_new = own.mismatches(before) != own.mismatches(after)
    if is_new and not any(name.startswith("review.opened:mismatch") for name in effects_of(tried)):
        return "an answer that does not fit alerts nobody"
    return "order.paid is announced on an answer that does not fit" if "order.paid" in effects_of(tried) else None


# --- end of life ------------------------------------------------------------------------------------------------------


def wrong_end(tried: TriedOrder) -> str | None:
    """Whether the order ends when it must not, or does not when it must."""
    before, after = status(tried.before), status(tried.after)
    date = newest_date(tried.after)
    if after is Status.EXPIRED and before is not Status.EXPIRED:
        if not isinstance(tried.offer.what, Evidence):
            return "the order expired without an answer of Juspay's"
        if date is not None and not is_late(date, tried.after):
            return "the order expired on an answer that is not dated after its end of life"
    if is_late(date, tried.after) and after in UNPAID and tried.after.latest:
        return f"the order's time is over by Juspay's own date, and it is still {after}"
    if before is Status.EXPIRED and after in FROM_CHARGED and _is_newer_than_all(tried):
        is_seen = ReasonKind.LATE_SUCCESS in kinds(tried.after)
        return None if is_seen else "money came after the end of life, and nobody is asked"
    return None


def _is_newer_than_all(tried: TriedOrder) -> bool:
    return isinstance(tried.offer.what, Evidence) and tried.offer.what.asked > last(tried.before.latest)


def not_overdue(tried: TriedOrder) -> str | None:
    """Whether nobody is asked about what waits past the end of life, or somebody about cash."""
    label = status(tried.after)
    if label == "COD_INITIATED" and ReasonKind.OVERDUE in kinds(tried.after):
        return "cash is called overdue"
    if label not in WAITING or not is_late(newest_date(tried.after), tried.after):
        return None
    is_seen = ReasonKind.OVERDUE in kinds(tried.after)
    return None if is_seen else f"the order is {label} past its end of life, and nobody is asked"
