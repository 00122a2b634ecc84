"""Capture and release held money: reserve and commit, count the call, send once, and let an answer or a look decide."""

from __future__ import annotations

from paystate.core.errors import GatewayRejected, GatewayUnreachable, OutcomeUnknown
from paystate.core.evidence import Answer, Evidence
from paystate.core.ids import OrderKey, hold_id_for
from paystate.core.money import Money
from paystate.core.orders.commands.hold_commands import EndHoldCall, RequestCapture, RequestVoid, SendHoldCall
from paystate.core.orders.decision import OrderDecision
from paystate.core.orders.facts import Refused
from paystate.core.orders.hold import HoldKind, HoldOperation
from paystate.core.orders.order import Order
from paystate.core.orders.refund import LastCall
from paystate.core.orders.timing.look_budget import Asker
from paystate.core.policy import Policy
from paystate.core.ports.gateway import PaymentGateway
from paystate.core.requester import Requester
from paystate.core.use_cases.calls import called, routing_id
from paystate.core.use_cases.context import Merchant, Ports
from paystate.core.use_cases.look import hint
from paystate.core.use_cases.transact import CommandResult, loaded, order_after, transact


async def capture(
    ports: Ports,
    merchant: Merchant,
    key: OrderKey,
    *,
    idempotency_key: str,
    amount: Money | None = None,
    by: Requester | None = None,
) -> CommandResult | Refused:
    """Reserve a capture and make its first call; later calls are the worker's.

    Args:
        amount: A part of what is held; None for all of it.

    Returns:
        What the request decided, and the order after the call.

    Raises:
        LookupError: No such order.
    """
    decided = await request_capture(ports, merchant.policy, key, idempotency_key=idempotency_key, amount=amount, by=by)
    return await _begun(ports, merchant, key, idempotency_key, decided)


async def void(
    ports: Ports, merchant: Merchant, key: OrderKey, *, idempotency_key: str, by: Requester | None = None
) -> CommandResult | Refused:
    """The same for releasing all that is held."""
    decided = await request_void(ports, merchant.policy, key, idempotency_key=idempotency_key, by=by)
    return await _begun(ports, merchant, key, idempotency_key, decided)


async def request_capture(
    ports: Ports,
    policy: Policy,
    key: OrderKey,
    *,
    idempotency_key: str,
    amount: Money | None = None,
    by: Requester | None = None,
    note: str = "",
) -> OrderDecision | Refused:
    """Reserve a capture durably; the same key and amount give the same one again. Sends nothing, the worker does.

    Raises:
        LookupError: No such order.
    """
    hold_id = hold_id_for(key.merchant_id, idempotency_key)
    command = RequestCapture(key=idempotency_key, hold_id=hold_id, amount=amount, by=by, note=note)
    return await transact(ports, policy, key, command)


async def request_void(
    ports: Ports,
    policy: Policy,
    key: OrderKey,
    *,
    idempotency_key: str,
    by: Requester | None = None,
    note: str = "",
) -> OrderDecision | Refused:
    """The same for a release."""
    hold_id = hold_id_for(key.merchant_id, idempotency_key)
    command = RequestVoid(key=idempotency_key, hold_id=hold_id, by=by, note=note)
    return await transact(ports, policy, key, command)


async def _begun(
    ports: Ports, merchant: Merchant, key: OrderKey, idempotency_key: str, decided: OrderDecision | Refused
) -> CommandResult | Refused:
    if isinstance(decided, Refused):
        return decided
    hold_id, order = hold_id_for(merchant.merchant_id, idempotency_key), decided.after
    if not order.holds[hold_id].tries:
        order = await send_hold(ports, merchant, key, hold_id)
    return CommandResult(decision=decided, order=order)


async def send_hold(ports: Ports, merchant: Merchant, key: OrderKey, hold_id: str) -> Order:
    """Send one call if the rules allow it now; its outcome is journaled whatever it is.

    Nothing is sent when the order's rules say no: another worker was first, the money is not held any more, or only a
    newer answer can show whether the call is needed.

    Returns:
        The order after the call, or as it is known now where the rules said no.
    """
    counted = await transact(ports, merchant.policy, key, SendHoldCall(hold_id))
    if isinstance(counted, Refused):
        return await loaded(ports, key)
    order = counted.after
    sent = order.holds[hold_id]
    try:
        answer = await called(ports, merchant, _call(merchant.gateway, order, sent))
    except GatewayUnreachable:
        return await _end(ports, merchant, order, sent, LastCall.NOT_SENT)
    except GatewayRejected as no:
        return await _end(ports, merchant, order, sent, LastCall.REFUSED, refusal=no.code)
    except OutcomeUnknown:
        return await _end(ports, merchant, order, sent, LastCall.UNKNOWN)
    evidence = Evidence(asked=order.version, answer=answer, hold_id=hold_id)
    after = order_after(await transact(ports, merchant.policy, key, evidence), order)
    return await _end(ports, merchant, after, sent, LastCall.UNKNOWN) if _is_unanswered(after, sent) else after


def _is_unanswered(order: Order, sent: HoldOperation) -> bool:
    """Whether the answer that was taken is no evidence of this very order."""
    known = order.holds.get(sent.hold_id)
    return known is not None and known.last_call is LastCall.IN_FLIGHT and known.sent_version == sent.sent_version


async def _call(gateway: PaymentGateway, order: Order, sent: HoldOperation) -> Answer:
    txn_uuid, routing = order.attempts[sent.txn_id].reported.particulars.txn_uuid, routing_id(order)
    if sent.kind is HoldKind.VOID:
        return await gateway.void(txn_uuid, routing_id=routing)
    amount = None if sent.is_whole else Money(sent.amount_minor, order.amount.currency)
    return await gateway.capture(txn_uuid, amount, call_id=sent.hold_id, routing_id=routing)


async def _end(
    ports: Ports, merchant: Merchant, order: Order, sent: HoldOperation, last_call: LastCall, *, refusal: str = ""
) -> Order:
    ended = EndHoldCall(hold_id=sent.hold_id, sent_version=sent.sent_version, last_call=last_call, refusal=refusal)
    decided = await transact(ports, merchant.policy, order.key, ended)
    if last_call is not LastCall.NOT_SENT:
        await hint(ports, merchant, order.key, Asker.MERCHANT)
    return order_after(decided, order)
