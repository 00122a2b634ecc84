"""Which orders somebody looks for, and the pages in which they come."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from attrs import frozen

from paystate.core.finding.index_entry import IndexEntry, Name
from paystate.core.money import Money
from paystate.core.orders.derived import Status
from paystate.core.orders.order import Order
from paystate.core.timestamps import instant_from

PARTS_AMONG: Final = 20_000
"""The newest orders of a merchant, among which a part from within an id is looked for: no index finds it."""
_BETWEEN: Final = "~"


@frozen(kw_only=True)
class Filter:
    """Which orders are looked for: those that fit in everything that is given.

    Attributes:
        names: All of them stand on the order.
        amount: Its price, exactly.
        currency: Of its price; not needed beside an amount.
        opened_from: It was opened then or later; an adopted one when it was sold.
        opened_before: It was opened before that.
        under_review: A person must look at it.
        changed_since: Something was recorded of it then or later. With this the order of the pages is another one.
    """

    status: Status | None = None
    names: tuple[Name, ...] = ()
    amount: Money | None = None
    currency: str = ""
    opened_from: datetime | None = None
    opened_before: datetime | None = None
    under_review: bool = False
    changed_since: datetime | None = None

    def fits(self, entry: IndexEntry, opened_at: datetime) -> bool:
        """Whether an order that is found by `entry` is looked for; what a store's queries mean."""
        return (
            self.status in (None, entry.status)
            and entry.names.issuperset(self.names)
            and self.amount in (None, entry.amount)
            and self.currency in ("", entry.amount.currency)
            and (self.opened_from is None or opened_at >= self.opened_from)
            and (self.opened_before is None or opened_at < self.opened_before)
            and (not self.under_review or entry.open_reasons > 0)
            and (self.changed_since is None or entry.changed_at >= self.changed_since)
        )


EVERY_ORDER: Final = Filter()
UNDER_REVIEW: Final = Filter(under_review=True)


@frozen
class FoundOrders:
    """One page.

    Attributes:
        next: The `after` of the next page, and `""` on the last one. A page may be shorter than was asked for, and even
            empty, and not be the last: a store goes through a bounded number of orders at a time.
    """

    orders: tuple[Order, ...]
    next: str = ""


@frozen
class ChangedPlace:
    """Where a page ended whose orders come by their changes: its text names the instant and the order.

    The order alone would not do: it may have changed since, and then stands at another place.
    """

    changed_at: datetime
    order_id: str

    def __str__(self) -> str:
        at = self.changed_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return f"{at}{_BETWEEN}{self.order_id}"

    @staticmethod
    def read(text: str) -> ChangedPlace | None:
        """The place that `text` names; None where it names none."""
        at, _, order_id = text.partition(_BETWEEN)
        try:
            return ChangedPlace(instant_from(at), order_id)
        except ValueError:
            return None
