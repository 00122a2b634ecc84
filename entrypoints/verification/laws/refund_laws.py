"""Laws of refunds: when one is called, when it ends, who hears of it, and what is taken over from elsewhere.

This is the refund protocol in a second wording.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

from paystate.core.evidence import Evidence
from paystate.core.orders.attempt import UNNAMED
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.commands.refund_commands import EndRefundCall, RequestRefund, SendRefund
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Refused
from paystate.core.orders.order import Order
from paystate.core.orders.reason import ReasonKind
from paystate.core.orders.refund import LastCall, Refund
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.policy import Policy
from paystate.entrypoints.verification.inputs import FINAL_REFUSAL, IN_TIME, SAFE_REFUSAL
from paystate.entrypoints.verification.laws import books as own
from paystate.entrypoints.verification.laws.answers_seen import (
    TriedOrder,
    entries,
    evidence_of,
    fitting,
    id_of,
    kinds,
    last,
    minor,
    ours,
    refund_kind,
)
from paystate.entrypoints.verification.laws.books import books
from paystate.entrypoints.verification.laws.money_laws import effects_of, told_so_far

_SPACED: Final = timedelta(seconds=5)


# --- when one is called -----------------------------------------------------------------------------------------------


def called_wrongly(policy: Policy) -> Callable[[TriedOrder], str | None]:
    """Whether a call is made, or set free, that may be one too many."""

    def broken(tried: TriedOrder) -> str | None:
        if isinstance(what := tried.offer.what, SendRefund):
            is_ended = tried.after.refunds[what.refund_id].state == "REJECTED"  # judged where refunds end
            return None if is_ended else _sent_wrongly(tried, policy)
        for one in ours(tried.after):
            if one.refund_id != id_of(one):
                return f"the key {one.key} has got a second id"
            if one.refund_id not in tried.before.refunds and not isinstance(what, RequestRefund):
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
    if any(at and tried.offer.now - at < _SPACED for at in equal):
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
    if fitting(tried) is None:
        return False
    return was.refund_id not in {entry.refund_id for entry in entries(tried)} and (
        tried.offer.what.asked >= was.sent_version
    )


def sent_in_doubt(tried: TriedOrder) -> str | None:
    """Whether money is sent that no longer may: evidence came between the reservation and the call."""
    what, order = tried.offer.what, tried.before
    if not isinstance(what, SendRefund) or tried.after.refunds[what.refund_id].state == "REJECTED":
        return None
    if (room := own.most_room(order)) < 0:
        return f"a refund is sent, and {-room} more is promised than may be given back"
    if held := own.doubts(order):
        return f"a refund is sent although {held[0]} is open"
    if others := own.twins(order, order.refunds[what.refund_id]):
        return f"a refund is sent again, and Juspay lists {others[0]} of the same amount and time"
    if what.refund_id in own.waiting(order):
        return "a refund is sent that was asked for before Juspay's own failed, and nobody has looked"
    return None


def call_withheld(policy: Policy) -> Callable[[TriedOrder], str | None]:
    """Whether a refund that may be sent is not, or is stuck and calls nobody."""

    def broken(tried: TriedOrder) -> str | None:
        order = tried.after
        for one in ours(order) if not own.is_unsure(order) else ():  # what is in doubt waits for a look
            has_call_left = one.tries - one.not_sent < policy.refund_tries_max
            wrong = _kept_back(order, one) if one.state == "REQUESTED" and has_call_left else None
            if wrong and not _may_send(order, one, policy):
                return wrong
        return None

    return broken


def _kept_back(order: Order, one: Refund) -> str | None:
    """What is wrong with a refund if it may not be sent."""
    never_left = one.tries == one.not_sent and one.last_call in (LastCall.NONE, LastCall.NOT_SENT)
    if never_left:
        return f"refund {one.key} never left and may not be sent" if _is_free(order, one) else None
    is_missed = 0 <= one.sent_version <= one.last_unlisted_at_version
    is_silent = is_missed and not open_reasons(order)
    return f"refund {one.key} may not be sent again, and nobody is asked" if is_silent else None


def _is_free(order: Order, one: Refund) -> bool:
    """Whether nothing speaks against sending it; where money has no name, more may than is worked out here."""
    is_sure = UNNAMED not in order.attempts and books(order).room >= 0 and not own.is_unsure(order)
    waits = one.refund_id in own.waiting(order)
    waits = waits or (bool(one.txn_id) and own.left_of(order, one.txn_id) < 0)  # its own amount is counted in already
    return is_sure and not waits and not own.doubts(order) and not own.twins(order, one)


def _may_send(order: Order, one: Refund, policy: Policy) -> bool:
    if one.state != "REQUESTED":
        return False
    result = decide(order, SendRefund(one.refund_id), policy, IN_TIME + timedelta(days=1))
    return not isinstance(result, Refused) and result.after.refunds[one.refund_id].tries > one.tries


# --- when one ends ----------------------------------------------------------------------------------------------------


def ended_wrongly(policy: Policy) -> Callable[[TriedOrder], str | None]:
    """Whether a refund ends that may have been made, or has no call left and calls nobody."""

    def broken(tried: TriedOrder) -> str | None:
        if tried.after is tried.before:
            return _kept_wrongly(tried)
        for one in ours(tried.after):
            was = tried.before.refunds.get(one.refund_id)
            if was and one.state == "REJECTED" != was.state and not (_is_clear_no(tried, was) or _is_void(tried, was)):
                return f"refund {one.key} counts as refused, and may have been made"
            is_spent = one.state == "REQUESTED" and one.tries - one.not_sent >= policy.refund_tries_max
            is_ended = one.last_call is LastCall.UNKNOWN or (was is not None and _is_missed(tried, was))
            if is_spent and is_ended and ReasonKind.REFUND_UNKNOWN not in kinds(tried.after):
                return f"refund {one.key} has no call left, and nobody is asked"
        return None

    return broken


def _kept_wrongly(tried: TriedOrder) -> str | None:
    """Whether a refund that cannot be sent for want of money, and never was, is kept waiting at its turn."""
    if not isinstance(what := tried.offer.what, SendRefund) or UNNAMED in tried.before.attempts:
        return None
    one = tried.before.refunds[what.refund_id]
    is_kept = one.state == "REQUESTED" and _is_void(tried, one)
    return f"refund {one.key} has no room, was never sent, and is kept" if is_kept else None


def _is_clear_no(tried: TriedOrder, was: Refund) -> bool:
    """Whether Juspay refuses for good the only call that can have reached it."""
    what = tried.offer.what
    is_final = isinstance(what, EndRefundCall) and what.refusal == FINAL_REFUSAL
    return is_final and was.tries - was.not_sent == 1


def _is_void(tried: TriedOrder, was: Refund) -> bool:
    """Whether it was to be sent, cannot be for want of money, and no call of it can have reached Juspay."""
    is_turn = isinstance(tried.offer.what, SendRefund) and tried.offer.what.refund_id == was.refund_id
    return is_turn and was.tries == was.not_sent and books(tried.before).room < 0


def end_untold(tried: TriedOrder) -> str | None:
    """Whether the merchant is not told how a refund ended."""
    told = {"SUCCESS": "refund.succeeded", "FAILURE": "refund.failed", "REJECTED": "refund.failed"}
    for name, one in tried.after.refunds.items():
        was = tried.before.refunds.get(name)
        is_new = (was is None or was.state != one.state) and one.state in told
        if is_new and f"{told[one.state]}:{name}" not in told_so_far(tried.after) | effects_of(tried):
            return f"refund {name} has become {one.state}, and nobody is told"
    return None


# --- what is found elsewhere, and what is unclear ---------------------------------------------------------------------


def found_elsewhere(tried: TriedOrder) -> str | None:
    """Whether a refund that Juspay lists is not taken over, counted and told."""
    for one in entries(tried):
        after = tried.after.refunds.get(one.refund_id)
        if after is None:
            return f"refund {one.refund_id} is listed and not taken over"
        if after.key is None and (after.amount_minor < minor(one.amount) or one.automatic > after.automatic):
            return f"refund {one.refund_id} is listed with {one.amount}, and {after.amount_minor} is taken over"
        is_fit = after.key is None or after.amount_minor == minor(one.amount)
        if is_fit and after.state != "SUCCESS" and after.references.done_minor < minor(one.done):
            return f"{one.done} of refund {one.refund_id} is back, and that is not kept"
        is_new = one.refund_id not in tried.before.refunds
        if is_new and f"refund.found:{one.refund_id}" not in told_so_far(tried.after) | effects_of(tried):
            return f"refund {one.refund_id} is taken over in silence"
    is_back = status(tried.after) == "AUTO_REFUNDED" != status(tried.before)
    if is_back and "order.auto_refunded" not in told_so_far(tried.after):
        return "Juspay gave the money back and nobody was told"
    return None


def unclear_unseen(tried: TriedOrder) -> str | None:
    """Whether a refund that has become unclear, or that Juspay denies after a verdict, calls nobody."""
    seen = {reason.refund_id for reason in open_reasons(tried.after)}
    for name, one in tried.after.refunds.items():
        was = tried.before.refunds.get(name)
        is_new = was is None or was.state != one.state
        if is_new and one.state in ("UNKNOWN", "MANUAL_REVIEW") and name not in seen:
            return f"refund {name} has become {one.state}, and nobody is asked"
        if own.twins(tried.after, one) and ReasonKind.REFUND_UNKNOWN not in kinds(tried.after):
            return f"refund {name} may be listed under another name, and nobody is asked"
        if wrong := _asked_of_others(tried.after, one):
            return f"refund {name} cannot be {min(wrong)}, and a person is asked whether it is"
        denied = ("refund", name, one.same_as)
        is_asked = any(parts[:-1] == denied for parts in evidence_of(tried.after, ReasonKind.DENIED))
        if one.same_as and not one.observations and own.counts(tried.after, one) and not is_asked:
            return f"refund {name} was found to be {one.same_as}, that one has failed, and nobody is asked"
    return next(_contradicted_unseen(tried), None)


def _asked_of_others(order: Order, one: Refund) -> set[str]:
    """Refunds that a person is asked about as if they might be this one."""
    told = [parts for parts in evidence_of(order, ReasonKind.REFUND_UNKNOWN) if parts[0] == one.refund_id]
    named = {name for _, *rest in told for names in rest for name in names.split(",")}
    return named.intersection(order.refunds) - {*own.twins(order, one)}


def _contradicted_unseen(tried: TriedOrder) -> Iterator[str]:
    """A person found it done, and Juspay tells something else since."""
    for one in entries(tried) if isinstance(tried.offer.what, Evidence) else ():
        was, told = tried.before.refunds.get(one.refund_id), refund_kind(one)
        if was is None or was.state != "SUCCESS" or not was.settled_from_state or minor(one.amount) != was.amount_minor:
            continue
        is_news = told not in (was.settled_from_state, "SUCCESS") and "SUCCESS" not in was.observations
        is_newest = tried.offer.what.asked >= was.settled_asked and tried.offer.what.asked > last(was.observations)
        denied = ("refund", one.refund_id, told)
        asked = [reason.evidence for reason in open_reasons(tried.after) if reason.kind is ReasonKind.DENIED]
        if is_news and is_newest and not any(parts[:-1] == denied for parts in asked):
            yield f"refund {one.refund_id} was found done, Juspay says {one.status}, and nobody is asked"
