"""What may be done with an order: the commands, and `decide`.

Owns the commands' records, opening, signing and settling. Refund and evidence decisions stand in `refunding` and
`answering`; every refusal names the rule it comes from.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from attrs import evolve as with_changes
from attrs import field, frozen

from paystate.core.evidence import Evidence, Trust
from paystate.core.lifecycle.guards import (
    ACCEPTS,
    CLOSED,
    NO_PRICE,
    NO_VERDICT,
    NOT_OPEN,
    OPENED,
    ORDER_CANCELLED,
    ORDER_EXISTS,
    OTHER_CUSTOMER,
    PRICE_MOVES,
    SIGNED,
)
from paystate.core.lifecycle.table import Outcome
from paystate.core.money import Money
from paystate.core.orders import refund as refunds_table
from paystate.core.orders.amounts.disputes import disputes
from paystate.core.orders.amounts.totals import most_charged_back
from paystate.core.orders.amounts.twins import listed_elsewhere
from paystate.core.orders.answers import take_evidence
from paystate.core.orders.commands.hold_commands import (
    EndHoldCall,
    RequestCapture,
    RequestVoid,
    SendHoldCall,
    end_hold_call,
    request_capture,
    request_void,
    send_hold_call,
)
from paystate.core.orders.commands.price_commands import AmendOrder, EndPriceChange, amend_order, end_price_change
from paystate.core.orders.commands.refund_commands import (
    EndRefundCall,
    RequestRefund,
    SendRefund,
    end_refund_call,
    refund_of,
    request_refund,
    send_refund,
)
from paystate.core.orders.commands.sale_commands import (
    CancelOrder,
    DemandLook,
    RecordCash,
    cancel_order,
    demand_look,
    record_cash,
)
from paystate.core.orders.commands.webhook_claims import NoteWebhook, note_webhook
from paystate.core.orders.decision import Decided, decided, unchanged
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Fact, FactKind, Opened, Refused, Settlement
from paystate.core.orders.order import Order
from paystate.core.orders.permitted import PROCESS, TABLE, legal_now
from paystate.core.orders.review.reason import Reason, ReasonKind
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.policy import Policy
from paystate.core.text import NAME_MAX, NOTE_MAX, says_something
from paystate.core.timestamps import stamp


@frozen
class OpenOrder:
    """Open an order: local, nothing is sent."""

    opened: Opened


@frozen
class SignProcess:
    """Hand out a process payload for this order to a shopper."""

    customer_id: str


UNCLEAR: Final = "UNKNOWN"
"""The state of a refund whose verdict Juspay has denied."""


class Verdict(StrEnum):
    """What a person may find."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    """Of a payment at another price, or that nobody wants any more: it is to be given back, and the goods stay."""
    DONE = "done"
    NOT_DONE = "not_done"


@frozen(kw_only=True)
class Settle:
    """T4: close one open reason, by name and with words.

    Attributes:
        by: A person's name, 1 to `NAME_MAX` characters.
        note: What was found, 1 to `NOTE_MAX` characters on one line.

    Raises:
        ValueInvalid: `validation_failed`, at `/by` or `/note`: empty, too long, or with characters that show nothing.
    """

    reason: str
    verdict: Verdict
    by: str = field(validator=says_something(NAME_MAX))
    note: str = field(validator=says_something(NOTE_MAX))


Command = (
    OpenOrder
    | SignProcess
    | RequestRefund
    | SendRefund
    | EndRefundCall
    | RequestCapture
    | RequestVoid
    | SendHoldCall
    | EndHoldCall
    | Settle
    | NoteWebhook
    | RecordCash
    | CancelOrder
    | AmendOrder
    | EndPriceChange
    | DemandLook
)


def decide(order: Order | None, what: Command | Evidence, policy: Policy, now: datetime) -> Decided:
    """Decide one input; pure, so it may be run again on a newer record.

    Raises:
        LookupError: Anything but `OpenOrder` for an order that is not there, or a refund that the order does not have.
    """
    if isinstance(what, OpenOrder):
        return _open(order, what, policy, now)
    if order is None:
        raise LookupError("no such order")
    return _HANDLERS[type(what)](order, what, policy, now)


def _open(order: Order | None, what: OpenOrder, policy: Policy, now: datetime) -> Decided:
    if what.opened.amount.amount_minor <= 0:
        return Refused(code="invalid_amount", rule=NO_PRICE)
    if order is None:
        fact = Fact(at=now, kind=FactKind.OPENED, trust=Trust.MERCHANT, outcome=Outcome.MOVES, rules=(OPENED.id,),
                    opened=what.opened)  # fmt: skip
        return decided(None, fact, policy, now)
    if _asked_for(order.opened, what.opened) == _asked_for(what.opened, what.opened):
        return unchanged(order, Outcome.ALREADY, policy, now)
    return Refused(code="order_exists", rule=ORDER_EXISTS, looked_at=(("order_id", order.opened.order_id),))


def _asked_for(opened: Opened, again: Opened) -> Opened:
    """What was asked for, without what the merchant's policy of that day added.

    A backend that opens an order `again` need not know that it was adopted.
    """
    plain = with_changes(opened, window_s=0, discount_max_percent=100, hold_window_s=0, hold_warning_s=0)
    return plain if again.adopted else with_changes(plain, adopted=False, fulfilled=False, sold_at=None)


def _sign_process(order: Order, what: SignProcess, policy: Policy, now: datetime) -> Decided:
    if what.customer_id != order.opened.customer.customer_id:
        return Refused(code="customer_mismatch", rule=OTHER_CUSTOMER)  # first, so that a stranger learns nothing more
    if order.cancelled or order.price_change:
        rule = ORDER_CANCELLED if order.cancelled else PRICE_MOVES
        return Refused(code="order_not_payable", rule=rule, legal=("look",))
    label = status(order)
    step = TABLE.step(label, PROCESS)
    if step.rule.outcome is Outcome.REFUSED:
        return Refused(
            code="order_not_payable", rule=step.rule, looked_at=(("status", label),), legal=legal_now(order, now)
        )
    if now >= order.closes_at:
        looked_at = (("closes_at", stamp(order.closes_at)),)
        return Refused(code="order_not_payable", rule=CLOSED, looked_at=looked_at, legal=legal_now(order, now))
    fact = Fact(at=now, kind=FactKind.PROCESS_SIGNED, trust=Trust.MERCHANT, outcome=Outcome.MOVES,
                rules=(step.rule.id, SIGNED.id), process_signed_at=now)  # fmt: skip
    first_look_at = now + timedelta(seconds=policy.order_looks.first[0])
    return with_changes(decided(order, fact, policy, now), next_look_at=first_look_at)


def _settle(order: Order, what: Settle, policy: Policy, now: datetime) -> Decided:
    reason = next((r for r in open_reasons(order) if r.key == what.reason), None)
    if reason is None:
        return Refused(code="reason_not_open", rule=NOT_OPEN, legal=tuple(r.key for r in open_reasons(order)))
    if what.verdict not in verdicts_for(reason):
        return Refused(code="verdict_not_legal", rule=NO_VERDICT, legal=tuple(verdicts_for(reason)))
    word = Settlement(reason=reason.key, verdict=what.verdict, by=what.by, note=what.note, at=now)
    fact = Fact(
        at=now, kind=FactKind.SETTLED, trust=Trust.OPERATOR, outcome=Outcome.MOVES, rules=(ACCEPTS.id,), settled=(word,)
    )
    if reason.ends_dispute and what.verdict is Verdict.DONE:
        word = with_changes(word, charged_back_minor=_charged_back(order, reason))
        return decided(order, with_changes(fact, settled=(word,)), policy, now)
    if reason.price is not None:
        return _take_price(order, fact, reason.price, policy, now)
    if not reason.ends_refund:
        return decided(order, fact, policy, now)
    refund = refund_of(order, reason.refund_id)
    # A verdict that Juspay has denied since leaves the refund as unclear as it was before it.
    was, over = (UNCLEAR, refund.denied_by or "") if reason.kind is ReasonKind.DENIED else (refund.state, refund.state)
    step = refunds_table.TABLE.step(was, refunds_table.DONE if what.verdict is Verdict.DONE else refunds_table.NOT_DONE)
    says_which = what.verdict is Verdict.DONE and reason.kind is ReasonKind.REFUND_UNKNOWN
    twins = listed_elsewhere(order, refund) if says_which else ()
    moved = with_changes(
        refund,
        state=step.to,
        same_as=next(iter(twins), ""),
        settled_over=over,
        settled_asked=order.version + 1,
        settled_newest=max((seen.asked_last for seen in refund.sightings.values()), default=-1),
    )
    return decided(order, with_changes(fact, rules=(ACCEPTS.id, step.rule.id), refunds=(moved,)), policy, now)


def _charged_back(order: Order, reason: Reason) -> int:
    """What the bank took: as told, else one payment as far as it has not gone back otherwise."""
    lost = next(one for one in disputes(order) if one.key == reason.key)
    return lost.amount_minor or most_charged_back(order, lost.dispute_id)


def _take_price(order: Order, fact: Fact, price: Money, policy: Policy, now: datetime) -> Decided:
    """From here on answers at this price are evidence, so Juspay is asked again at once."""
    decision = decided(order, with_changes(fact, prices_taken=(price.amount_minor,)), policy, now)
    return with_changes(decision, next_look_at=now)


def verdicts_for(reason: Reason) -> tuple[Verdict, ...]:
    """The verdicts that settle `reason`.

    A refund of unknown end is found done or not done, and so is what the bank took back in a dispute; a payment at
    another price, or that nobody wants, is accepted, or declined and to be given back; all else is accepted.
    """
    if reason.ends_dispute:
        return Verdict.DONE, Verdict.NOT_DONE
    if reason.ends_refund:
        return (Verdict.DONE, Verdict.NOT_DONE) if reason.may_be_done else (Verdict.NOT_DONE,)
    return (Verdict.ACCEPTED, Verdict.DECLINED) if reason.may_be_declined else (Verdict.ACCEPTED,)


_HANDLERS: Final[dict[type, Callable[[Order, Any, Policy, datetime], Decided]]] = {
    SignProcess: _sign_process,
    RequestRefund: request_refund,
    SendRefund: send_refund,
    EndRefundCall: end_refund_call,
    RequestCapture: request_capture,
    RequestVoid: request_void,
    SendHoldCall: send_hold_call,
    EndHoldCall: end_hold_call,
    Settle: _settle,
    NoteWebhook: note_webhook,
    RecordCash: record_cash,
    CancelOrder: cancel_order,
    AmendOrder: amend_order,
    EndPriceChange: end_price_change,
    DemandLook: demand_look,
    Evidence: take_evidence,
}
