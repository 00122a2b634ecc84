"""What the sandbox's own pages say: merchants, orders, webhooks, faults, the ledger. Nothing secret of a key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from paystate.entrypoints.sandbox.amounts import for_shoppers
from paystate.entrypoints.sandbox.clock import ahead_text
from paystate.entrypoints.sandbox.config import Merchant
from paystate.entrypoints.sandbox.control.bodies import waits_for_order
from paystate.entrypoints.sandbox.control.steering import NOT_SHARED
from paystate.entrypoints.sandbox.faults.arming import ROUTES_AT, ArmedFault
from paystate.entrypoints.sandbox.faults.catalogue import FAULTS, SEAMS, FaultKind
from paystate.entrypoints.sandbox.gateway.records import Order
from paystate.entrypoints.sandbox.gateway.statuses import INITIATED, PENDING
from paystate.entrypoints.sandbox.home.rendering import body_text, fingerprint, time_text
from paystate.entrypoints.sandbox.page.rendering import method_text, path_of
from paystate.entrypoints.sandbox.sandbox import Sandbox
from paystate.entrypoints.sandbox.webhooks.outbox import Delivery

LISTED_MAX: Final = 100
"""How many of each a page lists, the newest; the control API has all."""
GLANCED_MAX: Final = 10

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """The newest of a list, and how many there are."""

    rows: Sequence[Facts]
    total: int


def newest(rows: Iterable[Facts], total: int) -> Part:
    """Return a part of a list whose rows come newest first."""
    return Part(list(rows), total)


def clock_facts(sandbox: Sandbox) -> Facts:
    """Return the time, and why it cannot be moved, if so."""
    is_ours = sandbox.config.offers_clock and not sandbox.sharing.is_now
    return {
        "now": time_text(sandbox.clock.now()),
        "ahead": ahead_text(sandbox.clock),
        "why_not": NOT_SHARED if is_ours else "",
    }


def merchant_facts(sandbox: Sandbox, one: Merchant) -> Facts:
    """Return a merchant as on the dashboard: of secrets a fingerprint alone."""
    target = sandbox.outbox.targets.get(one.merchant_id)
    return {
        "id": one.merchant_id,
        "name": one.display_name or one.merchant_id,
        "client_id": one.client_id,
        "api_key": fingerprint(one.api_key),
        "response_key": fingerprint(one.response_key) if one.response_key else "none: return addresses are not signed",
        "public_keys": [(key_id, fingerprint(pem)) for key_id, pem in sandbox.public_keys[one.merchant_id].items()],
        "jwt_keys": sandbox.jwt.key_ids(one.merchant_id),
        "webhook": target.url if target else "",
        "webhook_user": target.username if target else "",
    }


def order_row(order: Order) -> Facts:
    """Return an order as a list shows it."""
    return {
        "path": f"/_home/orders/{order.juspay_id}",
        "id": order.order_id,
        "merchant": order.merchant_id,
        "amount": for_shoppers(order.amount, order.currency),
        "status": order.status,
        "created": time_text(order.created),
    }


def orders_part(sandbox: Sandbox, most: int) -> Part:
    """Return the newest orders."""
    orders = sandbox.world.orders
    return newest(map(order_row, orders[: -most - 1 : -1]), len(orders))


def order_facts(order: Order) -> Facts:
    """Return everything about one order that its page says."""

    def money(amount: Any) -> str:
        return for_shoppers(amount, order.currency)

    return {
        **order_row(order),
        "pay_path": path_of(order),
        "description": order.fields.get("description", ""),
        "sums": [
            ("Price", money(order.amount)),
            ("To pay, or paid", money(order.payable)),
            ("Captured", money(order.captured)),
            ("Refunded, or being refunded", money(order.amount_refunded)),
            ("Juspay would still refund", money(order.eligible)),
        ],
        "attempts": [(one.txn_id, method_text(one.method), money(one.amount), one.order_status) for one in order.txns],
        "refunds": [(one.unique_request_id, money(one.amount), one.status, one.initiated_by) for one in order.refunds],
        "may_settle": any(one.status in PENDING | INITIATED for one in order.txns),
    }


def delivery_row(sandbox: Sandbox, place: int, one: Delivery) -> Facts:
    """Return a webhook as a list shows it."""
    last = one.tries[-1] if one.tries else None
    answer = "not sent yet" if last is None else (last.problem or f"answered {last.status}")
    return {
        "path": f"/_home/webhooks/{place}",
        "event": one.event_name,
        "event_id": one.event_id,
        "order": one.order_id,
        "merchant": one.merchant_id,
        "state": one.state,
        "tries": one.attempts,
        "answer": answer,
        "due": time_text(one.due_at),
    }


def deliveries_part(sandbox: Sandbox, most: int, order: Order | None = None) -> Part:
    """Return the newest webhooks, of one order where one is given."""
    of_order = (order.merchant_id, order.order_id) if order else None
    found = [
        (place, one)
        for place, one in enumerate(sandbox.outbox.deliveries)
        if of_order in (None, (one.merchant_id, one.order_id))
    ]
    return newest((delivery_row(sandbox, place, one) for place, one in found[: -most - 1 : -1]), len(found))


def delivery_facts(sandbox: Sandbox, place: int) -> Facts | None:
    """Return one webhook with its body and every answer; None if there is none."""
    if place >= len(sandbox.outbox.deliveries):
        return None
    one = sandbox.outbox.deliveries[place]
    return {
        **delivery_row(sandbox, place, one),
        "body": body_text(one.body),
        "answers": [
            (time_text(try_.at), try_.status or try_.problem, body_text(try_.answer.encode())) for try_ in one.tries
        ],
    }


def armed_row(sandbox: Sandbox, one: ArmedFault) -> Facts:
    """Return an armed fault as a list shows it."""
    what = {"webhook": "webhooks", "world": "time"}.get(one.kind.seam, "calls")
    times = f"the next {one.calls} {what}" if one.calls > 1 else f"the next {what.removesuffix('s')}"
    return {
        "id": one.id,
        "name": one.kind.name,
        "message": one.kind.message,
        "when": f"{times}{f' ({one.route})' if one.route else ''}",
        "order": f"{one.order_id or 'any order'}{f' of {one.merchant_id}' if one.merchant_id else ''}",
        "waits": waits_for_order(one, sandbox.world),
        "params": ", ".join(f"{name} = {value}" for name, value in one.params.items() if value != ""),
    }


def fault_groups() -> list[tuple[str, list[Facts]]]:
    """Return the table of faults, by where they act, each with what its form asks for."""
    return [(title, [_fault(one) for one in FAULTS if one.seam == seam]) for seam, title in SEAMS.items()]


def _fault(one: FaultKind) -> Facts:
    return {
        "name": one.name,
        "message": one.message,
        "mark": one.mark,
        "is_of_order": one.seam == "world",
        "routes": sorted(one.routes) or list(ROUTES_AT[one.seam]),
        "params": [
            (name, value, one.choices.get(name, ()), isinstance(value, str)) for name, value in one.params.items()
        ],
    }


def ledger_part(sandbox: Sandbox, most: int, **of: str | None) -> Part:
    """Return the newest entries of the ledger; `of` is what `Ledger.entries` narrows them by."""
    entries = sandbox.ledger.entries(**of)
    return newest(map(_entry, entries[: -most - 1 : -1]), len(entries))


def _entry(entry: dict[str, object]) -> Facts:
    told = next((entry[name] for name in _TITLES if entry.get(name)), "")
    rest = ", ".join(
        f"{name.replace('_', ' ')} {_plain(value)}"
        for name, value in entry.items()
        if name not in {*_TITLES, *_BESIDE} and value not in _UNSAID
    )
    return {**{name: entry.get(name) for name in _BESIDE}, "what": told, "rest": rest}


def _plain(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(str, cast("list[object]", value)))
        case _:
            return str(value)


_TITLES: Final = ("effect", "what", "event_name", "name")
"""What an entry is called by, whatever its kind."""
_BESIDE: Final = ("seq", "at", "kind", "order_id")
_UNSAID: Final[tuple[object, ...]] = (None, "", [])
