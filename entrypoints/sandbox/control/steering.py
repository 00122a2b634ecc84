"""Clock, ledger, orders, faults, webhooks and keys: what a test, or whoever looks at the pages, steers (ours)."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from paystate.entrypoints.sandbox.clock import EARLIEST, LATEST, checked_move
from paystate.entrypoints.sandbox.config import EVENTS, WebhookTarget
from paystate.entrypoints.sandbox.control.bodies import armed_body, deliveries_body, faults_body, truth
from paystate.entrypoints.sandbox.control.calls import OF_MERCHANT, Control, Told, known_merchant, order_of
from paystate.entrypoints.sandbox.control.request_bodies import (
    ArmFault,
    Forge,
    MakeOrder,
    MoveClock,
    Nothing,
    Refused,
    Resend,
    Settle,
    SettleRefund,
    SetWebhook,
    UploadKey,
    amount_of,
    misfitting,
)
from paystate.entrypoints.sandbox.errors import Refusal
from paystate.entrypoints.sandbox.faults.arming import ArmedFault, FaultInvalid
from paystate.entrypoints.sandbox.gateway.ledger import KINDS
from paystate.entrypoints.sandbox.gateway.methods import chosen
from paystate.entrypoints.sandbox.gateway.rules import CannotHappen
from paystate.entrypoints.sandbox.gateway.statuses import INITIATED, PENDING
from paystate.entrypoints.sandbox.parsing import Misfit
from paystate.entrypoints.sandbox.routes.orders import is_order_id
from paystate.entrypoints.sandbox.sandbox import Sandbox
from paystate.entrypoints.sandbox.signatures import checked_public_key

Body = dict[str, object]

NOT_SHARED: Final = (
    "the service does not take its time from here: its payloads would be too old, or too new. Start it, or start it"
    " again, while the sandbox runs"
)


def read_clock(told: Told[Nothing]) -> Body:
    """Tell the time; a service that goes by it says so with `shares`."""
    sandbox = told.sandbox
    if told.query.get("shares") == "true":
        sandbox.sharing.asked()
    now: Body = {"now": sandbox.clock.now().isoformat()}
    return {**now, "offered": True} if sandbox.config.offers_clock else now


def move_clock(told: Told[MoveClock]) -> Body:
    """Move the clock; what became due happens.

    Raises:
        Refused: The service goes by another clock: it would sign payloads that are too old here, or too new.
    """
    sandbox, body = told.sandbox, told.body
    if sandbox.config.offers_clock and not sandbox.sharing.is_now:
        raise Refused(409, "clock_not_shared", NOT_SHARED)
    if (body.set is None) == (body.advance_s is None):
        raise misfitting(Misfit("missing_member", "advance_s", "give advance_s or set", ("advance_s", "set")))
    try:
        by = timedelta(seconds=body.advance_s or 0) if body.set is None else body.set - sandbox.clock.now()
        seconds = checked_move(sandbox.clock, by)
    except (OverflowError, ValueError) as exc:
        member = "advance_s" if body.set is None else "set"
        bounds = f"it stands between {EARLIEST.year} and {LATEST.year}"
        raise misfitting(Misfit("invalid_member", member, f"the clock cannot move so far: {bounds}")) from exc
    sandbox.clock.advance(seconds)
    sandbox.catch_up()
    sandbox.something_queued.set()
    return {"now": sandbox.clock.now().isoformat()}


def read_ledger(told: Told[Nothing]) -> Body:
    order_id, kind = told.query.get("order_id"), told.query.get("kind")
    if kind not in {None, *KINDS}:
        raise misfitting(Misfit("invalid_member", "kind", f"kind is one of {', '.join(KINDS)}", KINDS))
    merchant_id = told.query.get("merchant_id")
    return {"entries": told.sandbox.ledger.entries(merchant_id=merchant_id, order_id=order_id, kind=kind)}


def make_order(told: Told[MakeOrder]) -> Body:
    """Make an order that somebody else asked Juspay for."""
    sandbox, body = told.sandbox, told.body
    merchant = known_merchant(sandbox, body.merchant_id)
    order_id, amount = checked_order_id(sandbox, body.order_id), amount_of(body.amount, "amount")
    if sandbox.world.order(merchant.merchant_id, order_id) is not None:
        raise CannotHappen("there is such an order already")
    now = sandbox.clock.now()
    fields = {name: str(value) for name, value in body.fields.items()} | {"currency": body.currency}
    try:
        order = sandbox.world.place(merchant, order_id, amount, fields, now)
    except Refusal as exc:
        message = f"Juspay refuses these fields: {exc.body}"
        raise misfitting(Misfit("invalid_member", "fields", message)) from exc
    if body.paid:
        sandbox.world.approve(order, sandbox.world.confirm(order, chosen("upi", "success@upi"), now), now)
    return truth(order)


def checked_order_id(sandbox: Sandbox, order_id: str) -> str:
    """Return an id that an order may have; raises `Refused`."""
    length_max = sandbox.config.order_id_length_max
    if not is_order_id(order_id, length_max):
        message = f"order_id has up to {length_max} letters, digits, - and _"
        raise misfitting(Misfit("invalid_member", "order_id", message))
    return order_id


def settle_order(told: Told[Settle]) -> Body:
    """Settle a pending attempt now."""
    sandbox, order, body = told.sandbox, told.order, told.body
    pending = [txn for txn in order.txns if txn.status in PENDING | INITIATED]
    txn = order.txn(body.txn_id) if body.txn_id else (pending[-1] if pending else None)
    if txn is None or not sandbox.world.settle(order, txn, body.outcome == "SUCCESS", sandbox.clock.now()):
        raise Refused(404, "nothing_to_settle", "the order has no such attempt to settle")
    return truth(order)


def settle_refund(told: Told[SettleRefund]) -> Body:
    """Settle a refund now."""
    sandbox, order, status = told.sandbox, told.order, told.body.status
    refund = order.refund(told.names["refund_id"])
    if refund is None or not sandbox.world.refunding.settle(order, refund, status, sandbox.clock.now()):
        raise Refused(404, "nothing_to_settle", "the order has no such refund to settle")
    return truth(order)


def resend(told: Told[Resend]) -> Body:
    """Queue an order's webhooks once more (documented as a dashboard function, contract I.1)."""
    queued = told.sandbox.outbox.resend(told.order, told.body.event_id)
    if told.body.event_id is not None and not queued:
        raise Refused(404, "no_such_event", "the order has no such event")
    told.sandbox.something_queued.set()
    return {"queued": queued}


def forge(told: Told[Forge]) -> Body:
    """Send an event of nobody's making: it says of the order what is not so."""
    sandbox, order, body = told.sandbox, told.order, told.body
    if order.merchant_id not in sandbox.outbox.targets:
        raise CannotHappen("the merchant has no address for webhooks")
    if body.status not in sandbox.view.status_ids:
        known = tuple(sandbox.view.status_ids)
        raise misfitting(Misfit("invalid_member", "status", f"there is no status {body.status}", known))
    event_id = sandbox.forge(order, body.event_name, body.status, wrong_password=body.wrong_password)
    return {"event_id": event_id}


async def deliver(told: Told[Nothing]) -> Body:
    """Deliver everything that is due, and wait for it."""
    outbox = told.sandbox.outbox
    attempts = await outbox.deliver_due()
    return {"attempts": attempts, **{state: outbox.count(state) for state in ("waiting", "undelivered")}}


def arm_fault(told: Told[ArmFault]) -> Body:
    """Arm a fault; one that is narrowed to an order which is not there yet waits for it, and says so."""
    sandbox, body = told.sandbox, told.body
    merchant_id = None if body.merchant_id is None else known_merchant(sandbox, body.merchant_id).merchant_id
    order_id = None if body.order_id is None else checked_order_id(sandbox, body.order_id)
    try:
        armed = sandbox.faults.arm(
            body.name,
            merchant_id=merchant_id,
            order_id=order_id,
            route=body.route,
            calls=body.calls,
            params=body.params,
        )
    except FaultInvalid as exc:
        raise misfitting(exc.misfit) from exc
    if "after_s" in armed.params:
        _let_happen(sandbox, armed)
    return armed_body(armed, sandbox.world)


def _let_happen(sandbox: Sandbox, armed: ArmedFault) -> None:
    try:
        sandbox.let_happen(armed, order_of(sandbox, str(armed.order_id), armed.merchant_id))
    except (CannotHappen, Refused):
        sandbox.faults.clear(armed.id)
        raise


def clear_faults(told: Told[Nothing]) -> None:
    told.sandbox.faults.clear()


def clear_fault(told: Told[Nothing]) -> None:
    told.sandbox.faults.clear(int(told.names["fault_id"]))


def set_webhook(told: Told[SetWebhook]) -> Body:
    """Set where a merchant's webhooks go, as on the dashboard."""
    merchant_id, body = told.merchant_id, told.body
    if not body.url.startswith(("http://", "https://")):
        raise misfitting(Misfit("invalid_member", "url", "url is a full http or https address"))
    unknown = sorted({*(body.events or ())} - {*EVENTS})
    if unknown:
        raise misfitting(Misfit("invalid_member", "events", f"there is no event {unknown[0]}", EVENTS))
    target = WebhookTarget(body.url, body.username, body.password, body.headers, jwt_key_id=body.jwt_key_id)
    if body.events is not None:
        target = replace(target, events=frozenset(body.events))
    told.sandbox.outbox.targets[merchant_id] = target
    return {"merchant_id": merchant_id, "url": target.url}


def upload_key(told: Told[UploadKey]) -> Body:
    """Upload a merchant's public key, as on the dashboard."""
    merchant_id, body = told.merchant_id, told.body
    with public_key_given():
        checked_public_key(body.public_key)
    known = told.sandbox.public_keys[merchant_id]
    known[body.key_id] = body.public_key
    return {"merchant_id": merchant_id, "key_ids": sorted(known)}


@contextmanager
def public_key_given() -> Generator[None]:
    """Refuse what is not an RSA public key."""
    try:
        yield
    except ValueError as exc:
        raise misfitting(Misfit("invalid_member", "public_key", f"public_key: {exc}")) from exc


ROUTES: Final[tuple[Control[Any], ...]] = (
    Control("GET", "/clock", "Tells the time.", Nothing, read_clock, ("shares",)),
    Control(
        "POST", "/clock", "Moves the clock, forward or back; what became due happens.", MoveClock, move_clock,
        done="The clock was moved, and what became due has happened.",
    ),
    Control(
        "GET", "/ledger", "Lists what happened, oldest first.", Nothing, read_ledger,
        ("order_id", "merchant_id", "kind"),
    ),
    Control(
        "GET", "/orders", "Tells the truth about all orders.", Nothing,
        lambda told: {"orders": [truth(one) for one in told.sandbox.world.orders]},
    ),
    Control(
        "POST", "/orders", "Makes an order that somebody else asked Juspay for.", MakeOrder, make_order,
        done="The order was made. It is the newest in the list.",
    ),
    Control(
        "GET", "/orders/{order_id:str}", "Tells the truth about one order.", Nothing,
        lambda told: truth(told.order), OF_MERCHANT,
    ),
    Control(
        "POST", "/orders/{order_id:str}/settle", "Settles a pending attempt, a capture or a release now.", Settle,
        settle_order, OF_MERCHANT, "The payment was settled. The order's status says how.",
    ),
    Control(
        "POST", "/orders/{order_id:str}/refunds/{refund_id:str}", "Settles a refund now.", SettleRefund,
        settle_refund, OF_MERCHANT, "The refund was settled. Its line says how.",
    ),
    Control(
        "POST", "/orders/{order_id:str}/resend", "Queues an order's webhooks once more.", Resend, resend, OF_MERCHANT,
        "The order's webhooks are sent once more.",
    ),
    Control(
        "POST", "/orders/{order_id:str}/forge", "Sends an event about an order that is not true.", Forge, forge,
        OF_MERCHANT, "The forged webhook is sent.",
    ),
    Control("GET", "/webhooks", "Lists all deliveries.", Nothing, lambda told: deliveries_body(told.sandbox.outbox)),
    Control(
        "POST", "/webhooks/deliver", "Delivers everything that is due, and waits for it.", Nothing, deliver,
        done="Every webhook that was due was sent.",
    ),
    Control(
        "GET", "/faults", "Lists the table of faults and what is armed.", Nothing,
        lambda told: faults_body(told.sandbox.faults, told.sandbox.world),
    ),
    Control(
        "POST", "/faults", "Arms a fault.", ArmFault, arm_fault,
        done="The fault was armed. If it happens to an order at once, it has happened.",
    ),
    Control("DELETE", "/faults", "Disarms all faults.", Nothing, clear_faults, done="All faults were disarmed."),
    Control(
        "DELETE", "/faults/{fault_id:int}", "Disarms one fault.", Nothing, clear_fault,
        done="The fault was disarmed.",
    ),
    Control(
        "POST", "/merchants/{merchant_id:str}/webhook", "Sets where a merchant's webhooks go.", SetWebhook, set_webhook
    ),
    Control(
        "POST", "/merchants/{merchant_id:str}/keys", "Uploads a merchant's public key for signed payloads.", UploadKey,
        upload_key,
    ),
)  # fmt: skip
