"""Juspay's names of transactions, taken apart: the order, the attempt's number, the leg."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from paystate.core.orders.order import Order

_NUMBER: Final = re.compile(r"[0-9]{1,2}", re.ASCII)


@frozen
class TxnName:
    """A transaction's name, taken apart.

    Attributes:
        prefix: All before the attempt's number.
        attempt: 1 for the first try to pay the order.
        is_leg: It is one of several transactions that pay together.
    """

    prefix: str
    attempt: int
    is_leg: bool


def txn_name(order: Order, txn_id: str) -> TxnName | None:
    """Take apart `<merchant>-<order>-<attempt>` or `...-<attempt>-<leg>`; None for a name of another form.

    Source: gateway contract, G.1 (attempts), O.3 (legs).
    """
    head, found, tail = txn_id.lower().rpartition(f"{order.key.folded}-")
    numbers = tail.split("-")
    if not found or len(numbers) > 2 or not all(_NUMBER.fullmatch(part) for part in numbers):
        return None
    return TxnName(txn_id[: len(head) + len(found)], int(numbers[0]), is_leg=len(numbers) > 1)
