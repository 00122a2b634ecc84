"""What merchants and people say of a sale, for several tests."""

from unit.builders import (
    at,
)

from paystate.core.orders.commands.sale_commands import (
    CancelOrder,
    DoubtRecord,
    RecordCash,
)
from paystate.core.orders.facts import CashOutcome
from paystate.core.orders.order import Order
from paystate.core.requester import Requester

COLLECTED = RecordCash(outcome=CashOutcome.COLLECTED, by=Requester("Ravi"), note="receipt 8812")
RETURNED = RecordCash(outcome=CashOutcome.RETURNED, by=Requester("Ravi"), note="nobody was at home")
CANCEL = CancelOrder(by=Requester("Meera"), note="called off on the phone")
DOUBT = DoubtRecord(since=at(-3600))


def announced(order: Order) -> list[str]:
    return sorted(told.once_key for told in order.announced if told.kind.startswith("order."))
