"""What must hold of every step of an order: every law, by name.

The laws of people, hints, repeats and looks are here too. Whatever the laws compare is worked out a second time, from
the observations alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from paystate.core.evidence import Evidence, SdkEvent, SignedReturn, WebhookEvent
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.commands.open_commands import SignProcess
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Decision, Refused
from paystate.core.orders.order import Order, evolve
from paystate.core.orders.reason import Reason, ReasonKind, Verdict
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.policy import Policy
from paystate.entrypoints.verification.inputs import CUSTOMER, IN_TIME, ORDER
from paystate.entrypoints.verification.laws import (
    answer_laws,
    claims,
    hold_laws,
    money_laws,
    refund_laws,
)
from paystate.entrypoints.verification.laws import books as own
from paystate.entrypoints.verification.laws.answer_laws import WAITING
from paystate.entrypoints.verification.laws.answers_seen import TriedOrder
from paystate.entrypoints.verification.laws.money_laws import UNPAID
from paystate.entrypoints.verification.search import Asked, Law

HINTS: Final = (
    SdkEvent(name="process_result", status="charged"),
    SignedReturn(order_id=ORDER, status="CHARGED"),
    WebhookEvent(event_id="evt-1", name="ORDER_SUCCEEDED"),
)
_SOON: Final = timedelta(hours=4)
"""Between two looks at an order of some hours, while something about it is open."""
UNDECIDED: Final = ("REQUESTED", "UNKNOWN", "PENDING", "MANUAL_REVIEW")


# --- people -----------------------------------------------------------------------------------------------------------


def settled_wrongly(tried: TriedOrder) -> str | None:
    """Whether a person cannot settle what is open, or moves more than a refund of unknown end."""
    what, before, after = tried.offer.what, tried.before, tried.after
    if not isinstance(what, Settle):
        return None
    reason = next((one for one in open_reasons(before) if one.key == what.reason), None)
    if reason is None:
        return None if isinstance(tried.result, Refused) else "a person has settled what was not open"
    if isinstance(tried.result, Refused):
        fits = what.verdict in _verdicts(before, reason)
        return f"no person can settle {reason.key} as {what.verdict}" if fits else None
    if what.verdict not in _verdicts(before, reason):
        return f"{reason.key} was settled as {what.verdict}, which it cannot be"
    if (before.attempts, before.latest) != (after.attempts, after.latest):
        return "a person has moved a payment"
    if any(one.key == reason.key for one in open_reasons(after)):
        return f"{reason.key} was settled and is still open"
    if (price := _price(reason)) and price not in after.prices_taken:
        return f"{reason.key} was settled as {what.verdict}, and answers at that price still count for nothing"
    if reason.kind is ReasonKind.DISPUTE:
        if before.refunds != after.refunds:
            return "a person has moved a refund by a word on a dispute"
        return _charged_back_wrongly(before, after, reason, what.verdict)
    ends = {Verdict.DONE: "SUCCESS", Verdict.NOT_DONE: "FAILURE"}.get(what.verdict)
    if ends is None:
        return None if before.refunds == after.refunds else "a person has moved a refund by a word on something else"
    others = own.twins(before, before.refunds[reason.refund_id]) if what.verdict is Verdict.DONE else []
    if others and after.refunds[reason.refund_id].same_as not in others:
        return f"refund {reason.refund_id} was found to be one that Juspay lists already, and counts beside it"
    is_moved = after.refunds[reason.refund_id].state == ends
    return None if is_moved else f"refund {reason.refund_id} was settled as {what.verdict} and has not moved"


def _charged_back_wrongly(before: Order, after: Order, reason: Reason, verdict: Verdict) -> str | None:
    dispute_id, word = reason.evidence[0], after.settled[reason.key]
    if (word.kind, word.dispute_id) != (reason.kind, dispute_id):
        return f"a word on the dispute {dispute_id} is kept as one on {word.dispute_id or 'none'}"
    told = max((one.amount_minor for one in before.disputes if one.dispute_id == dispute_id), default=0)
    right = (told or own.most_taken_by_the_bank(before, dispute_id)) if verdict is Verdict.DONE else 0
    taken = word.charged_back_minor
    return None if taken == right else f"the bank took {right}, and {taken} is kept"


def _verdicts(order: Order, reason: Reason) -> set[Verdict]:
    """How a person may settle it: what may be either both ways, as a payment that the merchant need not take."""
    one = order.refunds.get(reason.refund_id)
    is_ours = one is not None and one.key is not None
    is_unclear = one is not None and one.state in ("REQUESTED", "UNKNOWN", "MANUAL_REVIEW")
    is_word_against_word = one is not None and one.state == "SUCCESS" and "SUCCESS" not in one.observations
    ends = {
        ReasonKind.REFUND_UNKNOWN: is_unclear,
        ReasonKind.REFUND_REVIEW: is_unclear,
        ReasonKind.DENIED: is_word_against_word and (is_ours or bool(one and one.settled_from_state)),
    }
    if one is not None and ends.get(reason.kind):
        was_never_made = one.state == "REQUESTED" and one.tries <= one.not_sent
        is_forgotten = was_never_made and reason.kind is ReasonKind.REFUND_UNKNOWN  # the twin is another refund
        return {Verdict.NOT_DONE} if is_forgotten else {Verdict.DONE, Verdict.NOT_DONE}
    if reason.kind is ReasonKind.DISPUTE and own.DISPUTE_LOST in reason.evidence[-1]:
        return {Verdict.DONE, Verdict.NOT_DONE}
    is_unwanted = reason.kind is ReasonKind.LATE_SUCCESS and reason.evidence[:-1] in (("cancelled",), ("returned",))
    may_be_declined = _price(reason) or is_unwanted
    return {Verdict.ACCEPTED, Verdict.DECLINED} if may_be_declined else {Verdict.ACCEPTED}


def _price(reason: Reason) -> int:
    """The other price that it is about, in minor units; 0 where it is about none."""
    is_price = reason.kind is ReasonKind.MISMATCH and reason.evidence[0] == "amount"
    return int(reason.evidence[-1]) * 100 if is_price and reason.evidence[-1].isdigit() else 0


def signed_wrongly(tried: TriedOrder) -> str | None:
    """Whether the shopper may pay what is not to be paid, or may not pay what is."""
    what, label = tried.offer.what, status(tried.before)
    if not isinstance(what, SignProcess):
        return None
    is_unpaid, is_over = label in (*UNPAID, "PENDING", "UNKNOWN"), tried.offer.now >= tried.before.closes_at
    is_wanted = tried.before.cancelled is None and tried.before.price_change is None
    may = is_unpaid and is_wanted and not is_over and what.customer_id == CUSTOMER
    if may == isinstance(tried.result, Refused):
        when = "after" if is_over else "before"
        return f"{what.customer_id} may{' not' if may else ''} pay an order that is {label}, {when} its end of life"
    return None


# --- hints, and the rest ----------------------------------------------------------------------------------------------


def hint_taken(policy: Policy) -> Callable[[TriedOrder], str | None]:
    """Whether a hint is decided upon like an answer."""

    def broken(tried: TriedOrder) -> str | None:
        for hint in HINTS:
            what: Any = hint
            try:
                decide(tried.after, what, policy, IN_TIME)
            except AssertionError:  # no case is for it
                continue
            return f"a hint ({type(hint).__name__}) is decided upon like an answer"
        return None

    return broken


def repeat_noticed(policy: Policy) -> Callable[[TriedOrder], str | None]:
    """Whether the same answer, or the same webhook, once more writes something."""

    def broken(tried: TriedOrder) -> str | None:
        what = tried.offer.what
        if not isinstance(what, Evidence | NoteWebhook):
            return None
        again = decide(tried.after, what, policy, tried.offer.now)
        is_quiet = isinstance(again, Decision) and again.fact is None and again.after is tried.after
        return None if is_quiet else "the same answer once more writes something"

    return broken


def fact_differs(tried: TriedOrder) -> str | None:
    """Whether the fact is not the change."""
    if isinstance(tried.result, Refused) or tried.result.fact is None:
        return None if tried.after is tried.before else "something changed and no fact says so"
    is_told = evolve(tried.before, tried.result.fact) == tried.after
    return None if is_told and tried.after.version == tried.before.version + 1 else "the fact does not tell the change"


def is_open(order: Order) -> bool:
    """Whether a payment or a refund of it may still come or go."""
    is_shown = order.process_signed_at is not None or any(kind != "NOT_FOUND" for kind in order.latest)
    is_waiting = is_shown and status(order) in (*WAITING, *UNPAID)
    return is_waiting or any(one.state in UNDECIDED for one in order.refunds.values())


def unwatched(tried: TriedOrder) -> str | None:
    """Whether nobody will look at what is open."""
    if isinstance(tried.result, Refused):
        return None
    at, now = tried.result.next_look_at, tried.offer.now
    is_paid = any(one.state in own.MONEY for one in tried.after.attempts.values())
    is_soon = at is not None and at <= now + _SOON
    if is_paid and not is_soon and _is_unexplained(tried.after) and now < tried.after.closes_at:
        return "a payment is not explained, and nobody will look at it soon"
    if at is not None:
        return None
    if _is_unexplained(tried.after):
        return "a payment is not explained, and nobody will look at it again"
    if is_open(tried.after):
        return "the order is open, and nobody will look at it again"
    is_cash = status(tried.after) == "COD_INITIATED" and tried.offer.now < tried.after.closes_at
    return "the order waits for cash, and nobody will look at it again" if is_cash else None


def _is_unexplained(order: Order) -> bool:
    return any(f"unexplained_payment:{name}" not in order.settled for name in claims.unexplained(order))


def order_laws(policy: Policy) -> tuple[Law[Order], ...]:
    """Every law of orders, under one policy."""
    return (
        *_laws_of_money(policy),
        *_laws_of_refunds(policy),
        *_laws_of_answers(policy),
        *_laws_of_holds(policy),
        *_other_laws(policy),
    )


def _laws_of_money(policy: Policy) -> tuple[Law[Order], ...]:
    return (
        Law("I1", "Money once proved is never unproved.", money_laws.unproved, Asked.OF_EVERY_CHANGE),
        Law("I2", "Money is proved by an answer that says so of this very order, and by nothing else.",
            money_laws.unfounded, Asked.OF_EVERY_CHANGE),
        Law("I2b", "A fitting answer that says money was taken is always heard.", money_laws.unheard),
        Law("I2c", "What an answer tells was paid, captured, or may still be refunded is kept, and no more than that.",
            money_laws.sum_unheard, Asked.OF_EVERY_CHANGE),
        Law("I3", "No decision of ours promises more than was captured, or anything while money is in doubt; captured,"
            " given back, reserved and refundable follow from what Juspay told.",
            money_laws.overspent, Asked.OF_EVERY_CHANGE),
        Law("I3b", "A refund that can be made is never refused, and a key is one refund for ever.",
            money_laws.refund_withheld(policy)),
        Law("I9", "What an order and a refund were opened with never changes, but for a forgotten customer.",
            money_laws.changed_for_ever, Asked.OF_EVERY_CHANGE),
        Law("I10", "order.paid is told at most once, and once if the goods may go out.", money_laws.announced),
        Law("I10b", "The goods go out for what is paid, settled and not given back.",
            money_laws.goods_wrong, Asked.OF_EVERY_STATE),
        Law("I12b", "A payment that is named and not explained calls a person while money stands.",
            money_laws.unexplained_unseen, Asked.OF_EVERY_CHANGE),
        Law("I12c", "Money that Juspay or the bank failed to move, or disputes, calls a person at once.",
            money_laws.failed_unseen, Asked.OF_EVERY_STATE),
        Law("I12d", "Goods that were released for money given back since call a person.",
            money_laws.withdrawn, Asked.OF_EVERY_CHANGE),
        Law("I12f", "Two payments that stand call a person, also where each answer names one.",
            money_laws.second_charge_unseen, Asked.OF_EVERY_STATE),
        Law("I13b", "Only an answer about the order moves what is known of it, and a webhook no money.",
            money_laws.hinted_money, Asked.OF_EVERY_CHANGE),
        Law("I13c", "What a webhook names is kept.", money_laws.name_forgotten),
        Law("I18", "The status follows from what is known; an unknown word is neither success nor failure.",
            money_laws.wrong_label, Asked.OF_EVERY_STATE),
    )  # fmt: skip


def _laws_of_refunds(policy: Policy) -> tuple[Law[Order], ...]:
    return (
        Law("I3c", "No refund is sent without room for it, in doubt, or beside another that may be the same.",
            refund_laws.sent_in_doubt, Asked.OF_EVERY_CHANGE),
        Law("I6", "A refund is called again only if no earlier call can have reached Juspay.",
            refund_laws.called_wrongly(policy), Asked.OF_EVERY_CHANGE),
        Law("I6b", "A refund ends only as Juspay's list, a clear no or a person says, or unsent for want of money.",
            refund_laws.ended_wrongly(policy)),
        Law("I6c", "A refund that may be sent will be, and one that is stuck calls a person.",
            refund_laws.call_withheld(policy), Asked.OF_EVERY_STATE),
        Law("I12", "Refunds made elsewhere, on the order or a leg, are taken over, counted and told.",
            refund_laws.found_elsewhere),
        Law("I12e", "The merchant is told how each refund ended.", refund_laws.end_untold, Asked.OF_EVERY_CHANGE),
        Law("I23c", "A refund that is unclear, or denied after a verdict, calls a person each time.",
            refund_laws.unclear_unseen, Asked.OF_EVERY_CHANGE),
    )  # fmt: skip


def _laws_of_answers(policy: Policy) -> tuple[Law[Order], ...]:
    return (
        Law("I11", "Only an answer dated after the end of life ends an order; late money counts.",
            answer_laws.wrong_end, Asked.OF_EVERY_CHANGE),
        Law("I15", "The same answer, or the same webhook, once more writes nothing.",
            repeat_noticed(policy), Asked.OF_EVERY_ARRIVAL),
        Law("I17", "An older answer never undoes a newer one, and the newest soft answer wins.",
            answer_laws.wrong_winner),
        Law("I17b", "A newer answer that denies proved money makes a person look.",
            answer_laws.denial_unheard, Asked.OF_EVERY_CHANGE),
        Law("I19", "An answer that does not fit moves nothing, opens a reason and alerts once; to a refund call it"
            " opens none.", answer_laws.mismatch_taken),
        Law("I23b", "What waits past its end of life is overdue, and cash never is.",
            answer_laws.not_overdue, Asked.OF_EVERY_STATE),
    )  # fmt: skip


def _laws_of_holds(policy: Policy) -> tuple[Law[Order], ...]:
    return (
        Law("H6", "A capture or release is taken within what is held, in no doubt, and refused only for a reason.",
            hold_laws.asked_wrongly(policy)),
    )  # fmt: skip


def _other_laws(policy: Policy) -> tuple[Law[Order], ...]:
    return (
        Law("I13", "A hint has no way into the rules.", hint_taken(policy), Asked.OF_EVERY_STATE),
        Law("I23", "Everything open, and every payment that is not explained, has a next look.", unwatched),
        Law("T4", "A person can settle every open reason, and moves nothing but a refund of unknown end.",
            settled_wrongly),
        Law("pay", "The shopper may pay what is not paid, held, cancelled or over, while no other price is on its way,"
            " and nothing else.", signed_wrongly),
        Law("I35", "The fact tells the whole change.", fact_differs),
    )  # fmt: skip
