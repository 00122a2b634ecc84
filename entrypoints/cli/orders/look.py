"""A look on the terminal: Juspay is asked about one order now, and what it answers is taken as evidence."""

from __future__ import annotations

from rich.console import Console

from paystate.core.errors import GatewayRejected, GatewayUnreachable, OutcomeUnknown
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import juspay_status, status
from paystate.core.orders.order import Order
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.use_cases.look import look_now
from paystate.core.use_cases.transact import loaded
from paystate.entrypoints.cli.lookups import check_set_up, order_named
from paystate.entrypoints.cli.orders.documents import order_document
from paystate.entrypoints.cli.terminal import printed_as_json, say
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.settings import Settings


async def look(
    settings: Settings, merchant: str | None, order_id: str, clock_url: str | None, console: Console
) -> None:
    """Ask and say what came of it; raises ConfigError where there was no answer, or the budget has no look left."""
    async with order_named(settings, merchant, order_id) as (_, before):
        key = before.key
    check_set_up(settings, key.merchant_id)
    async with bootstrap.opened_runtime(settings, clock=bootstrap.clock(settings, clock_url)) as runtime:
        try:
            is_done = await look_now(runtime.ports, runtime.merchants[key.merchant_id], key)
        except (GatewayRejected, GatewayUnreachable, OutcomeUnknown) as no:
            raise ConfigError(_no_answer(before, no)) from no
        if not is_done:
            raise ConfigError(ConfigProblem("order", "has no look left just now", "wait a minute, and ask again"))
        after = await loaded(runtime.ports, key)
        kept = await runtime.ports.store.schedule(key)
    if not printed_as_json(console, lambda: order_document(after, kept)):
        say(_sentences(before, after), console)


def _sentences(before: Order, after: Order) -> tuple[str, ...]:
    name = after.opened.order_id
    answered = f"Juspay says {juspay_status(after) or 'nothing'} of {name}."
    if status(before) == status(after):
        changed = "" if _known(before) == _known(after) else " Something else is known of it now."
        return answered, f"It is still {status(after)}.{changed}"
    return answered, f"It was {status(before)} and is {status(after)} now. To see more: paystate order show {name}"


def _known(order: Order) -> tuple[object, ...]:
    """What a person would call news; that Juspay said the same once more is none."""
    states = [(name, one.state) for parts in (order.attempts, order.refunds) for name, one in parts.items()]
    return states, amounts(order), open_reasons(order), order.disputes


def _no_answer(order: Order, no: GatewayRejected | GatewayUnreachable | OutcomeUnknown) -> ConfigProblem:
    how = "Juspay refused the call" if isinstance(no, GatewayRejected) else "Juspay gave no usable answer"
    name = order.opened.order_id
    return ConfigProblem(
        "no answer", f"{how}, and nothing is changed: {name} is still {status(order)}", "try again in a moment"
    )
