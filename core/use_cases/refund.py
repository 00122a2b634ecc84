"""Refund: reserve and commit, count the call, send once, and let an answer or a look decide."""

from __future__ import annotations

from paystate.core.errors import GatewayRejected, GatewayUnreachable, OutcomeUnknown
from paystate.core.evidence import Evidence, Trust
from paystate.core.ids import OrderKey, refund_id_for
from paystate.core.money import Money
from paystate.core.orders.commands.refund_commands import EndRefundCall, RequestRefund, SendRefund
from paystate.core.orders.decision import OrderDecision
from paystate.core.orders.facts import Refused
from paystate.core.orders.order import Order
from paystate.core.orders.refund import LastCall, Refund, RefundState
from paystate.core.orders.review.giving_back import GiveBack
from paystate.core.orders.timing.look_budget import Asker
from paystate.core.policy import Policy
from paystate.core.requester import Requester
from paystate.core.use_cases.calls import called, routing_id
from paystate.core.use_cases.context import Merchant, Ports
from paystate.core.use_cases.look import hint
from paystate.core.use_cases.transact import CommandResult, loaded, order_after, transact


async def refund(
    ports: Ports,
    merchant: Merchant,
    key: OrderKey,
    *,
    idempotency_key: str,
    amount: Money,
    txn_id: str = "",
    by: Requester | None = None,
) -> CommandResult | Refused:
    """Reserve a refund and make its first call; later calls are the worker's.

    Returns:
        What the request decided, and the order after the call.

    Raises:
        LookupError: No such order.
    """
    decided = await request_refund(
        ports, merchant.policy, key, idempotency_key=idempotency_key, amount=amount, txn_id=txn_id, by=by
    )
    if isinstance(decided, Refused):
        return decided
    reserved = decided.after.refunds[refund_id_for(merchant.merchant_id, idempotency_key)]
    order = decided.after
    if reserved.state == RefundState.REQUESTED and not reserved.tries:
        order = await send_refund(ports, merchant, key, reserved.refund_id)
    return CommandResult(decision=decided, order=order)


async def request_refund(
    ports: Ports,
    policy: Policy,
    key: OrderKey,
    *,
    idempotency_key: str,
    amount: Money,
    txn_id: str = "",
    by: Requester | None = None,
    note: str = "",
) -> OrderDecision | Refused:
    """Reserve a refund durably; the same key and amount give the same refund again. Sends nothing, the worker does.

    Raises:
        LookupError: No such order.
    """
    refund_id = refund_id_for(key.merchant_id, idempotency_key)
    command = RequestRefund(key=idempotency_key, refund_id=refund_id, amount=amount, txn_id=txn_id, by=by, note=note)
    return await transact(ports, policy, key, command)


async def give_back(ports: Ports, merchant: Merchant, key: OrderKey, what: GiveBack) -> None:
    """Reserve a refund that the merchant's policy wants; sending it is the worker's next turn."""
    command = RequestRefund(
        key=what.key,
        refund_id=refund_id_for(merchant.merchant_id, what.key),
        amount=what.amount,
        txn_id=what.txn_id,
        trust=Trust.SELF,
    )
    await transact(ports, merchant.policy, key, command)


async def send_refund(ports: Ports, merchant: Merchant, key: OrderKey, refund_id: str) -> Order:
    """Send one refund call if the rules allow it now; its outcome is journaled whatever it is.

    The rules are asked once more, in the commit that counts the call: evidence may have come since it was reserved.
    Nothing is sent when the order's rules say no: another worker was first, an equal amount was sent less than five
    seconds ago, or only a newer answer can show whether the refund is needed.

    Returns:
        The order after the call, or as it is known now where the rules said no.
    """
    counted = await transact(ports, merchant.policy, key, SendRefund(refund_id))
    if isinstance(counted, Refused):
        return await loaded(ports, key)
    order = counted.after
    sent = order.refunds[refund_id]
    if sent.state != RefundState.REQUESTED:  # it was given up instead
        return order
    amount = Money(sent.amount_minor, order.amount.currency)
    try:
        call = merchant.gateway.refund(
            order.opened.order_id, refund_id, amount, routing_id=routing_id(order), txn_id=sent.txn_id
        )
        answer = await called(ports, merchant, call)
    except GatewayUnreachable:
        return await _end(ports, merchant, order, sent, LastCall.NOT_SENT)
    except GatewayRejected as no:
        return await _end(ports, merchant, order, sent, LastCall.REFUSED, refusal=no.code)
    except OutcomeUnknown:
        return await _end(ports, merchant, order, sent, LastCall.UNKNOWN)
    evidence = Evidence(asked=order.version, answer=answer, refunds_only=True)
    after = order_after(await transact(ports, merchant.policy, key, evidence), order)
    return await _end(ports, merchant, after, sent, LastCall.UNKNOWN) if _is_unanswered(after, sent) else after


def _is_unanswered(order: Order, sent: Refund) -> bool:
    """Whether the answer that was taken does not tell of this very refund."""
    known = order.refunds.get(sent.refund_id)
    return known is not None and known.last_call is LastCall.IN_FLIGHT and known.sent_version == sent.sent_version


async def _end(
    ports: Ports, merchant: Merchant, order: Order, sent: Refund, last_call: LastCall, *, refusal: str = ""
) -> Order:
    ended = EndRefundCall(
        refund_id=sent.refund_id, sent_version=sent.sent_version, last_call=last_call, refusal=refusal
    )
    decided = await transact(ports, merchant.policy, order.key, ended)
    if last_call is not LastCall.NOT_SENT:
        await hint(ports, merchant, order.key, Asker.MERCHANT)
    return order_after(decided, order)
