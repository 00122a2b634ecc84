"""The worlds of what the merchant says: cash, a cancelled sale, another price, a record in doubt.

Their laws are in `sale_laws`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import evolve

from paystate.core.evidence import Trust
from paystate.core.ids import refund_id_for
from paystate.core.lifecycle.statuses import Paid, Refunded
from paystate.core.money import Money
from paystate.core.orders.commands.forget_commands import ForgetCustomer
from paystate.core.orders.commands.price_commands import AmendOrder, EndPriceChange
from paystate.core.orders.commands.refund_commands import RequestRefund
from paystate.core.orders.commands.sale_commands import CancelOrder, DoubtRecord, RecordCash
from paystate.core.orders.facts import CashOutcome
from paystate.core.orders.order import Order
from paystate.core.orders.review.giving_back import due_back
from paystate.core.policy import DEFAULT, Policy
from paystate.core.requester import Requester
from paystate.entrypoints.verification.inputs import (
    CURRENCY,
    FULL,
    IN_TIME,
    MERCHANT,
    OPENED_AT,
    ORDER,
    TOO_LATE,
    WORDS,
    Ours,
    absent,
    always,
    amount_of,
    answer,
    calls,
    fresh,
    listed,
    process,
    request,
    told,
    verdicts,
    webhook,
)
from paystate.entrypoints.verification.laws.sale_laws import sale_laws
from paystate.entrypoints.verification.search import Offer, World
from paystate.entrypoints.verification.worlds.alike import in_small_numbers
from paystate.entrypoints.verification.worlds.hold_worlds import held_in_doubt
from paystate.entrypoints.verification.worlds.order_worlds import (
    EVERY_KIND,
    TWO_CALLS,
    accepted,
    answers,
    both,
    order_world,
    paid,
)

_GIVES_BACK: Final = evolve(DEFAULT, refund_when_cancelled=True)
_NEW_PRICE: Final = 12_000
_CHARGED, _NEW, _PENDING = WORDS[Paid.CHARGED], WORDS[Paid.NEW], WORDS[Paid.PENDING]
_MONEY: Final = str(Paid.CHARGED)
_LOOKS_OVER: Final = OPENED_AT + timedelta(seconds=DEFAULT.looks_end_s + 1)
_OURS: Final = Ours(name="k1", amount_minor=4000)


def sale_worlds(more: int = 0) -> Iterator[World[Order]]:
    """All of them; a large set goes some steps further."""
    yield _sale_in_every_status(2 + more)
    yield _cash(3 + more)
    yield _cancelled("a cancelled order is paid", DEFAULT, 3 + more)
    yield _cancelled("a cancelled order is paid and gives back", _GIVES_BACK, 3 + more)
    yield _another_price(4 + more)
    yield _in_doubt(4 + more)
    yield _forgotten(3 + more)
    yield _of_the_sale(held_in_doubt(3 + more, _doubts()), TWO_CALLS)


def _of_the_sale(world: World[Order], policy: Policy) -> World[Order]:
    return evolve(world, laws=(*sale_laws(policy), *world.laws))


# --- what the merchant says -------------------------------------------------------------------------------------------


def _cash_told() -> tuple[Offer, ...]:
    return tuple(
        Offer(
            message=f"The merchant says that the cash was {outcome}.",
            what=RecordCash(outcome=outcome, by=Requester("Ravi"), note="asked the courier"),
            now=IN_TIME,
            by=Trust.OPERATOR,
        )
        for outcome in CashOutcome
    )


def _cancels() -> Offer:
    what = CancelOrder(by=Requester("Meera"), note="called off")
    return Offer(message="The merchant cancels the order.", what=what, now=IN_TIME, by=Trust.OPERATOR)


def _amends(amount_minor: int, now: datetime = IN_TIME) -> Offer:
    amount = Money(amount_minor, CURRENCY)
    when = " after the end of life" if now >= TOO_LATE else ""
    return Offer(
        message=f"The backend changes the price to {amount} {CURRENCY}{when}.",
        what=AmendOrder(amount),
        now=now,
        by=Trust.MERCHANT,
    )


def _doubts() -> tuple[Offer, ...]:
    return tuple(
        Offer(
            message=f"The {which} restore from a backup throws doubt on the record.",
            what=DoubtRecord(since=OPENED_AT + timedelta(seconds=seconds)),
            now=IN_TIME,
            by=Trust.OPERATOR,
        )
        for seconds, which in ((0, "first"), (1, "second"))
    )


def _forgets() -> tuple[Offer, ...]:
    what = ForgetCustomer(by=Requester("Meera"))
    times = ((IN_TIME, "in time"), (TOO_LATE, "after the end of life"), (_LOOKS_OVER, "when looks have ended"))
    return tuple(
        Offer(message=f"A person has the customer forgotten {when}.", what=what, now=now, by=Trust.OPERATOR)
        for now, when in times
    )


# --- worlds -----------------------------------------------------------------------------------------------------------


def _sale_in_every_status(steps: int) -> World[Order]:
    full, half = (listed("elsewhere", minor, Refunded.SUCCESS) for minor in (FULL, FULL // 2))
    others = (
        answer(WORDS[Paid.FAILED], 2, dated=TOO_LATE),
        answer(WORDS[Paid.FAILED], 3, "t2"),
        *(answer(_CHARGED, 2, refunds=[row]) for row in (half, full)),
        answer(_CHARGED, 2, amount=amount_of(_NEW_PRICE), about="amount"),
    )
    reported = (*_cash_told(), _cancels(), _amends(_NEW_PRICE), _amends(0), _amends(_NEW_PRICE, TOO_LATE), process())
    world = order_world(
        "the merchant's word in every status",
        f"All ten classes, a late answer, refunds made elsewhere and money at another price; cash told, the order"
        f" cancelled, its price changed, in time and too late; at most {steps} steps.",
        always(*answers(EVERY_KIND, (2,)), *others, *reported),
        steps_max=steps,
    )
    return _of_the_sale(world, DEFAULT)


def _cash(steps: int) -> World[Order]:
    late = answer(WORDS[Paid.COD], 2, dated=TOO_LATE)
    kinds = (Paid.COD, Paid.FAILED, Paid.CHARGED)
    world = order_world(
        "cash on delivery",
        f"One attempt that is to be paid in cash, failed or charged, to two questions, one of them answered after the"
        f" end of life; cash told as collected or returned, the order cancelled, a refund, people's word, at most"
        f" {steps} steps.",
        both(always(*answers(kinds), late, *_cash_told(), _cancels(), process(), request(_OURS)), accepted),
        steps_max=steps,
    )
    return _of_the_sale(world, DEFAULT)


def _cancelled(name: str, policy: Policy, steps: int) -> World[Order]:
    """Money comes for an order that the merchant does not want any more."""
    told_so = (
        answer(WORDS[Paid.FAILED], 1),
        answer(WORDS[Paid.HELD], 1, "t2"),
        answer(_CHARGED, 2),
        answer(_CHARGED, 2, "t2"),
        answer(_CHARGED, 2, None),
        answer(WORDS[Paid.PARTIAL], 1),
        answer(WORDS[Paid.AUTO_REFUNDED], 2),
        answer(_CHARGED, 2, refunds=[listed("elsewhere", FULL, Refunded.SUCCESS)]),
        answer(_CHARGED, 2, currency="USD", about="currency"),
    )
    wants = "gives late money back" if policy.refund_when_cancelled else "leaves late money to a person"
    world = order_world(
        name,
        f"An order that was cancelled; one attempt that fails, is charged, in part or given back, another that is held"
        f" or charged, one without a name, a refund made elsewhere, another currency; a refund of ours, a doubt,"
        f" people's word; the policy {wants}; at most {steps} steps.",
        both(
            always(*told_so, _cancels(), process(), request(_OURS), _amends(_NEW_PRICE), _doubts()[0]),
            lambda order: _gives_back(order, policy),
            _listed_by_policy,
            _taken_or_declined,
        ),
        start=lambda policy: told(fresh(policy), _cancels(), policy=policy),
        policy=policy,
        steps_max=steps,
    )
    return _of_the_sale(world, policy)


def _gives_back(order: Order, policy: Policy) -> Iterator[Offer]:
    """What the worker does that finds money due back."""
    if due := due_back(order, policy):
        name = refund_id_for(MERCHANT, due.key)
        what = RequestRefund(key=due.key, refund_id=name, amount=due.amount, txn_id=due.txn_id, trust=Trust.SELF)
        message = f"The worker gives {due.amount} back under the key {due.key}."
        yield Offer(message=message, what=what, now=IN_TIME, by=Trust.SELF)


def _listed_by_policy(order: Order) -> Iterator[Offer]:
    """How Juspay lists what the policy gives back: done, or failed."""
    for txn_id in ("t1", "t2"):
        one = order.refunds.get(refund_id_for(MERCHANT, f"cancelled:{ORDER}:{txn_id}"))
        if one is not None:
            rows = [listed(one.refund_id, one.amount_minor, kind) for kind in (Refunded.SUCCESS, Refunded.FAILURE)]
            yield from (answer(_CHARGED, 2, txn_id, refunds=[row]) for row in rows)


def _taken_or_declined(order: Order) -> Iterator[Offer]:
    return (offer for offer in verdicts(order) if offer.what.verdict in ("accepted", "declined"))


def _another_price(steps: int) -> World[Order]:
    """The merchant changes the price, here or at Juspay, and answers at either price come early and late."""
    reported = (_amends(_NEW_PRICE), _amends(FULL), process(), webhook("t1"))
    world = order_world(
        "the price is changed",
        f"One attempt at each price; the price changed to one other and back, here or at Juspay, whose call ends or is"
        f" an older one's; answers with and without money at either price, in another currency, or that there is no"
        f" such order, to a question asked now, before the change, or a minute ago; people's word, at most {steps}"
        f" steps.",
        both(always(*reported), _prices_told, _changes_end, _taken_or_declined),
        representative=in_small_numbers,
        steps_max=steps,
    )
    return evolve(_of_the_sale(world, DEFAULT), known=_money_told)


def _prices_told(order: Order) -> Iterator[Offer]:
    new: dict[str, Any] = {"amount": amount_of(_NEW_PRICE), "about": "price"}
    in_dollars: dict[str, Any] = {**new, "currency": "USD"}
    since = order.price_change.asked if order.price_change else order.amended_since
    for asked, when in ((order.version, "now"), *([(since - 1, "before the change")] if since else [])):
        for word, was, is_now in ((_NEW, None, None), (_PENDING, "t1", "t1"), (_CHARGED, "t1", "t2")):
            yield answer(word, asked, was, when=when)
            yield answer(word, asked, is_now, when=when, **new)
    yield absent(order.version)
    yield answer(_NEW, order.version, None, when="now", **in_dollars)
    yield answer(_CHARGED, order.version, when="now", refunds_only=True, **new)
    later = IN_TIME + timedelta(minutes=1)
    late = answer(_NEW, order.version, None, dated=later, when="now, and answered a minute later")
    yield evolve(late, now=later)


def _changes_end(order: Order) -> Iterator[Offer]:
    if change := order.price_change:
        for asked, which in ((change.asked, "the call that changes it"), (change.asked - 1, "an older call")):
            what = EndPriceChange(asked=asked)
            yield Offer(message=f"Juspay refuses {which}.", what=what, now=IN_TIME, by=Trust.SELF)


def _money_told(order: Order) -> Hashable:
    """What must not depend on the order of answers where they may end a change: at which prices money was told.

    Whether it is proved or a person is asked does depend on it, for a change ends by whichever answer comes first; and
    an answer without money at the price of before is heard only until another price is shown (ADR 19).
    """
    proofs = (one.observations[_MONEY].reported for one in order.attempts.values() if _MONEY in one.observations)
    asked = {int(wrong.theirs) * 100 for wrong in order.mismatches if wrong.juspay_status == _CHARGED}
    return frozenset(asked | {said.particulars.price_minor for said in proofs})


def _in_doubt(steps: int) -> World[Order]:
    """A record that may have forgotten a refund, and a refund that was asked for since."""
    forgotten = [listed("forgotten", minor, Refunded.SUCCESS) for minor in (_OURS.amount_minor, 2 * _OURS.amount_minor)]

    def told_so(order: Order) -> Iterator[Offer]:
        for asked, when in ((order.version, "now"), (max(0, order.unsure_since - 1), "before the doubt")):
            yield answer(_CHARGED, asked, when=when)
            yield from (answer(_CHARGED, asked, refunds=[row], when=when) for row in forgotten)
        yield answer(_CHARGED, order.version, refunds=[listed(_OURS.refund_id, 4000, Refunded.SUCCESS)], when="now")
        yield answer(_CHARGED, order.version, currency="USD", about="currency", when="now")
        yield answer(_CHARGED, order.version, when="now", refunds_only=True)
        yield absent(order.version)

    world = order_world(
        "a record in doubt",
        f"A payment whose record is in doubt, and a refund of ours that was asked for since, and every end of a call;"
        f" Juspay lists it, none, or one that was forgotten, of its amount or twice that, to a question asked now or"
        f" before the doubt; another currency, no such order; the same doubt and another; people's word, at most"
        f" {steps} steps; calls permitted: {TWO_CALLS.refund_tries_max}.",
        both(always(*_doubts()), told_so, lambda order: calls(order, _OURS), verdicts),
        start=lambda policy: told(paid(policy), _doubts()[0], request(_OURS), policy=policy),
        policy=TWO_CALLS,
        representative=in_small_numbers,
        steps_max=steps,
    )
    return _of_the_sale(world, TWO_CALLS)


def _forgotten(steps: int) -> World[Order]:
    """A customer wants to be forgotten, at any time of an order's life."""
    told_so = (
        *answers((Paid.PENDING, Paid.FAILED, Paid.COD, Paid.CHARGED)),
        answer(WORDS[Paid.FAILED], 2, dated=TOO_LATE),
        answer(_CHARGED, 2, amount=amount_of(_NEW_PRICE), about="amount"),
        answer(_CHARGED, 2, refunds=[listed(_OURS.refund_id, 4000, Refunded.SUCCESS)]),
    )
    world = order_world(
        "a customer is forgotten",
        f"An order that can be paid; one attempt that is pending, failed, to be paid in cash or charged, to two"
        f" questions; a late answer, another amount, a refund of ours and its end, cash told, the order cancelled,"
        f" people's word; the customer forgotten in time, after the end of life and when looks have ended, at most"
        f" {steps} steps.",
        both(always(*told_so, *_forgets(), *_cash_told(), _cancels(), request(_OURS)), accepted),
        start=lambda policy: told(fresh(policy), process(), policy=policy),
        steps_max=steps,
    )
    return _of_the_sale(world, DEFAULT)
