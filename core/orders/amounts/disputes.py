"""A dispute (chargeback): the shopper's bank wants the payment back.

Here is what the webhooks of one dispute say together, and what a person found of its end. A webhook proves nothing, so
a lost dispute counts in the money only once a person has said so (gateway contract, I.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from paystate.core.orders.order import Order

LOST: Final = "RESOLVED_IN_CUSTOMER_FAVOUR"
_ENDS: Final = frozenset({"RESOLVED_IN_MERCHANT_FAVOUR", LOST, "CANCELED", "ALREADY_REFUNDED", "EXPIRED"})


@frozen
class DisputeState:
    """One dispute as all its webhooks tell it.

    Attributes:
        ends: The words of its ends, in alphabetical order; none while it is open.
        amount_minor: The largest that was told, or 0.
    """

    dispute_id: str
    ends: tuple[str, ...]
    amount_minor: int

    @property
    def outcome(self) -> str:
        """Its ends in one text; `""` while it is open."""
        return ",".join(self.ends)

    @property
    def may_be_lost(self) -> bool:
        """Whether a webhook tells that the bank took the payment back."""
        return LOST in self.ends


def disputes(order: Order) -> Iterator[DisputeState]:
    """Every dispute of the order, by id."""
    for dispute_id in sorted({told.dispute_id for told in order.disputes}):
        told = [one for one in order.disputes if one.dispute_id == dispute_id]
        ends = tuple(sorted({one.stage for one in told} & _ENDS))
        yield DisputeState(dispute_id, ends, max(one.amount_minor for one in told))


def charged_back_minor(order: Order, *, beside: str | None = None) -> int:
    """What the bank took back, by the last word of a person on each dispute; no later webhook changes it.

    Args:
        beside: A dispute that is left out.
    """
    last = {word.dispute_id: word for word in order.settled.values() if word.dispute_id is not None}
    return sum(word.charged_back_minor for dispute_id, word in last.items() if dispute_id != beside)
