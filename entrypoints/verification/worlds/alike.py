"""Which orders count as one in a world, and how an order is described.

Left out of both: the version as such, times of our own, and announcements other than `order.paid`. Rules only compare
questions with each other, never count them, so the numbers may be made small.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from itertools import permutations
from typing import Final

from attrs import evolve

from paystate.core.lifecycle.observations import Observation, Observations
from paystate.core.orders.attempt import HARD, Attempt
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Announcement, AnnouncementKind
from paystate.core.orders.held_money import state_of
from paystate.core.orders.order import Order
from paystate.core.orders.refund import Refund, RefundState
from paystate.core.orders.review.reasons import open_reasons
from paystate.entrypoints.verification.inputs import OPENED_AT

PAID: Final = frozenset({Announcement(AnnouncementKind.ORDER_PAID)})


def key(order: Order) -> Hashable:
    """All that a later decision may look at, where no offer speaks of the newest version."""
    return (
        known(order),
        frozenset(order.refunds.values()),
        frozenset(order.mentions.items()),
        order.disputes,
        order.prices_taken,
        tuple(order.holds.values()),
        order.process_signed_at is not None,
        order.announced & PAID,
        frozenset((name, word.verdict, word.charged_back_minor) for name, word in order.settled.items()),
        _of_the_sale(order),
    )


def _of_the_sale(order: Order) -> Hashable:
    """What the merchant has said of its own sale, and the price as it stands."""
    cash = order.cash and order.cash.outcome
    doubt = order.unsure_for, order.unsure_since
    price = order.amended, order.amended_since, order.price_change
    return cash, order.cancelled is not None, price, doubt, order.opened.customer.customer_id


def key_with_version(order: Order) -> Hashable:
    """The same where one does."""
    return order.version, key(order)


def key_of_the_newest(order: Order) -> Hashable:
    """A shorter key: the oldest question is kept only of words that prove money, of others the newest alone counts."""
    kept = [order.latest, *(one.observations for one in order.attempts.values())]
    return (
        tuple(frozenset(_newest(kind, seen) for kind, seen in one.items()) for one in kept),
        frozenset((name, one.state) for name, one in order.attempts.items()),
        order.announced & PAID,
    )


def _newest(kind: str, seen: Observation) -> Hashable:
    return kind, seen.asked_last, seen.asked_first if kind in HARD else 0


def known(order: Order) -> Hashable:
    """What evidence alone has filled."""
    return (
        _seen(order.latest),
        frozenset((name, one.state, _seen(one.observations)) for name, one in order.attempts.items()),
        frozenset(_listed(one) for one in order.refunds.values()),
        order.mismatches,
        order.eligible,
        order.expires_at,
    )


def _seen(observations: Observations) -> Hashable:
    return frozenset(observations.items())


def _listed(one: Refund) -> Hashable:
    return one.refund_id, one.state, one.amount_minor, one.automatic, one.txn_id, one.since, _seen(one.observations)


# --- representatives --------------------------------------------------------------------------------------------------


def as_it_is(order: Order) -> Order:
    """Every order stands for itself."""
    return order


def alike(*names: str) -> Callable[[Order], Order]:
    """Of orders that differ only in which of these transactions is which, one stands for all."""

    def representative(order: Order) -> Order:
        return min((_renamed(order, names, others) for others in permutations(names)), key=_by_names)

    return representative


def _renamed(order: Order, names: tuple[str, ...], others: tuple[str, ...]) -> Order:
    to = dict(zip(names, others, strict=True))
    attempts = {to.get(name, name): evolve(one, txn_id=to.get(name, name)) for name, one in order.attempts.items()}
    return order if attempts == order.attempts else evolve(order, attempts=attempts)


def _by_names(order: Order) -> list[tuple[str, str, list[tuple[str, int, int]]]]:
    return [(name, one.state, _flat(one)) for name, one in sorted(order.attempts.items())]


def _flat(one: Attempt) -> list[tuple[str, int, int]]:
    return sorted((kind, seen.asked_first, seen.asked_last) for kind, seen in one.observations.items())


def in_small_numbers(order: Order) -> Order:
    """Questions are numbered anew in their old order, calls are counted no further than matters, times are one."""
    stamps = sorted({stamp for stamp in _stamps(order) if stamp >= 0})
    to = {stamp: number for number, stamp in enumerate(stamps, 1)} | {-1: -1}
    renamed = ((_settled_name(name, order, to), word) for name, word in order.settled.items())
    return evolve(
        order,
        version=to[order.version],
        latest=_numbered(order.latest, to),
        mentioned=dict(sorted(order.mentioned.items())),
        mentioned_since={name: to[since] for name, since in sorted(order.mentioned_since.items())},
        attempts={n: evolve(one, observations=_numbered(one.observations, to)) for n, one in order.attempts.items()},
        refunds={n: _numbered_refund(one, to) for n, one in sorted(order.refunds.items())},
        eligible=order.eligible and evolve(order.eligible, asked=to[order.eligible.asked]),
        amended_since=to[order.amended_since] if order.amended else 0,
        price_change=order.price_change and evolve(order.price_change, asked=to[order.price_change.asked]),
        unsure_since=to[order.unsure_since],
        process_signed_at=order.process_signed_at and OPENED_AT,
        announced=order.announced & PAID,
        settled={name: evolve(word, reason=name) for name, word in renamed if name},
    )


def in_small_numbers_and_sorted(order: Order) -> Order:
    """The same, and of two refunds of ours that differ only in which is which, one order stands for both."""
    order = in_small_numbers(order)
    ours = [one for one in order.refunds.values() if one.key is not None]
    in_turn = sorted(ours, key=lambda one: repr(evolve(one, refund_id="", key="")))
    if in_turn == ours or len({one.amount_minor for one in ours}) > 1:
        return order
    named = [evolve(then, refund_id=one.refund_id, key=one.key) for one, then in zip(ours, in_turn, strict=True)]
    return evolve(order, refunds={**order.refunds, **{one.refund_id: one for one in named}})


def _stamps(order: Order) -> Iterator[int]:
    yield order.version
    if order.eligible:
        yield order.eligible.asked
    if order.amended:
        yield order.amended_since
    if order.price_change:
        yield order.price_change.asked
    yield order.unsure_since
    yield from order.mentioned_since.values()
    kept = [order.latest, *(one.observations for one in order.attempts.values())]
    for refund in order.refunds.values():
        kept.append(refund.observations)
        yield from (
            _since_version(refund),
            refund.doubted_since,
            refund.sent_version,
            refund.last_unlisted_at_version,
            refund.settled_asked,
            refund.settled_newest,
        )
    for observations in kept:
        for seen in observations.values():
            yield from (seen.asked_first, seen.asked_last)


def _numbered(observations: Observations, to: Mapping[int, int]) -> Observations:
    return {
        kind: Observation(to[seen.asked_first], to[seen.asked_last], seen.reported)
        for kind, seen in sorted(observations.items())
    }


def _numbered_refund(one: Refund, to: Mapping[int, int]) -> Refund:
    uncounted = min(max(0, one.tries - _TRIES_TOLD_APART), one.not_sent)
    return evolve(
        one,
        since=one.since if one.key is None else OPENED_AT,
        since_version=to[_since_version(one)],
        observations=_numbered(one.observations, to),
        tries=one.tries - uncounted,
        not_sent=one.not_sent - uncounted,
        sent_at=one.sent_at and OPENED_AT,
        doubted_since=to[one.doubted_since],
        sent_version=to[one.sent_version],
        last_unlisted_at_version=to[one.last_unlisted_at_version],
        settled_asked=to[one.settled_asked],
        settled_newest=to[one.settled_newest],
    )


def _since_version(one: Refund) -> int:
    """When it was reserved, as long as that matters: what has ended or is listed is looked for under no other name."""
    return one.since_version if one.state == RefundState.REQUESTED else -1


_TRIES_TOLD_APART: Final = 4
"""More than the calls that the worlds' policies permit: a further call that never left adds nothing."""


_NUMBER_AT: Final = {"denied": 4, "refund_unknown": 2, "refund_review": 2}
"""Where a reason's key may hold the number of the verdict before it; the refund's id stands two or one before that."""


def _settled_name(name: str, order: Order, to: Mapping[int, int]) -> str | None:
    """A settled reason under its new number; None for one that names a verdict before the last."""
    parts = name.split(":")
    at = _NUMBER_AT.get(parts[0], len(parts))
    if len(parts) <= at or not parts[at].isdigit():
        return name
    refund = order.refunds[parts[2] if parts[0] == "denied" else parts[1]]
    if int(parts[at]) != refund.settled_asked:
        return None
    parts[at] = str(to[refund.settled_asked])
    return ":".join(parts)


# --- telling ----------------------------------------------------------------------------------------------------------


def tell(order: Order) -> str:
    """One order in one line."""
    return "; ".join(_told(order))


def _told(order: Order) -> Iterator[str]:
    yield str(status(order))
    for one in order.attempts.values():
        yield f"{one.txn_id or 'no transaction'} {one.state}{_heard(one.observations)}"
    for refund in order.refunds.values():
        calls = f", {refund.tries} calls" if refund.tries else ""
        heard = _heard(refund.observations)
        yield f"refund {refund.refund_id[:4]} of {refund.amount_minor} {refund.state}{calls}{heard}"
    yield f"about the order itself{_heard(order.latest) or ' nothing'}"
    for hold in order.holds.values():
        yield f"{hold.kind} of {hold.amount_minor} {state_of(order, hold)}, {hold.tries} calls"
    if order.eligible:
        yield f"{order.eligible.amount_minor} may be refunded, says Juspay at {order.eligible.asked}"
    yield from (f"a webhook named {name} {one.status_word} at {one.since}" for name, one in order.mentions.items())
    yield from _told_of_the_sale(order)
    yield from (f"open: {reason.key}" for reason in open_reasons(order))
    if PAID <= order.announced:
        yield "order.paid was announced"


def _told_of_the_sale(order: Order) -> Iterator[str]:
    if order.cash:
        yield f"the cash was {order.cash.outcome}"
    if order.cancelled:
        yield "cancelled"
    if order.amended:
        yield f"the price is {order.amended} since {order.amended_since}"
    if order.price_change:
        yield f"{order.price_change.amount} is on its way, asked at {order.price_change.asked}"
    if order.unsure_for:
        yield f"in doubt since {order.unsure_since}"


def _heard(observations: Observations) -> str:
    told = (f"{kind} at {seen.asked_first}..{seen.asked_last}" for kind, seen in observations.items())
    heard = ", ".join(told)
    return f" ({heard})" if heard else ""
