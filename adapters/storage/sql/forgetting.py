"""Takes a customer out of what is stored, in the transaction that records that they are forgotten.

The record itself is written as any other; here is what a later fact does not reach: the journal's older rows, the names
by which an order is found, the words of requests at the console, and the bodies of its webhooks. Of a webhook its row
stays, so that it is known if it comes again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from paystate.adapters.storage.codec import (
    decoded_checkout,
    decoded_checkout_fact,
    decoded_fact,
    decoded_proposal,
    encoded,
)
from paystate.adapters.storage.instants import micros
from paystate.adapters.storage.sql.steps import Sql, Steps, Value, change, change_each, fetch
from paystate.core.checkouts.checkout import Checkout, fact_without_customer
from paystate.core.console.proposals import without_customer
from paystate.core.finding.index_entry import PERSONAL, index_entry
from paystate.core.ids import CheckoutKey, OrderKey
from paystate.core.orders.forgetting import fact_without
from paystate.core.orders.order import Order
from paystate.core.retention import CLAIMS_CHARS_MAX

PAGE: Final = 500
"""Checkouts that one read looks at."""
_JOURNAL: Final = Sql("select version, fact from order_journal where merchant_id = ? and order_key = ?")
_REWRITE: Final = Sql("update order_journal set fact = ? where merchant_id = ? and order_key = ? and version = ?")
_UNNAME: Final = Sql("""
    delete from order_names where merchant_id = ? and kind = ? and value = ? and created_at = ? and order_row = ?
""")
_DROP_BODIES: Final = Sql(f"""
    update inbox set body = ?, kept_bytes = 0,
                     claims = case when verdict = '' or length(claims) <= {CLAIMS_CHARS_MAX} then claims end
    where merchant_id = ? and order_key = ? and kept_bytes > 0 and (verdict <> '' or claims is not null)
""")  # noqa: S608 - fixed text
_PROPOSALS: Final = Sql("""
    select proposal_id, body from console_proposals where merchant_id = ? and order_key = ? [for update]
""")
_REWRITE_PROPOSAL: Final = Sql("update console_proposals set body = ? where proposal_id = ?")
_CHECKOUT_JOURNAL: Final = Sql("""
    select version, fact from checkout_journal where merchant_id = ? and checkout_id = ?
""")
_REWRITE_CHECKOUT: Final = Sql("""
    update checkout_journal set fact = ? where merchant_id = ? and checkout_id = ? and version = ?
""")
_CHECKOUTS: Final = Sql("""
    select checkout_id, case when snapshot like ? escape '!' then snapshot end
    from checkouts where merchant_id = ? and checkout_id > ? order by checkout_id limit ?
""")


def erase_order(key: OrderKey, row: int, before: Order) -> Steps[None]:
    """Take the customer that an order had `before` out of its journal, its names and its webhooks."""
    customer, name = before.opened.customer, (key.merchant_id, key.folded)
    rewritten = list[tuple[Value, ...]]()
    for version, text in (yield from fetch(_JOURNAL, *name)):
        fact = decoded_fact(text)
        if (without := fact_without(fact, customer)) != fact:
            rewritten.append((encoded(without), *name, version))
    yield from change_each(_REWRITE, rewritten)
    gone = [one for one in index_entry(before).names if one.kind in PERSONAL]
    of_order = (micros(before.created_at), row)
    yield from change_each(_UNNAME, [(key.merchant_id, one.kind, one.value, *of_order) for one in gone])
    proposals = yield from fetch(_PROPOSALS, *name)
    reworded = [(encoded(without_customer(decoded_proposal(body), customer)), number) for number, body in proposals]
    yield from change_each(_REWRITE_PROPOSAL, reworded)
    yield from change(_DROP_BODIES, b"", *name)


def erase_checkout(key: CheckoutKey) -> Steps[None]:
    """Take the customer of a checkout out of its journal."""
    name = (key.merchant_id, key.checkout_id)
    rewritten = list[tuple[Value, ...]]()
    for version, text in (yield from fetch(_CHECKOUT_JOURNAL, *name)):
        fact = decoded_checkout_fact(text)
        if (without := fact_without_customer(fact)) != fact:
            rewritten.append((encoded(without), *name, version))
    yield from change_each(_REWRITE_CHECKOUT, rewritten)


def checkouts_of_customer(merchant_id: str, customer_id: str, after: str) -> Steps[tuple[Sequence[Checkout], str]]:
    """Do what `Store.checkouts_of_customer` promises."""
    member = f'"customer_id":{msgspec.json.encode(customer_id).decode()}'
    pattern = "".join(f"!{sign}" if sign in "!%_" else sign for sign in member)
    rows = yield from fetch(_CHECKOUTS, f"%{pattern}%", merchant_id, after, PAGE)
    likely = [decoded_checkout(text) for _, text in rows if text]
    found = [one for one in likely if one.opened.customer_id == customer_id]
    return found, rows[-1][0] if len(rows) == PAGE else ""
