"""What `Inbox` promises of an order that gets more webhooks than are kept one by one."""

import asyncio

from contract.samples import (
    KEY,
    MERCHANT,
    NOW,
    after_s,
    all_due,
    opens,
)

from paystate.core.evidence import TxnClaim
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.timing.look_budget import Asker
from paystate.core.orders.timing.schedule import hinted
from paystate.core.policy import DEFAULT
from paystate.core.ports.store import InboxVerdict, ReceivedWebhook, Store


async def flood(store: Store, n: int, *, most: int = DEFAULT.webhooks_max) -> bool:
    """Append the `n`th of many different webhooks of the order."""
    body = str(n).encode()
    claims = NoteWebhook(txns=(TxnClaim(txn_id=f"t-{n}", status="CHARGED"),))
    webhook = ReceivedWebhook(
        MERCHANT, f"evt_{n}", body, after_s(n), event_name=f"E{n}", order_key=KEY.folded, claims=claims
    )
    return await store.append_inbox(webhook, most=most)


async def follow_all(store: Store) -> None:
    """Do the worker's part: make the order due for each webhook that waits."""
    while rows := await store.take_inbox():
        for row in rows:
            await store.reschedule(KEY, lambda kept: (hinted(kept, Asker.WEBHOOK, DEFAULT, NOW), True), consumes=row.id)


class FloodsContract:
    async def test_more_webhooks_of_an_order_than_may_be_are_counted_in_one_row(self, store: Store) -> None:
        kept = [await flood(store, n, most=2) for n in range(5)]
        assert [True, True, False, False, False] == kept
        rows = await store.take_inbox()
        assert [("evt_0", b"0", 0), ("evt_1", b"1", 0), ("overflow:order-1", b"4", 2)] == [
            (row.event_id, row.body, row.repeats) for row in rows
        ]
        assert ([False, False, True], after_s(4), "E4") == (
            [row.is_flood for row in rows], rows[-1].received_at, rows[-1].event_name,
        )  # fmt: skip
        assert [row.claims for row in await store.take_inbox()][-1] == NoteWebhook(
            txns=(TxnClaim(txn_id="t-4", status="CHARGED"),)
        )

    async def test_a_row_that_counts_waits_again_with_each_that_comes(self, store: Store) -> None:
        for n in range(2):
            await flood(store, n, most=1)
        for row in await store.take_inbox():
            await store.end_inbox(row.id, InboxVerdict.LOOKED)
        await flood(store, 2, most=1)
        assert [("overflow:order-1", b"2")] == [(row.event_id, row.body) for row in await store.take_inbox()]

    async def test_a_kept_webhook_is_still_counted_as_itself_in_a_flood(self, store: Store) -> None:
        for n in (0, 1, 2, 0, 0):
            await flood(store, n, most=2)
        assert [2, 0, 0] == [row.repeats for row in await store.webhooks_of(KEY)]

    async def test_another_body_under_a_known_id_is_flagged_even_in_a_flood(self, store: Store) -> None:
        for body in (b"one", b"two"):
            await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", body, NOW, order_key="order-1"), most=1)
        assert [("evt_1", True), ("overflow:order-1", False)] == [
            (row.event_id, row.conflicts) for row in await store.webhooks_of(KEY)
        ]

    async def test_an_event_id_like_ours_is_not_taken_for_the_row_that_counts(self, store: Store) -> None:
        await store.append_inbox(
            ReceivedWebhook(MERCHANT, "overflow:order-1", b"theirs", NOW, order_key="order-1"), most=1
        )
        await flood(store, 1, most=1)
        assert [b"theirs", b"1"] == [row.body for row in await store.inbox(MERCHANT, order_id="order-1")][::-1]

    async def test_a_flood_of_one_order_takes_no_other_s_place(self, store: Store) -> None:
        for n in range(3):
            await flood(store, n, most=1)
        assert await store.append_inbox(ReceivedWebhook(MERCHANT, "a", b"{}", NOW, order_key="order-2"), most=1) is True
        assert (
            await store.append_inbox(ReceivedWebhook("another", "a", b"{}", NOW, order_key="order-1"), most=1) is True
        )
        for n in range(3):
            assert await store.append_inbox(ReceivedWebhook(MERCHANT, f"none_{n}", b"{}", NOW), most=1) is True

    async def test_a_flood_before_its_order_is_opened_waits_for_it(self, store: Store) -> None:
        for n in range(3):
            await flood(store, n, most=1)
        for row in await store.take_inbox():
            await store.end_inbox(row.id, InboxVerdict.UNKNOWN_ORDER)
        await store.transact(KEY, opens())
        assert ["evt_0", "overflow:order-1"] == [row.event_id for row in await store.take_inbox()]

    storm, kept_of_a_storm = 2000, DEFAULT.webhooks_max
    """Webhooks of one order, and how many of them are kept one by one."""

    async def test_a_storm_of_webhooks_from_32_callers_is_bounded_and_nothing_is_lost(self, store: Store) -> None:
        await store.transact(KEY, opens())
        numbers = iter(range(self.storm))

        async def caller() -> None:
            for n in numbers:
                await flood(store, n, most=self.kept_of_a_storm)
                if n % 100 == 0:
                    await follow_all(store)

        await asyncio.gather(*(caller() for _ in range(32)))
        rows = await store.webhooks_of(KEY)
        assert self.kept_of_a_storm + 1 == len(rows)
        assert self.storm == sum(1 + row.repeats for row in rows)
        await follow_all(store)
        assert ({InboxVerdict.LOOKED}, [KEY]) == (
            {row.verdict for row in await store.webhooks_of(KEY)},
            await all_due(store, NOW),
        )
