"""How an order stands: what Paystate knows of it, and what the shop therefore says and offers."""

from __future__ import annotations

from paystate.entrypoints.engine import (
    GatewayRejected,
    GatewayUnreachable,
    OrderReadView,
    OutcomeUnknown,
    TryLater,
    as_dict,
)
from paystate.entrypoints.storefront.outcomes import ASKING, Outcome, outcome
from paystate.entrypoints.storefront.storefront import Storefront


async def standing(storefront: Storefront, order_id: str) -> tuple[OrderReadView, Outcome]:
    """The order, and what is said of it. A shopper who may have paid just now is not asked to pay before a look."""
    known, said = await _known(storefront, order_id)
    if not said.may_pay or not storefront.rows.is_back(order_id):
        return known, said
    if not await _has_answered(storefront, order_id):
        return known, ASKING
    storefront.rows.comes_back(order_id, is_answered=True)
    return await _known(storefront, order_id)


async def _known(storefront: Storefront, order_id: str) -> tuple[OrderReadView, Outcome]:
    result = await _result(storefront, order_id)
    known = await storefront.pay.order(order_id)  # after the result, so that it is not the older of the two
    return known, outcome(known, result)


async def _has_answered(storefront: Storefront, order_id: str) -> bool:
    """Ask Juspay by Paystate, as often as the order's budget of looks allows."""
    try:
        return not isinstance(await storefront.pay.look(order_id), TryLater)
    except (GatewayUnreachable, OutcomeUnknown, GatewayRejected):
        return False


async def _result(storefront: Storefront, order_id: str) -> str:
    """The result of the newest checkout in which the order was to be paid; empty where there was none.

    A checkout that has gone on to another order tells that one's.
    """
    checkout_id = storefront.rows.checkout_of(order_id)
    if not checkout_id:
        return ""
    result = await storefront.pay.result(checkout_id)
    if result.order_id != order_id:
        return ""
    if result.is_proved:
        title = f"The screen says {result.result.replace('_', ' ')}, which is proved"
        storefront.note_once(order_id, 8, title, came=as_dict(result))
    return result.result
