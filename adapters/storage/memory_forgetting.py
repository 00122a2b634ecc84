"""How the store in memory takes a customer out of what it keeps; see `sql.forgetting`."""

from __future__ import annotations

from attrs import evolve

from paystate.adapters.storage.codec import decoded_checkout_fact, decoded_fact, encoded
from paystate.adapters.storage.memory_finding import OrderRow
from paystate.core.checkouts.checkout import fact_without_customer
from paystate.core.finding.index_entry import PERSONAL
from paystate.core.orders.forgetting import fact_without
from paystate.core.orders.order import Order
from paystate.core.ports.store import InboxRow, InboxVerdict
from paystate.core.retention import CLAIMS_CHARS_MAX


def erase_order(row: OrderRow, before: Order) -> None:
    """Take the customer that an order had `before` out of its journal and its names."""
    row.journal[:] = [encoded(fact_without(decoded_fact(text), before.opened.customer)) for text in row.journal]
    row.entry = evolve(row.entry, names=frozenset(name for name in row.entry.names if name.kind not in PERSONAL))


def erase_checkout(journal: list[str]) -> None:
    """Take the customer of a checkout out of its journal."""
    journal[:] = [encoded(fact_without_customer(decoded_checkout_fact(text))) for text in journal]


def without_body(row: InboxRow) -> InboxRow:
    """A webhook without its body, unless that waits to be read."""
    is_waiting = row.verdict == InboxVerdict.WAITING
    if not row.body or (is_waiting and row.claims is None):
        return row
    stays = is_waiting or (row.claims is not None and len(encoded(row.claims)) <= CLAIMS_CHARS_MAX)
    return evolve(row, body=b"", is_body_dropped=True, claims=row.claims if stays else None)
