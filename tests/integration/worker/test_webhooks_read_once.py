"""A webhook's body is read when it comes; the worker goes by what was stored of it."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from attrs import define, evolve, field
from integration.api.world import START, World, world

from paystate.adapters.juspay.webhooks import read_webhook
from paystate.core.evidence import TxnClaim, WebhookEvent
from paystate.core.ids import OrderKey
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.ports.store import InboxVerdict, ReceivedWebhook
from paystate.core.use_cases.webhooks import replay, take_webhook
from paystate.entrypoints.service.worker import Worker

KEY = OrderKey("shop", "lamp-1")


@define
class CountingReader:
    """Reads as the service does, and keeps what it was asked to read."""

    bodies: list[bytes] = field(factory=list[bytes])

    def __call__(self, body: bytes) -> WebhookEvent | None:
        self.bodies.append(body)
        return read_webhook(body)


@pytest.fixture
async def shop() -> AsyncIterator[World]:
    async with world() as running:
        yield running


@pytest.fixture
def reader(shop: World) -> CountingReader:
    shop.runtime.read_webhook = counting = CountingReader()
    return counting


def charged(order_id: str = "lamp-1", txn_id: str = "t-1") -> bytes:
    told = {"order_id": order_id, "txn_id": txn_id, "status": "CHARGED", "txn_amount": 100}
    return json.dumps({"id": f"evt-{txn_id}", "event_name": "TXN_CHARGED", "content": {"txn": told}}).encode()


async def rows(shop: World) -> list[tuple[Any, ...]]:
    return [(row.verdict, row.order_key, row.event_name) for row in await shop.store.inbox("shop")]


async def test_a_webhook_that_is_followed_is_read_once(shop: World, reader: CountingReader) -> None:
    await shop.opened()
    await shop.hook(charged())
    await Worker(shop.runtime).turn()
    assert ([charged()], [(InboxVerdict.LOOKED, "lamp-1", "TXN_CHARGED")]) == (reader.bodies, await rows(shop))


async def test_what_it_claims_is_noted_from_what_was_stored(shop: World, reader: CountingReader) -> None:
    await shop.opened()
    shop.gateway.says("lamp-1", "CHARGED", txn_id="t-2")
    for txn_id in ("t-1", "t-2"):
        await shop.hook(charged(txn_id=txn_id))
    await Worker(shop.runtime).turn()
    shown = (await shop.get("/v1/orders/lamp-1")).json()
    assert (["unexplained_payment:t-1"], 2) == ([one["key"] for one in shown["review"]], len(reader.bodies))


@pytest.mark.parametrize(
    ("body", "verdict", "event_name"),
    [
        (b"not json", InboxVerdict.UNREADABLE, ""),
        (b'{"event_name": "E"}', InboxVerdict.NO_ORDER, "E"),
        (
            b'{"event_name": "E", "content": {"order": {"order_id": "a", "merchant_id": "other"}}}',
            InboxVerdict.OTHER_MERCHANT,
            "E",
        ),
    ],
)
async def test_a_webhook_that_cannot_be_followed_is_quarantined_as_it_comes(
    shop: World, reader: CountingReader, body: bytes, verdict: InboxVerdict, event_name: str
) -> None:
    await shop.hook(body)
    assert ([], [(verdict, None, event_name)]) == (list(await shop.store.take_inbox()), await rows(shop))
    await Worker(shop.runtime).turn()
    assert [body] == reader.bodies


async def test_a_webhook_that_waits_for_its_order_is_not_read_again(shop: World, reader: CountingReader) -> None:
    await shop.hook(charged())
    await Worker(shop.runtime).turn()
    await shop.opened()
    await Worker(shop.runtime).turn()
    assert ([charged()], [(InboxVerdict.LOOKED, "lamp-1", "TXN_CHARGED")]) == (reader.bodies, await rows(shop))


async def test_a_replayed_webhook_is_read_again(shop: World, reader: CountingReader) -> None:
    await shop.opened()
    await shop.hook(charged())
    await Worker(shop.runtime).turn()
    await replay(shop.store, "shop", 1)
    await Worker(shop.runtime).turn()
    assert [charged(), charged()] == reader.bodies


async def test_a_webhook_that_was_stored_unread_is_read_by_the_worker(shop: World, reader: CountingReader) -> None:
    await shop.opened()
    await shop.store.append_inbox(ReceivedWebhook("shop", "evt-1", charged(), START, order_key="lamp-1"))
    await shop.store.append_inbox(ReceivedWebhook("shop", "evt-2", b"not json", START))
    await Worker(shop.runtime).turn()
    assert [charged(), b"not json"] == reader.bodies
    assert [InboxVerdict.UNREADABLE, InboxVerdict.LOOKED] == [row.verdict for row in await shop.store.inbox("shop")]
    order = await shop.store.load(KEY)
    assert order is not None
    assert ["t-1"] == list(order.mentions)


async def test_a_webhook_that_was_stored_without_its_order_waits_for_it_once_it_is_read(shop: World) -> None:
    await shop.store.append_inbox(ReceivedWebhook("shop", "evt-1", charged(), START))
    await Worker(shop.runtime).turn()
    assert [(InboxVerdict.UNKNOWN_ORDER, "lamp-1", "TXN_CHARGED")] == await rows(shop)
    await shop.opened()
    await Worker(shop.runtime).turn()
    assert [(InboxVerdict.LOOKED, "lamp-1", "TXN_CHARGED")] == await rows(shop)


async def test_a_webhook_that_was_stored_under_another_order_is_settled_by_what_it_says(shop: World) -> None:
    await shop.opened(order_id="other-1")
    await shop.store.append_inbox(ReceivedWebhook("shop", "evt-1", charged(), START, order_key="other-1"))
    assert 1 == await Worker(shop.runtime).turn()
    assert [(InboxVerdict.UNKNOWN_ORDER, "lamp-1", "TXN_CHARGED")] == await rows(shop)
    assert 0 == await Worker(shop.runtime).turn()


async def test_of_a_webhook_that_names_thousands_of_payments_a_hundred_are_kept_and_each_is_cut(shop: World) -> None:
    event = WebhookEvent(
        event_id="evt-1", name="E", order_id="lamp-1", txns=(TxnClaim(txn_id="t" * 500, status="S" * 500),) * 3700
    )
    await take_webhook(shop.runtime.ports, shop.runtime.merchants["shop"], lambda _: event, b"{}")
    (row,) = await shop.store.take_inbox()
    assert row.claims == NoteWebhook(txns=(TxnClaim(txn_id="t" * 120, status="S" * 120),) * 100)


async def test_a_webhook_of_a_merchant_who_was_taken_out_of_the_settings_is_quarantined(shop: World) -> None:
    await shop.opened()
    await shop.hook(charged())
    shop.runtime.current = evolve(shop.runtime.current, merchants={})
    await Worker(shop.runtime).turn()
    assert [(InboxVerdict.OTHER_MERCHANT, "lamp-1", "TXN_CHARGED")] == await rows(shop)
