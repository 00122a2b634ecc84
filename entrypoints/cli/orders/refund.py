"""A refund on the terminal: asked for under the same rules as over HTTP, and stored here.

A running worker sends it, so no key of Juspay's is needed.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console

from paystate.core.describe.wording import money_of, refund_stands
from paystate.core.ids import refund_id_for
from paystate.core.orders.amounts.payments import captured_attempts
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.attempt import AttemptState
from paystate.core.orders.facts import Refused
from paystate.core.orders.order import Order
from paystate.core.orders.refund import Refund
from paystate.core.use_cases.refund import request_refund
from paystate.entrypoints.cli.lookups import amount_named, order_named, policy_of
from paystate.entrypoints.cli.orders.asked import Asked
from paystate.entrypoints.cli.orders.documents import refund_document
from paystate.entrypoints.cli.refusals import refused_by_rule
from paystate.entrypoints.cli.terminal import printed_as_json, say
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.problems import ConfigError
from paystate.entrypoints.setup.settings import Settings


async def refund(
    settings: Settings,
    merchant: str | None,
    order_id: str,
    clock_url: str | None,
    console: Console,
    asked: Asked,
    *,
    amount: str,
    txn_id: str,
) -> None:
    """Reserve a refund; raises ConfigError with the rule's own words when it is refused."""
    async with order_named(settings, merchant, order_id) as (store, order):
        ports = bootstrap.ports_on(store, bootstrap.clock(settings, clock_url))
        policy, back = policy_of(settings, order.key.merchant_id), amount_named(order, amount, "amount")
        decided = await request_refund(
            ports, policy, order.key,
            idempotency_key=asked.key, amount=back, txn_id=txn_id, by=asked.by, note=asked.note,
        )  # fmt: skip
    if isinstance(decided, Refused):
        raise ConfigError(refused_by_rule(decided))
    _say(decided.after, asked, console)


def _of_which_payment(order: Order, refund: Refund) -> Iterator[str]:
    stand = {one.payment for one in captured_attempts(order) if one.state != AttemptState.AUTO_REFUNDED}
    if not refund.txn_id and len(stand) > 1:
        yield "Several payments stand, and Juspay chooses which one it is taken from; next time, --txn names one."


def _say(order: Order, asked: Asked, console: Console) -> None:
    known = order.refunds[refund_id_for(order.key.merchant_id, asked.key)]
    if printed_as_json(console, lambda: refund_document(order, known)):
        return
    say(
        (
            f"Refund {known.refund_id} of {money_of(order, known.amount_minor)} {refund_stands(known)}.",
            *_of_which_payment(order, known),
            f"{money_of(order, amounts(order).refundable)} may still be refunded.",
        ),
        console,
    )
    if not known.tries:
        console.print("The worker sends it. To see how it ended: paystate order show " + order.opened.order_id)
