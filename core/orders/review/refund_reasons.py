"""Review reasons of refunds: nobody knows how they ended, or Juspay denies what was known."""

from __future__ import annotations

from collections.abc import Iterator

from paystate.core.orders.amounts.refundable import has_room_for
from paystate.core.orders.amounts.twins import failed_as_another, listed_elsewhere
from paystate.core.orders.order import NOT_FOUND, Order
from paystate.core.orders.reason import Reason, ReasonKind
from paystate.core.orders.refund import Refund, RefundState


def refund_reasons(order: Order) -> Iterator[Reason]:
    """Refunds of which a person must find out how they ended."""
    for refund in order.refunds.values():
        yield from _refund_reasons(order, refund)


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


def denied_refunds(order: Order) -> Iterator[Reason]:
    """What Juspay, or a person, showed of a refund, and Juspay now denies."""
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
        evidence = (*evidence, str(refund.settled_asked))  # denied after another verdict, it is another reason
        message = "A person found the refund done, but Juspay says otherwise. Ask Juspay, then settle it again."
        return Reason(ReasonKind.DENIED, evidence, message, refund.refund_id, ends_refund=True)
    message = "Juspay reported the refund done and now denies it. It counts as done until a person has looked."
    return Reason(ReasonKind.DENIED, evidence, message, refund.refund_id)
