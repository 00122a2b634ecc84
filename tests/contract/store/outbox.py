"""What `Outbox` promises of announcements; their deliveries are in `deliveries`."""

from datetime import datetime

from contract.samples import KEY, MERCHANT, OTHER, after_s, announces, opens

from paystate.core.ids import event_id_for
from paystate.core.ports.outbox import OutboxRow
from paystate.core.ports.store import Store
from paystate.core.retention import AnnouncementRetention

LATE = after_s(1000)


async def restored(store: Store, now: datetime) -> list[OutboxRow]:
    """All that the order's journal says it has announced, put back."""
    return [
        await store.restore_announcement(KEY, entry.version, entry.fact.at, one, now)
        for entry in await store.journal(KEY)
        for one in entry.fact.announced
    ]


class OutboxContract:
    async def test_an_announcement_is_kept_in_the_outbox(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(KEY, announces("charged"))
        (row,) = await store.outbox(MERCHANT)
        assert (MERCHANT, "Order-1", "review.opened", "review.opened:charged", 2) == (
            row.merchant_id, row.order_id, row.kind, row.once_key, row.version,
        )  # fmt: skip
        assert after_s(1) == row.at
        assert event_id_for(KEY, "review.opened:charged") == row.event_id

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

    async def test_announcements_are_read_from_behind_a_row(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(KEY, announces("a"))
        assert 0 == await store.newest_announcement("another")
        newest = await store.newest_announcement(MERCHANT)
        assert [newest] == [row.id for row in await store.outbox(MERCHANT)]
        await store.transact(KEY, announces("b"))
        assert ["review.opened:b"] == [row.once_key for row in await store.outbox(MERCHANT, after=newest)]

    async def test_an_announcement_is_found_by_the_id_that_receivers_know(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(KEY, announces("a"))
        (row,) = await store.outbox(MERCHANT)
        assert row == await store.announcement(MERCHANT, row.event_id)
        assert None is await store.announcement("another", row.event_id)

    async def test_old_announcements_are_swept_and_the_newest_of_all_stays(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(KEY, announces("a", "b"))
        assert 0 == await store.sweep_outbox(
            MERCHANT, AnnouncementRetention(ended_since=after_s(1), waiting_since=after_s(1))
        )
        assert 1 == await store.sweepable_outbox(MERCHANT, AnnouncementRetention(ended_since=LATE, waiting_since=LATE))
        assert 0 == await store.sweep_outbox("another", AnnouncementRetention(ended_since=LATE, waiting_since=LATE))
        assert 1 == await store.sweep_outbox(MERCHANT, AnnouncementRetention(ended_since=LATE, waiting_since=LATE))
        assert ["review.opened:b"] == [row.once_key for row in await store.outbox(MERCHANT)]
        assert [MERCHANT] == await store.outbox_merchants()

    async def test_what_was_swept_is_put_back_from_the_journal_under_its_old_id(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(KEY, announces("a", "b"))
        first, second = await store.outbox(MERCHANT)
        await store.sweep_outbox(MERCHANT, AnnouncementRetention(ended_since=LATE, waiting_since=LATE))
        back = await restored(store, LATE)
        assert [first.event_id, second.event_id] == [row.event_id for row in back]
        assert [second.id, second.id + 1] == [back[1].id, back[0].id]
        assert ["review.opened:b", "review.opened:a"] == [row.once_key for row in await store.outbox(MERCHANT)]
