"""An order: one sale of the merchant's, and everything known, said and asked about it.

This is the record, and how facts change it. What follows from the record is in `derived`; what may be done with it is
in `commands`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import wraps
from itertools import accumulate
from typing import Any, Final, TypeVar

from attrs import evolve as with_changes
from attrs import field, frozen

from paystate.core.ids import OrderKey
from paystate.core.lifecycle.observations import NONE_SEEN, Observations
from paystate.core.money import Money
from paystate.core.orders.attempt import CLASSES, Attempt
from paystate.core.orders.facts import (
    Announcement,
    Cancelled,
    Cash,
    Dispute,
    Eligible,
    Fact,
    FactKind,
    Mention,
    Mismatch,
    Opened,
    PriceChange,
    SettledReason,
)
from paystate.core.orders.forgetting import without_customer, word_without
from paystate.core.orders.hold import HoldOperation
from paystate.core.orders.refund import Refund
from paystate.core.requester import Requester

NOT_FOUND: Final = "NOT_FOUND"
ANSWER_CLASSES: Final = (NOT_FOUND, *CLASSES)
"""Classes of answers about the order itself, ties going to the later one."""

FollowsT = TypeVar("FollowsT")


@frozen(kw_only=True)
class Order:
    """One order.

    Attributes:
        version: Number of journal rows; 1 when just opened.
        latest: Known: what was said about the order itself, by class.
        attempts: Known: by transaction id, `""` for one that no answer names.
        refunds: Known and asked: by refund id.
        holds: Asked: captures and releases of held money, by id, in the order in which they were taken.
        mismatches: Known: every field that was ever answered differently from ours.
        eligible: Known: what Juspay itself will still refund, from the newest answer that told it.
        expires_at: Known: the earliest `order_expiry` that Juspay told.
        mentioned: Hinted: transactions that webhooks name and no answer had shown so, each with the strongest word.
        mentioned_since: The version after that word was noted; `mentions` has both together.
        disputes: Hinted: every chargeback that a webhook told of.
        prices_taken: Said: prices in minor units that a person found to be right, beside the order's own.
        process_signed_at: Asked: when the newest process payload was handed out; looks count from here.
        announced: Told: everything that the merchant is told.
        settled: Said: a person's word on a reason, by the reason's key.
        cash: Said: what became of cash on delivery.
        cancelled: Said: the merchant does not want the sale any more.
        amended: Said and shown: the price, where it was changed before payment.
        amended_by: Said: who asked for that price, where it is known.
        amended_since: The version from which `amended` holds, or 0; answers asked before it may know another price.
        price_change: Asked: a price that Juspay has not confirmed yet.
        requesters: Said: who asked for what a journal row records, by the version after it, where it is known.
        unsure_for: Said: the instant since which the record may have forgotten something; None for never.
        unsure_since: The version at which that was said, or -1.
    """

    opened: Opened
    version: int
    created_at: datetime
    updated_at: datetime
    latest: Observations = field(default=NONE_SEEN, hash=False)
    attempts: Mapping[str, Attempt] = field(factory=dict[str, Attempt], hash=False)
    refunds: Mapping[str, Refund] = field(factory=dict[str, Refund], hash=False)
    holds: Mapping[str, HoldOperation] = field(factory=dict[str, HoldOperation], hash=False)
    mismatches: frozenset[Mismatch] = frozenset()
    eligible: Eligible | None = None
    expires_at: datetime | None = None
    mentioned: Mapping[str, str] = field(factory=dict[str, str], hash=False)
    mentioned_since: Mapping[str, int] = field(factory=dict[str, int], hash=False)
    disputes: frozenset[Dispute] = frozenset()
    prices_taken: frozenset[int] = frozenset()
    process_signed_at: datetime | None = None
    announced: frozenset[Announcement] = frozenset()
    settled: Mapping[str, SettledReason] = field(factory=dict[str, SettledReason], hash=False)
    cash: Cash | None = None
    cancelled: Cancelled | None = None
    amended: Money | None = None
    amended_by: Requester | None = None
    amended_since: int = 0
    price_change: PriceChange | None = None
    requesters: Mapping[int, Requester] = field(factory=dict[int, Requester], hash=False)
    unsure_for: datetime | None = None
    unsure_since: int = -1
    _memo: dict[str, Any] = field(factory=dict[str, Any], init=False, eq=False, repr=False)

    @property
    def key(self) -> OrderKey:
        """Its name."""
        return OrderKey(self.opened.merchant_id, self.opened.order_id)

    @property
    def amount(self) -> Money:
        """What the shopper is to pay."""
        return self.amended or self.opened.amount

    @property
    def opened_by(self) -> Requester | None:
        """Who opened it, where that is known."""
        return self.asked_by(1)

    def asked_by(self, version: int) -> Requester | None:
        """Who asked for what the journal records under this version, where that is known."""
        return self.requesters.get(version)

    @property
    def mentions(self) -> Mapping[str, Mention]:
        """What webhooks name, by transaction."""
        return {name: Mention(word, self.mentioned_since.get(name, 0)) for name, word in self.mentioned.items()}

    @property
    def is_unsure(self) -> bool:
        """Whether the record may have forgotten something, and no answer has come since that was said."""
        asked = max([seen.asked_last for seen in self.latest.values()], default=-1)
        return asked < self.unsure_since

    @property
    def closes_at(self) -> datetime:
        """End of life: the earlier of Juspay's own expiry and the merchant's fulfilment window."""
        window_ends = self.created_at + timedelta(seconds=self.opened.window_s)
        return window_ends if self.expires_at is None else min(window_ends, self.expires_at)

    @staticmethod
    def memoized(work_out: Callable[[Order], FollowsT]) -> Callable[[Order], FollowsT]:
        """Work out once for each record what follows from it: no record changes, so neither does what follows."""

        name = f"{work_out.__module__}.{work_out.__qualname__}"  # not the function itself: a record can be pickled

        @wraps(work_out)
        def known(order: Order) -> FollowsT:
            follows: FollowsT
            try:
                follows = order._memo[name]
            except KeyError:
                follows = order._memo[name] = work_out(order)
            return follows

        return known

    def take_over(self, other: Order) -> None:
        """Take over what was worked out of another record, from which just the same follows."""
        self._memo.update(other._memo)


def evolve(order: Order | None, fact: Fact) -> Order:
    """Apply one fact; asks no rule.

    Raises:
        ValueError: The first fact does not open an order, or a later one does.
    """
    if order is None:
        if fact.opened is None:
            raise ValueError("a journal begins with the order being opened")
        created_at = fact.opened.sold_at or fact.at
        order = Order(opened=fact.opened, version=0, created_at=created_at, updated_at=fact.at)
    elif fact.opened is not None:
        raise ValueError("an order is opened once")
    elif fact.kind is FactKind.CUSTOMER_FORGOTTEN:
        order = _without_customer(order)
    return Order(
        opened=order.opened,
        version=order.version + 1,
        created_at=order.created_at,
        updated_at=fact.at,
        latest={**order.latest, **fact.latest} if fact.latest else order.latest,
        attempts={**order.attempts, **{a.txn_id: a for a in fact.attempts}} if fact.attempts else order.attempts,
        refunds={**order.refunds, **{r.refund_id: r for r in fact.refunds}} if fact.refunds else order.refunds,
        holds={**order.holds, **{h.hold_id: h for h in fact.holds}} if fact.holds else order.holds,
        mismatches=order.mismatches.union(fact.mismatches) if fact.mismatches else order.mismatches,
        eligible=fact.eligible or order.eligible,
        expires_at=fact.expires_at or order.expires_at,
        mentioned={**order.mentioned, **fact.mentioned} if fact.mentioned else order.mentioned,
        mentioned_since=(
            {**order.mentioned_since, **fact.mentioned_since} if fact.mentioned_since else order.mentioned_since
        ),
        disputes=order.disputes.union(fact.disputes) if fact.disputes else order.disputes,
        prices_taken=order.prices_taken.union(fact.prices_taken) if fact.prices_taken else order.prices_taken,
        process_signed_at=fact.process_signed_at or order.process_signed_at,
        announced=order.announced.union(fact.announced) if fact.announced else order.announced,
        settled={**order.settled, **{s.reason: s for s in fact.settled}} if fact.settled else order.settled,
        cash=fact.cash or order.cash,
        cancelled=fact.cancelled or order.cancelled,
        amended=fact.amended or order.amended,
        amended_by=_price_asked_by(order, fact) if fact.amended else order.amended_by,
        amended_since=order.version + 1 if fact.amended else order.amended_since,
        price_change=None if fact.price_change_over else fact.price_change or order.price_change,
        requesters=_requesters(order, fact),
        unsure_for=fact.unsure_for or order.unsure_for,
        unsure_since=order.version + 1 if fact.unsure_for else order.unsure_since,
    )


def _without_customer(order: Order) -> Order:
    customer, words = order.opened.customer, order.settled.values()
    return with_changes(
        order,
        opened=without_customer(order.opened),
        settled={one.reason: word_without(one, customer) for one in words},
        cash=order.cash and word_without(order.cash, customer),
        cancelled=order.cancelled and word_without(order.cancelled, customer),
    )


def _requesters(order: Order, fact: Fact) -> Mapping[int, Requester]:
    """Who asked for what the record still shows; it is as bounded as that is.

    Those of a refund, a capture, a release and of the order itself stay. That of a price change goes with the change.
    """
    known, change = order.requesters, order.price_change
    if change and (fact.price_change or fact.price_change_over):
        known = {version: by for version, by in known.items() if version != change.asked}
    shows = fact.opened or fact.refunds or fact.holds or fact.price_change
    return {**known, order.version + 1: fact.by} if fact.by and shows else known


def _price_asked_by(order: Order, fact: Fact) -> Requester | None:
    """Who asked for the price that `fact` brings: in the fact itself, or when its change was begun."""
    return order.asked_by(order.price_change.asked) if order.price_change else fact.by


def history(journal: Iterable[Fact]) -> Iterator[tuple[Fact, Order]]:
    """Each fact with the order as it was after it, oldest first."""
    order: Order | None = None
    for fact in journal:
        order = evolve(order, fact)
        yield fact, order


def fold(journal: Iterable[Fact]) -> Order | None:
    """Rebuild an order from its journal; None for an empty one."""
    order: Order | None = None
    for fact in journal:
        order = evolve(order, fact)
    return order


def known_by(journal: Iterable[Fact], instant: datetime) -> Sequence[Fact]:
    """The facts that were known at `instant`.

    A journal keeps its own order even where the clock was set back in between: a fact counts from the latest time that
    was told up to it.
    """
    facts = [*journal]
    since = accumulate((fact.at for fact in facts), max)
    return [fact for fact, begins in zip(facts, since, strict=True) if begins <= instant]


def order_at(journal: Iterable[Fact], instant: datetime) -> Order | None:
    """Rebuild an order as it was known at `instant`; None before it was opened."""
    return fold(known_by(journal, instant))
