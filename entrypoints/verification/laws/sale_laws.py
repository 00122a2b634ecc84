"""Laws of what the merchant says of its own sale: cash, cancelling, another price, and a record in doubt.

These are the commands in a second wording, for the worlds that offer them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from paystate.core.evidence import Evidence, NotFound, OrderAnswer
from paystate.core.orders.attempt import UNNAMED
from paystate.core.orders.commands.forget_commands import ForgetCustomer
from paystate.core.orders.commands.hold_commands import SendHoldCall
from paystate.core.orders.commands.price_commands import AmendOrder, EndPriceChange
from paystate.core.orders.commands.refund_commands import SendRefund
from paystate.core.orders.commands.sale_commands import CancelOrder, DoubtRecord, RecordCash
from paystate.core.orders.derived import status
from paystate.core.orders.facts import PriceChange, Refused
from paystate.core.orders.fulfilment import may_fulfil
from paystate.core.orders.order import Order
from paystate.core.orders.reason import ReasonKind
from paystate.core.orders.review.giving_back import GiveBack, due_back
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.orders.timing.next_step import next_at
from paystate.core.policy import Policy
from paystate.entrypoints.verification.inputs import CURRENCY
from paystate.entrypoints.verification.laws import books as own
from paystate.entrypoints.verification.laws import unwanted_seen
from paystate.entrypoints.verification.laws.answers_seen import (
    TriedOrder,
    evidence_of,
    fitting,
    kinds,
    minor,
    names_us,
    tells_money,
)
from paystate.entrypoints.verification.laws.books import MONEY, books
from paystate.entrypoints.verification.laws.money_laws import UNPAID, effects_of
from paystate.entrypoints.verification.search import Law

_BY_POLICY: Final = "cancelled:"
"""How the key of a refund begins that the merchant's policy asks for."""
_HALF_A_MINUTE: Final = timedelta(seconds=30)
_SOON: Final = timedelta(minutes=2)
_NOT_ENDED: Final = ("NEW", "FAILED", "PENDING", "UNKNOWN", "AUTHORIZED")
_YEAR: Final = timedelta(days=365)


# --- cash -------------------------------------------------------------------------------------------------------------


def cash_wrong(tried: TriedOrder) -> str | None:
    """Whether the merchant's word on the cash is taken that may not be, changes later, or moves money."""
    what, before, after = tried.offer.what, tried.before, tried.after
    if not isinstance(what, RecordCash):
        return None if after.cash == before.cash else "what became of the cash has changed, and nobody said so"
    was = before.cash.outcome if before.cash else None
    may = was == what.outcome or (was is None and status(before) == "COD_INITIATED")
    if may == isinstance(tried.result, Refused):
        return f"the word that the cash was {what.outcome} is {'refused' if may else 'taken'}, and it was {was}"
    if may and (after.cash is None or after.cash.outcome != what.outcome):
        return "what became of the cash is forgotten"
    if may and was is None and f"order.cash_{what.outcome}" not in effects_of(tried):
        return "the merchant is not told of its own word on the cash"
    return "a word on the cash has moved money" if _money(before) != _money(after) else None


def _money(order: Order) -> object:
    return order.latest, order.attempts, order.refunds, order.eligible


# --- cancelling -------------------------------------------------------------------------------------------------------


def cancelled_wrongly(tried: TriedOrder) -> str | None:
    """Whether a sale is called off that is paid, or is not when it may be, or is wanted again."""
    what, before, after = tried.offer.what, tried.before, tried.after
    if not isinstance(what, CancelOrder):
        return None if after.cancelled == before.cancelled else "the order was cancelled, or wanted again, by nobody"
    if before.cancelled:
        is_quiet = after is before and not isinstance(tried.result, Refused)
        return None if is_quiet else "an order that was cancelled is cancelled anew"
    may = status(before) in (*UNPAID, "PENDING", "UNKNOWN", "EXPIRED")
    if may == isinstance(tried.result, Refused):
        return f"an order that is {status(before)} is {'not ' if may else ''}cancelled"
    if may and not (after.cancelled and "order.cancelled" in effects_of(tried)):
        return "an order is cancelled, and that is forgotten or not told"
    return "cancelling has moved money" if _money(before) != _money(after) else None


def goods_of_cancelled(tried: TriedOrder) -> str | None:
    """Whether the goods of a sale that is over may go out, and no person has taken the money for them."""
    order, why = tried.after, unwanted_seen.unwanted(tried.after)
    if not why or unwanted_seen.took_unwanted(order):
        return None
    if "order.paid" in effects_of(tried):
        return f"order.paid is announced of an order that was {why}, and no person has taken the money"
    is_wrong = may_fulfil(order)
    return f"the goods of an order that was {why} may go out, and nobody took its money" if is_wrong else None


def late_money_unseen(tried: TriedOrder) -> str | None:
    """Whether money came for a sale that is over, and nobody is asked."""
    order = tried.after
    if not unwanted_seen.unwanted(order) or (UNNAMED in order.attempts and (order.refunds or order.settled)):
        return None  # how much of it is back, and which one was judged, is not sure then
    is_back = 0 < books(order).kept <= books(order).back_of_kept
    came = unwanted_seen.came_or_held(order) - (unwanted_seen.came_in(order) if is_back else set())
    told = evidence_of(order, ReasonKind.LATE_SUCCESS)
    asked = {parts[-1] for parts in told if parts[:-1] == (unwanted_seen.unwanted(order),)}
    return f"{min(came - asked)} took money, or holds it, and nobody is asked" if came - asked else None


def given_back_wrongly(policy: Policy) -> Callable[[TriedOrder], str | None]:
    """Whether the policy gives money back that it may not, twice, or not at all."""

    def broken(tried: TriedOrder) -> str | None:
        order, due = tried.after, due_back(tried.after, policy)
        by_policy = [one for one in order.refunds.values() if (one.key or "").startswith(_BY_POLICY)]
        if sum(one.amount_minor for one in by_policy) > books(order).captured and UNNAMED not in order.attempts:
            return "the policy has given back more than was captured"
        if due is None:
            return "money came for a cancelled order and is kept" if _must_go_back(order, policy) else None
        at = None if isinstance(tried.result, Refused) else tried.result.next_look_at
        if not isinstance(tried.result, Refused) and (at is None or at > tried.offer.now):
            return "money is to go back, and nobody does it now"
        return _wrongly_due(order, policy, due)

    return broken


def _must_go_back(order: Order, policy: Policy) -> bool:
    """Whether nothing at all speaks against giving back what came."""
    is_wanted = policy.refund_when_cancelled and order.cancelled and not unwanted_seen.taken_unwanted(order)
    is_clear = not order.refunds and UNNAMED not in order.attempts and not own.doubts(order)
    return bool(is_wanted) and is_clear and not own.is_unsure(order) and books(order).refundable > 0


def _wrongly_due(order: Order, policy: Policy, due: GiveBack) -> str | None:
    if not policy.refund_when_cancelled or not order.cancelled:
        return "money is to go back, and nobody wanted that"
    if own.is_unsure(order) or own.doubts(order):
        return "money is to go back while it is in doubt"
    if any(one.key == due.key for one in order.refunds.values()):
        return "a payment is to go back a second time"
    stand = [one for one in own.captured_attempts(order) if one.state != "AUTO_REFUNDED"]
    paid = next((one for one in stand if due.key.endswith(f":{one.txn_id}")), None)
    if paid is None:
        return "a payment is to go back that took nothing"
    if due.amount.amount_minor > min(own.taken(order)[paid.txn_id], books(order).refundable):
        return "more is to go back of a payment than it took, or than is left"
    is_taken = paid.txn_id in unwanted_seen.taken_unwanted(order)
    return f"{paid.txn_id} is to go back, and a person has taken it" if is_taken else None


# --- another price ----------------------------------------------------------------------------------------------------


def price_changed_wrongly(tried: TriedOrder) -> str | None:
    """Whether the price changes otherwise than by the merchant's word and, where Juspay may know it, Juspay's."""
    what, before, after = tried.offer.what, tried.before, tried.after
    if own.price(before) == own.price(after):
        return None
    if any(one.state in MONEY for one in before.attempts.values()):
        return "the price has changed after money was proved"
    change = before.price_change
    if isinstance(what, AmendOrder):
        is_right = not _may_be_known(before) and what.amount.amount_minor == own.price(after)
        return None if is_right else "the price was changed here, and Juspay may know another"
    if change is None or not isinstance(what, Evidence) or not _shows(what, change, before):
        return "the price has changed, and no answer asked since shows it"
    return None if own.price(after) == change.amount.amount_minor else "the price is not the one that was asked for"


def _may_be_known(order: Order) -> bool:
    """Whether a payload that makes the order at Juspay was handed out, or anything has named it since."""
    is_shown = any(kind != "NOT_FOUND" for kind in order.latest)
    return order.process_signed_at is not None or is_shown or bool(order.mentioned or order.mismatches)


def _shows(what: Evidence, change: PriceChange, order: Order) -> bool:
    """Whether an answer to a question asked since the change shows the new price, or that there is no such order."""
    body = what.answer.body
    if what.asked < change.asked or what.refunds_only:
        return False
    if isinstance(body, NotFound):
        return not any(kind != "NOT_FOUND" for kind in order.latest)
    return isinstance(body, OrderAnswer) and names_us(body) and minor_of(body) == change.amount.amount_minor


def amended_wrongly(tried: TriedOrder) -> str | None:
    """Whether a price may be changed while somebody pays, or may not be while nobody does."""
    what, before, after = tried.offer.what, tried.before, tried.after
    if not isinstance(what, AmendOrder):
        is_begun = after.price_change is not None and after.price_change != before.price_change
        return "a change of the price was begun by nobody" if is_begun else None
    wanted = before.price_change.amount.amount_minor if before.price_change else own.price(before)
    is_same = (what.amount.amount_minor, what.amount.currency) == (wanted, CURRENCY)
    if is_same:
        return None if after is before and not isinstance(tried.result, Refused) else "the same price is not the same"
    may = _may_be_amended(tried)
    if may is None:
        return None
    if may == isinstance(tried.result, Refused):
        return f"the price of an order that is {status(before)} may {'' if may else 'not '}be changed"
    if not may or own.price(after) == what.amount.amount_minor:
        return None
    asked = after.price_change and (after.price_change.amount, after.price_change.asked)
    return None if asked == (what.amount, after.version) else "another price is wanted, and that is forgotten"


def _may_be_amended(tried: TriedOrder) -> bool | None:
    """Whether nobody has paid and nobody is known to be paying, the order is wanted, and the price is one.

    None where Juspay's newest word is of another payment than one that was seen under way.
    """
    order, amount = tried.before, tried.offer.what.amount
    is_price = amount.amount_minor > 0 and amount.currency == CURRENCY
    is_idle = order.cancelled is None and order.price_change is None and tried.offer.now < order.closes_at
    told = {wrong.juspay_status for wrong in order.mismatches}
    is_unpaid = status(order) in UNPAID and not told & own.WORDS_OF_PAYING
    may = is_price and is_idle and is_unpaid
    return None if may and any(one.state in own.UNDER_WAY for one in order.attempts.values()) else may


def change_ended_wrongly(tried: TriedOrder) -> str | None:
    """Whether a change of the price ends that is still on its way, or goes on when it has ended."""
    what, change = tried.offer.what, tried.before.price_change
    if change is None:
        return None
    is_over = tried.after.price_change is None
    if isinstance(what, EndPriceChange):
        return None if is_over == (what.asked == change.asked) else "a call that ended has not ended its own change"
    if not isinstance(what, Evidence):
        return "a change of the price has ended, and nothing told so" if is_over else None
    if _shows(what, change, tried.before):
        return None if is_over else "the new price is shown, and still counts as on its way"
    body = fitting(tried)
    if body is None or what.refunds_only:
        return "a change has ended by an answer that does not fit" if is_over else None
    if tells_money(body):  # at a price that a person took
        return None if is_over else "the order is paid, and a change of its price is still on its way"
    if own.price(tried.before) in tried.before.prices_taken:
        return None  # a person has taken the old price, and money at it may still come
    is_unmade = minor_of(body) == own.price(tried.before) and what.asked >= change.asked
    is_late = tried.offer.now - change.at >= _HALF_A_MINUTE
    return None if is_over == (is_unmade and is_late) else "a change has ended too early, or not at all"


def minor_of(body: OrderAnswer) -> int:
    """The price that an answer names, or -1."""
    return -1 if body.amount is None else minor(body.amount)


def mismatch_of_the_price(tried: TriedOrder) -> str | None:
    """Whether a person is asked about another price that is the order's own by now, or is not about one that is not."""
    asked = {*evidence_of(tried.after, ReasonKind.MISMATCH)}
    others = own.mismatches(tried.after)
    return None if len(asked) == len(others) else f"{len(others)} answers did not fit, and {len(asked)} are asked about"


# --- a record in doubt ------------------------------------------------------------------------------------------------


def sent_unsure(tried: TriedOrder) -> str | None:
    """Whether a call that moves money is made while the record may have forgotten one."""
    what, before, after = tried.offer.what, tried.before, tried.after
    if not own.is_unsure(before) or not isinstance(what, SendRefund | SendHoldCall):
        return None
    is_sent = any(one.tries > before.refunds[name].tries for name, one in after.refunds.items())
    is_sent |= any(one.tries > before.holds[name].tries for name, one in after.holds.items())
    return "a call that moves money is made while the record is in doubt" if is_sent else None


def doubt_wrong(tried: TriedOrder) -> str | None:
    """Whether a doubt is not taken, ends by itself, or takes away what a person is asked."""
    what, before, after = tried.offer.what, tried.before, tried.after
    if isinstance(what, DoubtRecord):
        is_new = what.since != before.unsure_for
        if is_new and not own.is_unsure(after):
            return "the record is doubted, and counts as sure"
        if not is_new and after is not before:
            return "the same doubt again has changed something"
        if _money(before) != _money(after):
            return "a doubt has moved money"
        gone = _asked_of_known(before) - _asked_of_known(after)
        return f"a doubt has taken {min(gone)} away" if gone else None
    if not own.is_unsure(before) or own.is_unsure(after):
        return None
    is_heard = isinstance(what, Evidence) and what.asked >= before.unsure_since and not what.refunds_only
    is_about = is_heard and (isinstance(what.answer.body, NotFound) or fitting(tried) is not None)
    return None if is_about else "the doubt has ended, and no answer to a question asked since has come"


def _asked_of_known(order: Order) -> set[str]:
    """The open reasons, but for those of refunds that were asked for in doubt: these are about the doubt itself."""
    doubted = {name for name, one in order.refunds.items() if one.doubted}
    return {reason.key for reason in open_reasons(order) if reason.refund_id not in doubted}


# --- a customer who is forgotten --------------------------------------------------------------------------------------


def forgotten_wrongly(policy: Policy) -> Callable[[TriedOrder], str | None]:
    """Whether a customer is forgotten with whom something is open, or is not, or takes more along than themselves."""

    def broken(tried: TriedOrder) -> str | None:
        what, before, after, now = tried.offer.what, tried.before, tried.after, tried.offer.now
        if not isinstance(what, ForgetCustomer):
            return None if before.opened == after.opened else "the order has another customer, and nobody asked for it"
        if not before.opened.customer.customer_id:
            return None if after is before else "a customer who is forgotten is forgotten anew"
        is_open = _is_open(before, policy, now)
        if is_open != isinstance(tried.result, Refused):
            return "a customer with whom something is open is forgotten" if is_open else "a customer is not forgotten"
        if not is_open and after.opened.customer.customer_id:
            return "a customer is forgotten, and is still known"
        return "forgetting has moved money" if _money(before) != _money(after) else None

    return broken


def _is_open(order: Order, policy: Policy, now: datetime) -> bool:
    """Whether anything may still have to be said to the customer."""
    is_awaited = status(order) == "COD_INITIATED" and order.cash is None
    is_asked = bool(kinds(order)) or any(refund.is_open for refund in order.refunds.values())
    is_looked_at = now < order.closes_at or next_at(order, policy, now) is not None
    return is_awaited or is_asked or is_looked_at or status(order) in _NOT_ENDED


# --- looks ------------------------------------------------------------------------------------------------------------


def looks_wrong(policy: Policy) -> Callable[[TriedOrder], str | None]:
    """Whether nobody looks at what only an answer can end, or looks at what is left alone for ever."""

    def broken(tried: TriedOrder) -> str | None:
        order, now = tried.after, tried.offer.now
        at = next_at(order, policy, now)
        if own.is_unsure(order) and not order.mismatches:  # until Juspay has answered at all
            return None if at and at <= now else "the record is in doubt, and nobody looks at once"
        if order.price_change and now < order.closes_at and not (at and at - now <= _SOON):
            return "another price is on its way, and nobody will look soon"
        return None if _rests(order, policy, now) else "the order is left alone, and is looked at for ever"

    return broken


def _rests(order: Order, policy: Policy, now: datetime) -> bool:
    """Whether looks have ended a year later, but for what is to be sent or given back."""
    later = now + _YEAR
    at = next_at(order, policy, later)
    is_to_be_done = due_back(order, policy) or any(one.state == "REQUESTED" for one in order.refunds.values())
    return at is None or bool(is_to_be_done) or any(not one.is_refused for one in order.holds.values())


# --- all of them ------------------------------------------------------------------------------------------------------


def sale_laws(policy: Policy) -> tuple[Law[Order], ...]:
    """Every law of the merchant's own words, under one policy."""
    return (
        Law("C1", "What became of the cash is said once, of an order that is paid in cash, and moves no money.",
            cash_wrong),
        Law("C2", "A sale is called off while its status tells of nothing paid or held and no cash, and then for ever.",
            cancelled_wrongly),
        Law("C3", "The goods of an order that was cancelled, or came back unpaid, stay, unless a person took all of"
            " its money.",
            goods_of_cancelled),
        Law("C4", "Money for an order that was cancelled, or came back unpaid, calls a person until all of it is back.",
            late_money_unseen),
        Law("C5", "By policy a cancelled order's payment goes back once, at once, without doubt, as far as it was"
            " captured, and not if a person took all that came.", given_back_wrongly(policy)),
        Law("P1", "The price changes only by the merchant's word and, where Juspay may know the order, its answer to a"
            " question asked since; never after money is proved.", price_changed_wrongly),
        Law("P2", "A price may be changed while nobody is seen to pay, one change at a time, and not else.",
            amended_wrongly),
        Law("P3", "A change ends when Juspay shows it, has not made it, or refuses it, or was not reached.",
            change_ended_wrongly),
        Law("P4", "A price that nobody had paid is no mismatch once it is the order's own; every other one is.",
            mismatch_of_the_price),
        Law("D1", "While the record is in doubt no call moves money.", sent_unsure),
        Law("D2", "A doubt ends only by an answer to a question asked since, and takes away no reason.", doubt_wrong),
        Law("L1", "What only an answer can end is looked at; what is left alone is not looked at for ever.",
            looks_wrong(policy)),
        Law("F1", "A customer is forgotten by a person's word once nothing is open, for ever, and no money moves.",
            forgotten_wrongly(policy)),
    )  # fmt: skip
