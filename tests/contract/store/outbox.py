"""What `Outbox` promises."""

from contract.samples import (
    KEY,
    MERCHANT,
    OTHER,
    after_s,
    announces,
    opens,
)

from paystate.core.ports.store import Store


class OutboxContract:
    async def test_an_announcement_waits_in_the_outbox(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(KEY, announces("charged"))
        (row,) = await store.outbox(MERCHANT)
        assert (MERCHANT, "Order-1", "review.opened", "review.opened:charged", 2) == (
            row.merchant_id, row.order_id, row.kind, row.once_key, row.version,
        )  # fmt: skip
        assert after_s(1) == row.at

    async def test_an_announcement_is_made_once(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(KEY, announces("charged"))
        await store.transact(KEY, announces("charged", "refunded"))
        rows = await store.outbox(MERCHANT)
        assert [("review.opened:charged", 2), ("review.opened:refunded", 3)] == [
            (row.once_key, row.version) for row in rows
        ]

    async def test_two_orders_may_announce_the_same(self, store: Store) -> None:
        for key in (KEY, OTHER):
            await store.transact(key, opens(key))
            await store.transact(key, announces("charged"))
        assert ["Order-1", "Order-2"] == [row.order_id for row in await store.outbox(MERCHANT)]
        assert ["Order-1"] == [row.order_id for row in await store.outbox(MERCHANT, limit=1)]
        assert [] == list(await store.outbox("another"))
