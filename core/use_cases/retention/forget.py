"""Forget a customer: everything that tells who they are goes, and what became of their money stays."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from attrs import frozen

from paystate.core.checkouts.checkout import ForgetCustomerOf
from paystate.core.checkouts.checkout import decide as decide_checkout
from paystate.core.errors import ValueInvalid
from paystate.core.finding.filters import Filter
from paystate.core.finding.index_entry import Name, NameKind
from paystate.core.ids import CheckoutKey, OrderKey
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.commands.forget_commands import ForgetCustomer
from paystate.core.orders.facts import Refused
from paystate.core.policy import Policy
from paystate.core.ports.store import Store
from paystate.core.requester import Requester
from paystate.core.use_cases.context import Ports
from paystate.core.use_cases.finding.orders import every_order
from paystate.core.use_cases.transact import transact


@frozen
class KeptOrder:
    """An order whose customer stays for now, and what is open of it."""

    order_id: str
    owed: str


@frozen(kw_only=True)
class Forgotten:
    """What came of forgetting a customer.

    Attributes:
        orders, checkouts: How many have nobody's name any more.
        kept: Orders with which something is still open; forget the customer again once it has ended.
    """

    orders: int
    checkouts: int
    kept: Sequence[KeptOrder]


async def forget(ports: Ports, policy: Policy, merchant_id: str, customer_id: str, by: Requester) -> Forgotten:
    """Forget a customer in every order of a merchant's, and in every checkout but those of orders that keep them.

    Each order is a transaction of its own, so this may be ended anywhere and done again. One with which something is
    open keeps its customer, so it is found again by their id.

    Raises:
        ValueInvalid: `invalid_customer_id` for no id at all, which would be every guest's.
    """
    _check(customer_id)
    orders, kept = 0, list[KeptOrder]()
    for key in await _orders(ports.store, merchant_id, customer_id):
        decided = await transact(ports, policy, key, ForgetCustomer(by=by))
        if isinstance(decided, Refused):
            kept.append(_kept(key, decided))
        orders += not isinstance(decided, Refused)
    checkouts = 0
    async for checkout in _checkouts(ports.store, merchant_id, customer_id, kept):
        await ports.store.transact_checkout(
            checkout, lambda known: decide_checkout(known, ForgetCustomerOf(by), policy, ports.clock.now())
        )
        checkouts += 1
    return Forgotten(orders=orders, checkouts=checkouts, kept=kept)


async def would_forget(ports: Ports, policy: Policy, merchant_id: str, customer_id: str, by: Requester) -> Forgotten:
    """What `forget` would come to; changes nothing, and raises as it does."""
    _check(customer_id)
    orders, kept = 0, list[KeptOrder]()
    for key in await _orders(ports.store, merchant_id, customer_id):
        decided = decide(await ports.store.load(key), ForgetCustomer(by=by), policy, ports.clock.now())
        if isinstance(decided, Refused):
            kept.append(_kept(key, decided))
        orders += not isinstance(decided, Refused)
    checkouts = [one async for one in _checkouts(ports.store, merchant_id, customer_id, kept)]
    return Forgotten(orders=orders, checkouts=len(checkouts), kept=kept)


def _kept(key: OrderKey, refused: Refused) -> KeptOrder:
    return KeptOrder(key.order_id, dict(refused.facts)["owed"])


def _check(customer_id: str) -> None:
    if not customer_id:
        raise ValueInvalid("invalid_customer_id", rule="must not be empty: that is every guest")


async def _orders(store: Store, merchant_id: str, customer_id: str) -> Sequence[OrderKey]:
    """The customer's orders; of those that are found, some may be another's whose id differs in case."""
    which = Filter(names=(Name.of(NameKind.CUSTOMER, customer_id),))
    found = every_order(store, merchant_id, which)
    return [order.key async for order in found if order.opened.customer.customer_id == customer_id]


async def _checkouts(
    store: Store, merchant_id: str, customer_id: str, kept: Sequence[KeptOrder]
) -> AsyncGenerator[CheckoutKey]:
    """The customer's checkouts without those in which an order is paid that keeps them: its shopper may be at it."""
    in_use, after = {one.order_id.lower() for one in kept}, ""
    while True:
        page, after = await store.checkouts_of_customer(merchant_id, customer_id, after=after)
        for checkout in page:
            if checkout.order_id.lower() not in in_use:
                yield checkout.key
        if not after:
            return
