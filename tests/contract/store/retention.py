"""What `Inbox` promises of webhooks that are settled: a quota for the quarantine, and an end of bodies."""

from __future__ import annotations

import pytest
from attrs import evolve
from contract.samples import KEY, MERCHANT, NOW, after_s, opens

from paystate.core.evidence import TxnClaim
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.ports.store import InboxRow, InboxVerdict, ReceivedWebhook, Store
from paystate.core.retention import NOTHING, Quota, Retention, Swept

CLAIMS = NoteWebhook(txns=(TxnClaim(txn_id="t-1", status="CHARGED"),))
LONG_CLAIMS = NoteWebhook(txns=tuple(TxnClaim(txn_id=f"t-{n}", status="CHARGED") for n in range(50)))
WIDE = Quota(bytes_max=10**9, webhooks_max=10**6)
ALL_STAYS = Retention(quarantined_since=NOW, bodies_since=NOW, quota=WIDE)


def unreadable(n: int, body: bytes = b"0123456789", merchant_id: str = MERCHANT) -> ReceivedWebhook:
    return ReceivedWebhook(merchant_id, f"evt_{n}", body, after_s(n), verdict=InboxVerdict.UNREADABLE)


def named(n: int, claims: NoteWebhook = CLAIMS) -> ReceivedWebhook:
    """One of an order that nobody has opened; it waits until it is settled."""
    return ReceivedWebhook(MERCHANT, f"evt_{n}", b"0123456789", after_s(n), order_key=KEY.folded, claims=claims)


async def quarantined(store: Store, webhook: ReceivedWebhook, quota: Quota) -> None:
    await store.append_inbox(webhook)
    for row in await store.take_inbox():
        await store.end_inbox(row.id, InboxVerdict.UNKNOWN_ORDER, quota=quota)


async def kept(store: Store, merchant_id: str = MERCHANT) -> list[tuple[str, bytes]]:
    return [(row.event_id, row.body) for row in (await store.inbox(merchant_id))[::-1]]


async def the_only(store: Store) -> InboxRow:
    (row,) = await store.inbox(MERCHANT)
    return row


async def swept(store: Store, retention: Retention) -> Swept:
    """All batches together."""
    whole = NOTHING
    while (one := await store.sweep_inbox(MERCHANT, retention)) != NOTHING:
        whole += one
    return whole


class RetentionContract:
    # --- the quota

    async def test_what_comes_into_a_full_quarantine_takes_the_place_of_the_oldest_bodies(self, store: Store) -> None:
        quota = Quota(bytes_max=25, webhooks_max=100)
        for n in range(4):
            assert await store.append_inbox(unreadable(n), quota=quota) is True
        body = b"0123456789"
        assert [("evt_0", b""), ("evt_1", b""), ("evt_2", body), ("evt_3", body)] == await kept(store)

    async def test_a_webhook_that_is_settled_into_a_full_quarantine_does_so_too(self, store: Store) -> None:
        for n in range(3):
            await quarantined(store, named(n), Quota(bytes_max=10, webhooks_max=100))
        assert [b"", b"", b"0123456789"] == [body for _, body in await kept(store)]

    async def test_a_row_without_its_body_says_all_else_as_before(self, store: Store) -> None:
        await quarantined(store, named(0), WIDE)
        before = await the_only(store)
        await store.append_inbox(unreadable(1, b"1" * 20), quota=Quota(bytes_max=20, webhooks_max=100))
        after = await store.inbox_row(MERCHANT, before.id)
        assert after is not None
        assert evolve(before, body=b"", is_body_dropped=True) == after
        assert (10, InboxVerdict.UNKNOWN_ORDER) == (after.body_bytes, after.verdict)
        assert [True] == [row.is_body_dropped for row in await store.webhooks_of(KEY)]

    async def test_the_same_webhook_is_known_again_without_its_body(self, store: Store) -> None:
        for _ in range(2):
            await store.append_inbox(unreadable(0), quota=Quota(bytes_max=0, webhooks_max=100))
        row = await the_only(store)
        assert (True, 1) == (row.is_body_dropped, row.repeats)

    async def test_a_body_larger_than_the_quota_is_not_kept_and_its_webhook_is(self, store: Store) -> None:
        await store.append_inbox(unreadable(0, b"1" * 30), quota=Quota(bytes_max=20, webhooks_max=100))
        row = await the_only(store)
        assert (b"", 30, True) == (row.body, row.body_bytes, row.is_body_dropped)

    async def test_an_empty_body_is_kept_and_never_called_dropped(self, store: Store) -> None:
        await store.append_inbox(unreadable(0, b""), quota=Quota(bytes_max=0, webhooks_max=100))
        assert (await the_only(store)).is_body_dropped is False

    async def test_webhooks_that_wait_or_were_followed_take_no_part_in_the_quota(self, store: Store) -> None:
        await store.transact(KEY, opens())
        for n in range(2):
            await store.append_inbox(named(n))
        (first, _) = await store.take_inbox()
        await store.end_inbox(first.id, InboxVerdict.LOOKED, quota=Quota(bytes_max=0, webhooks_max=1))
        await store.append_inbox(unreadable(2), quota=Quota(bytes_max=0, webhooks_max=1))
        body = b"0123456789"
        assert [("evt_0", body), ("evt_1", body), ("evt_2", b"")] == await kept(store)

    async def test_one_merchant_s_quarantine_takes_nothing_of_another_s(self, store: Store) -> None:
        quota = Quota(bytes_max=10, webhooks_max=1)
        for merchant_id in (MERCHANT, "another"):
            await store.append_inbox(unreadable(0, merchant_id=merchant_id), quota=quota)
        for merchant_id in (MERCHANT, "another"):
            assert [("evt_0", b"0123456789")] == await kept(store, merchant_id)

    async def test_more_webhooks_than_the_quota_has_leave_the_oldest_out(self, store: Store) -> None:
        for n in range(4):
            await store.append_inbox(unreadable(n), quota=Quota(bytes_max=10**6, webhooks_max=2))
        assert ["evt_2", "evt_3"] == [event_id for event_id, _ in await kept(store)]

    async def test_a_webhook_that_leaves_the_quarantine_makes_room_in_it(self, store: Store) -> None:
        quota = Quota(bytes_max=10, webhooks_max=1)
        await quarantined(store, named(0), quota)
        await store.transact(KEY, opens())
        await store.append_inbox(unreadable(1), quota=quota)
        assert [("evt_0", b"0123456789"), ("evt_1", b"0123456789")] == await kept(store)

    async def test_a_flood_that_waits_again_makes_room_too(self, store: Store) -> None:
        quota = Quota(bytes_max=20, webhooks_max=2)
        for n in range(2):
            await store.append_inbox(named(n), most=1)
        for row in await store.take_inbox():
            await store.end_inbox(row.id, InboxVerdict.UNKNOWN_ORDER, quota=quota)
        await store.append_inbox(named(2), most=1)
        await store.append_inbox(unreadable(3), quota=quota)
        assert [b"0123456789"] * 3 == [body for _, body in await kept(store)]

    # --- without a body

    async def dropped(self, store: Store, webhook: ReceivedWebhook) -> InboxRow:
        await quarantined(store, webhook, Quota(bytes_max=0, webhooks_max=100))
        return await the_only(store)

    async def test_a_webhook_without_a_body_waits_again_with_what_was_read_of_it(self, store: Store) -> None:
        row = await self.dropped(store, named(0))
        assert await store.requeue_inbox(MERCHANT, row.id) is True
        assert [(CLAIMS, KEY.folded)] == [(one.claims, one.order_key) for one in await store.take_inbox()]

    async def test_long_claims_go_with_the_body(self, store: Store) -> None:
        await self.dropped(store, named(0, LONG_CLAIMS))
        await store.transact(KEY, opens())
        assert [(None, KEY.folded)] == [(one.claims, one.order_key) for one in await store.take_inbox()]

    async def test_a_webhook_without_a_body_that_names_no_order_cannot_wait_again(self, store: Store) -> None:
        await store.append_inbox(unreadable(0), quota=Quota(bytes_max=0, webhooks_max=100))
        row = await the_only(store)
        assert await store.requeue_inbox(MERCHANT, row.id) is False
        assert row == await the_only(store)

    async def test_a_new_body_of_a_flood_is_kept_again(self, store: Store) -> None:
        for n in range(2):
            await store.append_inbox(named(n), most=1)
        for row in await store.take_inbox():
            await store.end_inbox(row.id, InboxVerdict.UNKNOWN_ORDER, quota=Quota(bytes_max=0, webhooks_max=100))
        await store.append_inbox(named(2), most=1)
        (row,) = await store.take_inbox()
        assert (b"0123456789", False) == (row.body, row.is_body_dropped)

    # --- sweeps

    async def test_a_sweep_deletes_quarantined_webhooks_that_came_too_long_ago(self, store: Store) -> None:
        for n in range(3):
            await store.append_inbox(unreadable(n))
        retention = evolve(ALL_STAYS, quarantined_since=after_s(2))
        assert Swept(webhooks=2, body_bytes=20) == await swept(store, retention)
        assert [("evt_2", b"0123456789")] == await kept(store)

    async def test_a_sweep_takes_the_body_of_a_followed_webhook_and_leaves_its_row(self, store: Store) -> None:
        await store.transact(KEY, opens())
        for n in range(2):
            await store.append_inbox(named(n))
        for row in await store.take_inbox():
            await store.end_inbox(row.id, InboxVerdict.LOOKED)
        assert Swept(bodies=1, body_bytes=10) == await swept(store, evolve(ALL_STAYS, bodies_since=after_s(1)))
        assert [("evt_0", b""), ("evt_1", b"0123456789")] == await kept(store)
        assert await store.append_inbox(named(0)) is False

    async def test_a_sweep_never_touches_a_webhook_that_waits(self, store: Store) -> None:
        await store.append_inbox(named(0))
        late = after_s(10**6)
        retention = Retention(quarantined_since=late, bodies_since=late, quota=Quota(bytes_max=0, webhooks_max=0))
        assert NOTHING == await store.sweep_inbox(MERCHANT, retention)
        assert [("evt_0", b"0123456789")] == await kept(store)

    async def test_a_sweep_leaves_no_more_than_the_quota(self, store: Store) -> None:
        for n in range(5):
            await store.append_inbox(unreadable(n))
        retention = evolve(ALL_STAYS, quota=Quota(bytes_max=15, webhooks_max=3))
        assert Swept(webhooks=2, bodies=2, body_bytes=40) == await swept(store, retention)
        assert [("evt_2", b""), ("evt_3", b""), ("evt_4", b"0123456789")] == await kept(store)

    async def test_a_batch_of_a_sweep_is_bounded_in_webhooks_and_in_bytes(self, store: Store) -> None:
        for n in range(101):
            await store.append_inbox(unreadable(n))
        for n in range(101, 107):
            await store.append_inbox(unreadable(n, b"1" * 256 * 1024))
        retention = evolve(ALL_STAYS, quarantined_since=after_s(1000))
        batches = [(await store.sweep_inbox(MERCHANT, retention)).webhooks for _ in range(4)]
        assert [100, 5, 2, 0] == batches  # one of ten bytes and a MiB in four, then the rest

    @pytest.mark.parametrize(
        "retention",
        [
            ALL_STAYS,
            evolve(ALL_STAYS, quarantined_since=after_s(4), bodies_since=after_s(1)),
            evolve(ALL_STAYS, quota=Quota(bytes_max=5, webhooks_max=3)),
            evolve(ALL_STAYS, quarantined_since=after_s(1), quota=Quota(bytes_max=25, webhooks_max=100)),
        ],
        ids=["nothing", "old ones", "over the quota", "some of each"],
    )
    async def test_what_sweeps_would_take_is_told_and_nothing_changes(self, store: Store, retention: Retention) -> None:
        await store.transact(KEY, opens())
        for n in range(2):
            await store.append_inbox(named(n))
        for row in await store.take_inbox():
            await store.end_inbox(row.id, InboxVerdict.LOOKED)
        for n in range(5):
            await store.append_inbox(unreadable(n))
        before = await store.inbox(MERCHANT)
        told = await store.sweepable_inbox(MERCHANT, retention)
        assert before == await store.inbox(MERCHANT)
        assert told == await swept(store, retention)
        assert NOTHING == await store.sweepable_inbox(MERCHANT, retention)

    async def test_of_whom_there_are_webhooks_is_told_once_each(self, store: Store) -> None:
        for merchant_id in ("c", "a", "c", "b"):
            await store.append_inbox(unreadable(0, merchant_id=merchant_id))
        assert ["a", "b", "c"] == list(await store.inbox_merchants())
