"""What faults make of a server-to-server call: the acts of the seams `request` and `answer`.

At `request` an act gives the answer, and the call is never read; at `answer` it gives another answer than the call's
own. None means that this is no occasion for the fault, and it waits for the next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import cast

from paystate.entrypoints.sandbox.amounts import json_number
from paystate.entrypoints.sandbox.errors import (
    Refusal,
    bad_origin,
    mandate_refused,
    order_not_found,
    rate_limited,
    server_error,
)
from paystate.entrypoints.sandbox.faults.changed_bodies import (
    another_order,
    changed_order,
    with_odd_shapes,
    with_strange_members,
)
from paystate.entrypoints.sandbox.faults.params import Params
from paystate.entrypoints.sandbox.gateway.records import Order
from paystate.entrypoints.sandbox.gateway.refund_rules import made_before, same_amount_busy
from paystate.entrypoints.sandbox.wire.answers import Answer, CutOff, Lost, Trickling
from paystate.entrypoints.sandbox.wire.bodies import Body


@dataclass(frozen=True, slots=True)
class Asked:
    """The call that a fault meddles with, and where its act looks up what to answer.

    Attributes:
        merchant_id: Who calls.
        order_id: As the call names it, or None.
        not_found_status: HTTP status of order status for an unknown order.
        find: The order of an id, of the calling merchant.
        body: How an order reads in an answer.
    """

    route: str
    merchant_id: str
    order_id: str | None
    not_found_status: int
    find: Callable[[str], Order | None]
    body: Callable[[Order], Body]

    @property
    def order(self) -> Order | None:
        """The order that the call is about, if Juspay has it."""
        return None if self.order_id is None else self.find(self.order_id)


# --- request


def refuse(_: Asked, __: Params) -> Answer:
    """Reset the connection."""
    return Answer(b"", broken=Lost(reset=True))


def fail(_: Asked, params: Params) -> Answer:
    """Answer 5xx."""
    return replace(_refused(server_error()), status=int(params["status"]))


def throttle(_: Asked, __: Params) -> Answer:
    """Answer 429."""
    return _refused(rate_limited())


def refuse_address(_: Asked, __: Params) -> Answer:
    """Answer 403: the caller's address is on no list."""
    return _refused(bad_origin())


def swallow(_: Asked, params: Params) -> Answer:
    """Never answer."""
    return Answer(b"", broken=Lost(float(params["hold_s"])))


def redirect(_: Asked, params: Params) -> Answer:
    """Answer with another address."""
    return Answer(b"", 302, "text/html", {"Location": str(params["to"])})


def deny_order(asked: Asked, _: Params) -> Answer | None:
    """Say that there is no such order, of one that is there."""
    if asked.order is None or asked.order_id is None:
        return None
    status = asked.not_found_status if asked.route == "order_status" else 400
    return _refused(order_not_found(asked.order_id, status))


def refuse_as_busy(_: Asked, __: Params) -> Answer:
    """Say that a refund of that amount is being processed."""
    return _refused(same_amount_busy())


def fail_to_notify(_: Asked, __: Params) -> Answer:
    """Say that the shopper could not be told beforehand."""
    return _refused(mandate_refused("JP_851", "The notification of the shopper failed"))


# --- answer


def fail_afterwards(_: Answer, asked: Asked, params: Params) -> Answer:
    """Answer 5xx."""
    return fail(asked, params)


def lose(answer: Answer, _: Asked, params: Params) -> Answer:
    """Let the answer be lost."""
    return replace(answer, broken=Lost(float(params["hold_s"])))


def trickle(answer: Answer, _: Asked, params: Params) -> Answer:
    """Let the answer come in drops."""
    return replace(answer, broken=Trickling(int(params["bytes"]), float(params["every_s"])))


def cut(answer: Answer, _: Asked, __: Params) -> Answer:
    """Let the answer end in the middle."""
    return replace(answer, broken=CutOff())


def garble(answer: Answer, _: Asked, __: Params) -> Answer:
    """Answer with a proxy's page."""
    return replace(answer, body=b"<html><body>Bad gateway</body></html>", media_type="text/html")


def call_it_duplicate(answer: Answer, _: Asked, __: Params) -> Answer | None:
    """Say that the refund was made before."""
    return _refused(made_before()) if _order_in(answer) is not None else None


def show_the_past(answer: Answer, asked: Asked, params: Params) -> Answer | None:
    """Show the order as it was."""
    order, changes = asked.order, int(params["changes"])
    if _order_in(answer) is None or order is None or len(order.past) <= changes:
        return None
    return replace(answer, body=asked.body(order.past[-1 - changes]))


def show_another_order(answer: Answer, asked: Asked, params: Params) -> Answer | None:
    """Show another order: the named one, or a made-up one."""
    body, named = _order_in(answer), str(params["order_id"])
    if body is None:
        return None
    if not named:
        return replace(answer, body=another_order(body))
    other = asked.find(named)
    return None if other is None else replace(answer, body=asked.body(other))


def change_amount(answer: Answer, _: Asked, params: Params) -> Answer | None:
    """Name another amount."""
    amount = json_number(Decimal(params["amount"]))
    return _changed(answer, amount=amount, effective_amount=amount)


def change(answer: Answer, _: Asked, params: Params) -> Answer | None:
    """Put the parameters in place of the order's members of the same name."""
    return _changed(answer, **params)


def add_strange_members(answer: Answer, _: Asked, __: Params) -> Answer | None:
    """Add members that nobody has heard of."""
    body = _order_in(answer)
    return None if body is None else replace(answer, body=with_strange_members(body))


def write_odd_shapes(answer: Answer, _: Asked, __: Params) -> Answer | None:
    """Write the order carelessly."""
    body = _order_in(answer)
    return None if body is None else replace(answer, body=with_odd_shapes(body))


def _refused(refusal: Refusal) -> Answer:
    return Answer(refusal.body, refusal.status)


def _changed(answer: Answer, **members: object) -> Answer | None:
    body = _order_in(answer)
    return None if body is None else replace(answer, body=changed_order(body, **members))


def _order_in(answer: Answer) -> Body | None:
    """Return the order that the answer tells of, if it does."""
    body: object = answer.body
    if answer.status != 200 or not isinstance(body, dict) or "order_id" not in body:
        return None
    return cast("Body", body)
