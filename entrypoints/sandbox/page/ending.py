"""How a visit to the hosted payment page ends: back at the merchant's, or here where there is no way back."""

from __future__ import annotations

from paystate.entrypoints.sandbox.gateway.records import Order, Txn
from paystate.entrypoints.sandbox.gateway.statuses import FAILED, PENDING
from paystate.entrypoints.sandbox.page.rendering import Page, facts_of, page, see
from paystate.entrypoints.sandbox.sandbox import Sandbox
from paystate.entrypoints.sandbox.sdk.return_url import way_back


def finished(sandbox: Sandbox, order: Order, txn: Txn | None, *, left: bool) -> Page:
    """Send the shopper back to the merchant (documented, contract E), or say the outcome where there is no way back.

    In the web SDK's frame there is none either: the shop's page is around it, and closes it.
    """
    is_framed = sandbox.sdk.page_finished(order, txn, left)
    status_id = sandbox.view.status_ids[order.status]
    merchant = sandbox.merchant_of(order)
    way = None if is_framed else way_back(order, merchant.response_key, status_id)
    facts, outcome = facts_of(sandbox, order, txn.price if txn else None), _outcome(order)
    if way is None:
        may_retry = not is_framed and sandbox.world.why_not_payable(order, sandbox.clock.now()) is None
        return page("result.html", order=facts, outcome=outcome, is_framed=is_framed, may_retry=may_retry)
    if merchant.returns_by_post:
        return page("return.html", order=facts, outcome=outcome, way=way)
    return see(way.address)


def _outcome(order: Order) -> tuple[str, str]:
    """Return a class for the looks, and a sentence."""
    if order.status == "COD_INITIATED":
        return "good", "Thank you. Please pay when your order arrives."
    if order.status in {"CHARGED", "PARTIAL_CHARGED", "AUTHORIZED"}:
        return "good", "Thank you. The payment went through."
    if order.status in FAILED:
        return "bad", "The payment did not go through. No money was taken."
    if order.status in PENDING:
        return "waiting", "The bank has not answered yet. The shop will tell you how it ends."
    return "waiting", "No payment was made."
