"""`/_control/...`: clock, ledger, truth, faults, steering (ours)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from litestar import Request, Response, delete, get, post

from paystate.entrypoints.sandbox.amounts import parsed_amount
from paystate.entrypoints.sandbox.config import EVENTS, Merchant, WebhookTarget
from paystate.entrypoints.sandbox.control.bodies import armed_body, deliveries_body, faults_body, truth
from paystate.entrypoints.sandbox.faults.arming import ArmedFault
from paystate.entrypoints.sandbox.gateway.methods import chosen
from paystate.entrypoints.sandbox.gateway.records import Order
from paystate.entrypoints.sandbox.gateway.rules import CannotHappen
from paystate.entrypoints.sandbox.gateway.statuses import INITIATED, PENDING
from paystate.entrypoints.sandbox.parsing import BodyInvalid, Fields, member_object, read_json
from paystate.entrypoints.sandbox.routes.orders import is_order_id
from paystate.entrypoints.sandbox.sandbox import Sandbox, sandbox_of
from paystate.entrypoints.sandbox.signatures import checked_public_key
from paystate.entrypoints.sandbox.wire.answers import Answer, to_response

_LEAP_S_MAX: Final = 1e10

AnyRequest = Request[Any, Any, Any]


class _Unknown(Exception):
    """There is no such thing here."""


@get("/_control/clock")
async def read_clock(request: AnyRequest) -> Response[bytes]:
    """Tell the time."""
    return await answered(request, lambda sandbox, _: _now(sandbox))


@post("/_control/clock")
async def move_clock(request: AnyRequest) -> Response[bytes]:
    """Move the clock; what became due happens."""
    return await answered(request, _move_clock)


@get("/_control/ledger")
async def read_ledger(request: AnyRequest) -> Response[bytes]:
    """List what happened."""
    order_id, kind = request.query_params.get("order_id"), request.query_params.get("kind")
    return await answered(request, lambda sandbox, _: {"entries": sandbox.ledger.entries(order_id=order_id, kind=kind)})


@get("/_control/orders")
async def read_orders(request: AnyRequest) -> Response[bytes]:
    """Tell the truth about all orders."""
    return await answered(request, lambda sandbox, _: {"orders": [truth(order) for order in sandbox.world.orders]})


@get("/_control/orders/{order_id:str}")
async def read_order(request: AnyRequest) -> Response[bytes]:
    """Tell the truth about one order."""
    return await answered(request, lambda sandbox, _: truth(order_named(sandbox, request)))


@post("/_control/orders")
async def make_order(request: AnyRequest) -> Response[bytes]:
    """Make an order that somebody else asked Juspay for."""
    return await answered(request, _make_order)


@post("/_control/orders/{order_id:str}/settle")
async def settle_order(request: AnyRequest) -> Response[bytes]:
    """Settle a pending attempt now."""
    return await answered(request, lambda sandbox, body: _settle(sandbox, order_named(sandbox, request), body))


@post("/_control/orders/{order_id:str}/refunds/{refund_id:str}")
async def settle_refund(request: AnyRequest) -> Response[bytes]:
    """Settle a refund now."""
    refund_id = str(request.path_params["refund_id"])
    return await answered(
        request, lambda sandbox, body: _settle_refund(sandbox, order_named(sandbox, request), refund_id, body)
    )


@post("/_control/orders/{order_id:str}/resend")
async def resend(request: AnyRequest) -> Response[bytes]:
    """Queue an order's webhooks once more (documented as a dashboard function, contract I.1)."""
    return await answered(
        request,
        lambda sandbox, body: {
            "queued": sandbox.outbox.resend(order_named(sandbox, request), body.get("event_id")),
        },
    )


@get("/_control/webhooks")
async def read_webhooks(request: AnyRequest) -> Response[bytes]:
    """List all deliveries."""
    return await answered(request, lambda sandbox, _: deliveries_body(sandbox.outbox))


@post("/_control/webhooks/deliver")
async def deliver(request: AnyRequest) -> Response[bytes]:
    """Deliver everything that is due, and wait for it."""
    sandbox = sandbox_of(request)
    sandbox.catch_up()
    attempts = await sandbox.outbox.deliver_due()
    counts = {state: sandbox.outbox.count(state) for state in ("waiting", "undelivered")}
    return to_response(Answer({"attempts": attempts, **counts}), request)


@get("/_control/faults")
async def read_faults(request: AnyRequest) -> Response[bytes]:
    """List the table of faults and what is armed."""
    return await answered(request, lambda sandbox, _: faults_body(sandbox.faults))


@post("/_control/faults")
async def arm_fault(request: AnyRequest) -> Response[bytes]:
    """Arm a fault."""
    return await answered(request, _arm)


@delete("/_control/faults")
async def clear_faults(request: AnyRequest) -> None:
    """Disarm all faults."""
    sandbox_of(request).faults.clear()


@delete("/_control/faults/{fault_id:int}")
async def clear_fault(request: AnyRequest) -> None:
    """Disarm one fault."""
    sandbox_of(request).faults.clear(int(request.path_params["fault_id"]))


@post("/_control/merchants/{merchant_id:str}/webhook")
async def set_webhook(request: AnyRequest) -> Response[bytes]:
    """Set where a merchant's webhooks go, as on the dashboard."""
    return await answered(request, lambda sandbox, body: _set_webhook(sandbox, merchant_id_of(sandbox, request), body))


@post("/_control/merchants/{merchant_id:str}/keys")
async def upload_key(request: AnyRequest) -> Response[bytes]:
    """Upload a merchant's public key, as on the dashboard."""
    return await answered(request, lambda sandbox, body: _upload_key(sandbox, merchant_id_of(sandbox, request), body))


HANDLERS: Final = (
    read_clock,
    move_clock,
    read_ledger,
    read_orders,
    read_order,
    make_order,
    settle_order,
    settle_refund,
    resend,
    read_webhooks,
    deliver,
    read_faults,
    arm_fault,
    clear_faults,
    clear_fault,
    set_webhook,
    upload_key,
)


async def answered(request: AnyRequest, act: Callable[[Sandbox, Fields], object]) -> Response[bytes]:
    """Bring the world up to now, read the body, act, and answer; one place for what can be wrong."""
    sandbox = sandbox_of(request)
    sandbox.catch_up()
    try:
        body = await read_json(request)
        return to_response(Answer(act(sandbox, body)), request)
    except _Unknown as exc:
        return to_response(Answer({"error": str(exc)}, 404), request)
    except (BodyInvalid, CannotHappen, ValueError, TypeError, OverflowError) as exc:
        message = str(exc).encode("utf-8", "replace").decode()  # half a character cannot be sent back
        return to_response(Answer({"error": message}, 400), request)


def _now(sandbox: Sandbox) -> dict[str, object]:
    return {"now": sandbox.clock.now().isoformat()}


def _move_clock(sandbox: Sandbox, body: Fields) -> dict[str, object]:
    if "set" in body:
        target = datetime.fromisoformat(str(body["set"]))
        aware = target if target.tzinfo else target.replace(tzinfo=UTC)
        seconds = (aware - sandbox.clock.now()).total_seconds()
    elif "advance_s" in body:
        seconds = float(body["advance_s"])
    else:
        raise ValueError("give advance_s or set")
    if not abs(seconds) < _LEAP_S_MAX:
        raise ValueError("the clock cannot move so far")
    sandbox.clock.advance(seconds)
    sandbox.catch_up()
    sandbox.something_queued.set()
    return _now(sandbox)


def _make_order(sandbox: Sandbox, body: Fields) -> dict[str, object]:
    merchant = _merchant(sandbox, str(body.get("merchant_id")))
    order_id, amount = _id_and_amount(body, sandbox.config.order_id_length_max)
    currency, is_paid = body.get("currency", "INR"), body.get("paid", False)
    if not isinstance(currency, str) or not isinstance(is_paid, bool):
        raise ValueError("currency is text, and paid is true or false")
    if sandbox.world.order(merchant.merchant_id, order_id) is not None:
        raise ValueError("there is such an order already")
    now = sandbox.clock.now()
    more = {name: str(value) for name, value in member_object(body, "fields").items()}
    order = sandbox.world.place(merchant, order_id, amount, {**more, "currency": currency}, now)
    if is_paid:
        sandbox.world.approve(order, sandbox.world.confirm(order, chosen("upi", "success@upi"), now), now)
    return truth(order)


def _id_and_amount(body: Fields, length_max: int) -> tuple[str, Decimal]:
    order_id, amount = body.get("order_id"), parsed_amount(body.get("amount"))
    if not is_order_id(order_id, length_max) or amount is None:
        raise ValueError("give order_id and amount")
    return str(order_id), amount


def _settle(sandbox: Sandbox, order: Order, body: Fields) -> dict[str, object]:
    outcome, named = body.get("outcome"), body.get("txn_id")
    if outcome not in {"SUCCESS", "FAILURE"}:
        raise ValueError("outcome is SUCCESS or FAILURE")
    pending = [txn for txn in order.txns if txn.status in PENDING | INITIATED]
    txn = order.txn(str(named)) if named else (pending[-1] if pending else None)
    if txn is None or not sandbox.world.settle(order, txn, outcome == "SUCCESS", sandbox.clock.now()):
        raise _Unknown("the order has no such attempt to settle")
    return truth(order)


def _settle_refund(sandbox: Sandbox, order: Order, refund_id: str, body: Fields) -> dict[str, object]:
    status = body.get("status")
    if status not in {"SUCCESS", "FAILURE", "MANUAL_REVIEW"}:
        raise ValueError("status is SUCCESS, FAILURE or MANUAL_REVIEW")
    refund = order.refund(refund_id)
    if refund is None or not sandbox.world.refunding.settle(order, refund, str(status), sandbox.clock.now()):
        raise _Unknown("the order has no such refund to settle")
    return truth(order)


def _arm(sandbox: Sandbox, body: Fields) -> dict[str, object]:
    armed = sandbox.faults.arm(
        str(body.get("name")),
        order_id=body.get("order_id"),
        route=body.get("route"),
        calls=body.get("calls", 1),
        params=member_object(body, "params"),
    )
    if "after_s" in armed.params:
        _let_happen(sandbox, armed)
    return armed_body(armed)


def _let_happen(sandbox: Sandbox, armed: ArmedFault) -> None:
    try:
        sandbox.let_happen(armed, _order_of(sandbox, str(armed.order_id)))
    except (CannotHappen, _Unknown):
        sandbox.faults.clear(armed.id)
        raise


def order_named(sandbox: Sandbox, request: AnyRequest) -> Order:
    return _order_of(sandbox, str(request.path_params["order_id"]), request.query_params.get("merchant_id"))


def _order_of(sandbox: Sandbox, order_id: str, merchant_id: str | None = None) -> Order:
    for order in sandbox.world.orders:
        if order.order_id.lower() == order_id.lower() and merchant_id in (None, order.merchant_id):
            return order
    raise _Unknown("no such order")


def merchant_id_of(sandbox: Sandbox, request: AnyRequest) -> str:
    return _merchant(sandbox, str(request.path_params["merchant_id"])).merchant_id


def _merchant(sandbox: Sandbox, merchant_id: str) -> Merchant:
    merchant = sandbox.config.merchant(merchant_id)
    if merchant is None:
        raise _Unknown("no such merchant")
    return merchant


def _set_webhook(sandbox: Sandbox, merchant_id: str, body: Fields) -> dict[str, object]:
    target = WebhookTarget(
        url=str(body["url"]) if "url" in body else "",
        username=str(body.get("username", "")),
        password=str(body.get("password", "")),
        headers={str(name): str(value) for name, value in member_object(body, "headers").items()},
        jwt_key_id=str(body.get("jwt_key_id", "")),
    )
    if not target.url.startswith(("http://", "https://")):
        raise ValueError("url is a full http or https address")
    if "events" in body:
        target = replace(target, events=frozenset(map(str, body["events"])) & frozenset(EVENTS))
    sandbox.outbox.targets[merchant_id] = target
    return {"merchant_id": merchant_id, "url": target.url}


def _upload_key(sandbox: Sandbox, merchant_id: str, body: Fields) -> dict[str, object]:
    key_id, pem = body.get("key_id"), body.get("public_key")
    if not isinstance(key_id, str) or not isinstance(pem, str):
        raise ValueError("give key_id and public_key")
    checked_public_key(pem)
    sandbox.public_keys[merchant_id][key_id] = pem
    return {"merchant_id": merchant_id, "key_ids": sorted(sandbox.public_keys[merchant_id])}
