"""Writes `docs/reference/announcements.md`: what merchants are told, when, and in which form.

The kinds are the core's own, the schema is that of the service, and each example is made by playing a sale through the
core.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from generate.markdown import grid
from paystate.core.describe.announcements import EXPLAINED
from paystate.core.evidence import Answer, DisputeClaim, Evidence, OrderAnswer, RefundAnswer, TxnAnswer
from paystate.core.ids import event_id_for, refund_id_for
from paystate.core.money import Money
from paystate.core.orders.commands.decide import Command, decide
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.commands.refund_commands import RequestRefund, SendRefund
from paystate.core.orders.commands.sale_commands import CancelOrder, RecordCash
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.facts import AnnouncementKind, CashOutcome, Customer, Fact, Opened, Refused
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Verdict
from paystate.core.policy import DEFAULT
from paystate.core.ports.outbox import OutboxRow
from paystate.core.requester import Requester
from paystate.entrypoints.interface.views.announcement_models import EventView
from paystate.entrypoints.interface.views.announcement_views import event_view

_START: Final = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
_WHO: Final = Requester("Meera")
_REFUND: Final = refund_id_for("shop", "return-4711")
_INTRODUCTION: Final = """# Announcements

Made by `make docs` from the kinds that the core knows.

Paystate tells you what you act on. It sends each announcement to your [endpoints](../how-to/be-told.md), and you can
[pull](../how-to/be-told.md#pull-instead) them. An announcement is made once for each order. It reaches you at least
once, always under the same `id`, and an order's come in the order in which they were made.

An order that was opened by an older version of Paystate is told of a kind that is new at its next decision, once. What
it was told before does not come again.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_INTRODUCTION, *_kinds(), *_example(), *_schema()]).rstrip("\n") + "\n"


def _kinds() -> Iterator[str]:
    yield "## The kinds"
    yield ""
    yield "Each example is the first fact of a sale that was played, as `facts` tells it."
    yield ""
    rows = ((f"`{kind}`", one.when, one.then, one.about or "-", _told(kind)) for kind, one in EXPLAINED.items())
    yield from grid(("`type`", "When", "What you do", "`about`", "Example"), rows)


def _told(kind: AnnouncementKind) -> str:
    event = example(kind)
    about = f", about `{event.data.about}`" if event.data.about else ""
    return f"{event.data.facts[0].title}{about}"


def _example() -> Iterator[str]:
    yield "## An example"
    yield ""
    yield "The body of a webhook, and what a pull and `GET /v1/announcements/{id}` return. On the wire it has no line"
    yield "breaks, and its bytes are the same at every try."
    yield ""
    yield "```json"
    yield json.dumps(msgspec.to_builtins(example(AnnouncementKind.ORDER_PAID)), indent=2, ensure_ascii=False)
    yield "```"
    yield ""


def _schema() -> Iterator[str]:
    yield "## The schema"
    yield ""
    yield "JSON Schema. New members may be added; take no notice of those that you do not know."
    yield ""
    yield "```json"
    yield json.dumps(msgspec.json.schema(EventView), indent=2)
    yield "```"


def example(kind: AnnouncementKind) -> EventView:
    """The first announcement of a kind in the sale that is played for it."""
    order: Order | None = None
    journal: list[Fact] = []
    opened = Opened(
        merchant_id="shop", order_id="A1", amount=Money.of(34950, "INR"), customer=Customer(customer_id="c-17")
    )
    for minute, what in enumerate((OpenOrder(opened), *_SALES[kind])):
        decided = decide(order, what, DEFAULT, _START + timedelta(minutes=minute))
        if isinstance(decided, Refused):
            raise ValueError(f"the sale that is played for {kind} is refused: {decided.code}")
        order = decided.after
        journal += [decided.fact] if decided.fact else []
        for told in decided.effects:
            if told.kind is kind:
                row = OutboxRow(
                    id=1,
                    event_id=event_id_for(order.key, told.once_key),
                    merchant_id="shop",
                    order_id="A1",
                    kind=kind,
                    once_key=told.once_key,
                    version=order.version,
                    at=order.updated_at,
                )
                return event_view(row, journal)
    raise ValueError(f"the sale that is played for {kind} does not announce it")


def _answers(status: str, asked: int = 1, *, amount: str = "349.50", **more: Any) -> Evidence:
    body = OrderAnswer(
        merchant_id="shop",
        order_id="A1",
        amount=Decimal(amount),
        currency="INR",
        status=status,
        txn=TxnAnswer(txn_id="shop-A1-1", status=status),
        refunds=more.get("refunds", ()),
    )
    return Evidence(asked=asked, answer=Answer(body=body, dated=more.get("dated")))


def _refunded(status: str) -> tuple[Command | Evidence, ...]:
    listed = RefundAnswer(refund_id=_REFUND, amount=Decimal("100.00"), status=status)
    return (
        _answers("CHARGED"),
        RequestRefund(key="return-4711", refund_id=_REFUND, amount=Money.of(10000, "INR")),
        SendRefund(_REFUND),
        _answers("CHARGED", 4, refunds=(listed,)),
    )


def _disputed(*stages: str) -> tuple[Command | Evidence, ...]:
    return (
        _answers("CHARGED"),
        *(NoteWebhook(dispute=DisputeClaim(dispute_id="d-1", stage=stage)) for stage in stages),
    )


_K = AnnouncementKind
_ELSEWHERE: Final = RefundAnswer(refund_id="elsewhere-1", amount=Decimal("100.00"), status="SUCCESS")
_SALES: Final[Mapping[AnnouncementKind, tuple[Command | Evidence, ...]]] = {
    _K.ORDER_PAID: (_answers("CHARGED"),),
    _K.ORDER_FAILED: (_answers("AUTHORIZATION_FAILED"),),
    _K.ORDER_AUTHORIZED: (_answers("AUTHORIZED"),),
    _K.ORDER_VOIDED: (_answers("AUTHORIZED"), _answers("VOIDED", 2)),
    _K.ORDER_WITHDRAWN: (_answers("CHARGED"), _answers("AUTO_REFUNDED", 2)),
    _K.ORDER_AUTO_REFUNDED: (_answers("AUTO_REFUNDED"),),
    _K.ORDER_EXPIRED: (_answers("NEW", dated=_START + timedelta(days=8)),),
    _K.ORDER_CANCELLED: (CancelOrder(by=_WHO, note="The customer called it off."),),
    _K.ORDER_CASH_ON_DELIVERY: (_answers("COD_INITIATED"),),
    _K.ORDER_CASH_COLLECTED: (
        _answers("COD_INITIATED"),
        RecordCash(outcome=CashOutcome.COLLECTED, by=_WHO, note="Receipt 8812."),
    ),
    _K.ORDER_CASH_RETURNED: (
        _answers("COD_INITIATED"),
        RecordCash(outcome=CashOutcome.RETURNED, by=_WHO, note="Nobody was at home."),
    ),
    _K.REFUND_SUCCEEDED: _refunded("SUCCESS"),
    _K.REFUND_FAILED: _refunded("FAILURE"),
    _K.REFUND_FOUND: (_answers("CHARGED", refunds=(_ELSEWHERE,)),),
    _K.REVIEW_OPENED: (_answers("CHARGED", amount="1"),),
    _K.REVIEW_SETTLED: (
        _answers("CHARGED", amount="1"),
        Settle(reason="mismatch:amount:1", verdict=Verdict.ACCEPTED, by=_WHO, note="Agreed on the phone."),
    ),
    _K.DISPUTE_OPENED: _disputed("RECEIVED"),
    _K.DISPUTE_CLOSED: _disputed("RECEIVED", "RESOLVED_IN_MERCHANT_FAVOUR"),
}
