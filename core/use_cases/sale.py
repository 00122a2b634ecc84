"""What the merchant says of its own sale: cash, cancelling, another price, orders from before, a record in doubt."""

from __future__ import annotations

from attrs import frozen

from paystate.core.errors import GatewayRejected, GatewayUnreachable, OutcomeUnknown, PortError
from paystate.core.evidence import Answer, Evidence, NotFound
from paystate.core.ids import OrderKey
from paystate.core.money import Money
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.commands.open_commands import OpenOrder, with_terms
from paystate.core.orders.commands.price_commands import AmendOrder, EndPriceChange
from paystate.core.orders.commands.sale_commands import CancelOrder, DoubtRecord, RecordCash, may_have_forgotten
from paystate.core.orders.decision import OrderDecision
from paystate.core.orders.facts import FactKind, Opened, PriceChange, Refused
from paystate.core.orders.order import Order
from paystate.core.orders.timing.look_budget import Asker
from paystate.core.policy import Policy
from paystate.core.requester import Requester
from paystate.core.use_cases.calls import called, routing_id
from paystate.core.use_cases.context import Merchant, Ports
from paystate.core.use_cases.finding.orders import every_order
from paystate.core.use_cases.look import hint
from paystate.core.use_cases.transact import CommandResult, loaded, order_after, transact


async def say(ports: Ports, policy: Policy, key: OrderKey, word: RecordCash | CancelOrder) -> OrderDecision | Refused:
    """Keep the merchant's word; Juspay is not told.

    Raises:
        LookupError: No such order.
    """
    return await transact(ports, policy, key, word)


async def amend(
    ports: Ports, merchant: Merchant, key: OrderKey, amount: Money, *, by: Requester | None = None
) -> CommandResult | Refused:
    """Change the price of an order before payment, at Juspay too where Juspay may know the order.

    Returns:
        What was decided, and the order after the call; while it is not known whether the new price holds, looks go on.

    Raises:
        LookupError: No such order.
        GatewayUnreachable, GatewayRejected: Juspay did not take the change; the price stays what it was.
    """
    command = AmendOrder(amount, by)
    decided = await transact(ports, merchant.policy, key, command)
    if isinstance(decided, Refused):
        return decided
    if decided.fact is None or decided.fact.kind is not FactKind.PRICE_CHANGE_BEGUN:
        return CommandResult(decision=decided, order=decided.after)
    change = decided.after.price_change
    assert change is not None  # noqa: S101 - it was just begun; for the type checker
    return CommandResult(decision=decided, order=await _send_price(ports, merchant, decided.after, change))


async def _send_price(ports: Ports, merchant: Merchant, order: Order, change: PriceChange) -> Order:
    """Make the one call of a change; what it brings is evidence, and silence is looked into."""
    try:
        call = merchant.gateway.update_order(order.opened.order_id, change.amount, routing_id=routing_id(order))
        answer = await called(ports, merchant, call)
    except GatewayUnreachable:
        await _end(ports, merchant, order, change)
        raise
    except GatewayRejected:
        after = await _where_unknown(ports, merchant, order, change)
        if after is None:
            raise
        return after
    except OutcomeUnknown:
        await hint(ports, merchant, order.key, Asker.MERCHANT)
        return await loaded(ports, order.key)
    return await _taken(ports, merchant, order, answer)


async def _where_unknown(ports: Ports, merchant: Merchant, order: Order, change: PriceChange) -> Order | None:
    """After a refusal: ask once why. An order that Juspay does not know has the new price here, any other the old.

    The change has ended before an answer about the order is taken: what was paid then was paid at its price.

    Returns:
        The order with its new price; None where the old one stays.
    """
    try:
        call = merchant.gateway.order_status(order.opened.order_id, routing_id=routing_id(order))
        answer = await called(ports, merchant, call)
    except PortError:
        await _end(ports, merchant, order, change)
        return None  # the refusal is all that is known
    is_unknown = isinstance(answer.body, NotFound)
    if not is_unknown:
        await _end(ports, merchant, order, change)
    taken = await _taken(ports, merchant, order, answer)
    after = await _end(ports, merchant, taken, change)  # one that Juspay had shown before, and now denies
    return after if is_unknown and after.amount == change.amount else None


async def _taken(ports: Ports, merchant: Merchant, order: Order, answer: Answer) -> Order:
    evidence = Evidence(asked=order.version, answer=answer)
    return order_after(await transact(ports, merchant.policy, order.key, evidence), order)


async def _end(ports: Ports, merchant: Merchant, order: Order, change: PriceChange) -> Order:
    ended = EndPriceChange(asked=change.asked)
    decided = await transact(ports, merchant.policy, order.key, ended)
    return order_after(decided, order)


async def would_adopt(ports: Ports, policy: Policy, opened: Opened) -> OrderDecision | Refused:
    """What `adopt` would decide; changes nothing."""
    known = await ports.store.load(_key(opened))
    return decide(known, _opening(opened, policy), policy, ports.clock.now())


async def adopt(ports: Ports, policy: Policy, opened: Opened, by: Requester) -> OrderDecision | Refused:
    """Take over an order from before Paystate; it is due for a look at once. The same again changes nothing."""
    what = _opening(opened, policy, by)
    return await transact(ports, policy, _key(opened), what)


def _opening(opened: Opened, policy: Policy, by: Requester | None = None) -> OpenOrder:
    return OpenOrder(with_terms(opened, policy), by)


def _key(opened: Opened) -> OrderKey:
    return OrderKey(opened.merchant_id, opened.order_id)


@frozen(kw_only=True)
class Resynced:
    """How many orders were put in doubt, were in the same doubt before, and are in none."""

    marked: int = 0
    already: int = 0
    passed_over: int = 0


async def resync(ports: Ports, policy: Policy, merchant_id: str, doubt: DoubtRecord) -> Resynced:
    """Put every order in doubt of which the record may lack something; each is due for a look at once."""
    marked = already = passed_over = 0
    async for order in every_order(ports.store, merchant_id):
        if not may_have_forgotten(order, doubt.since):
            passed_over += 1
            continue
        decided = await transact(ports, policy, order.key, doubt)
        is_new = not isinstance(decided, Refused) and decided.fact is not None
        marked, already = marked + is_new, already + (not is_new)
    return Resynced(marked=marked, already=already, passed_over=passed_over)
