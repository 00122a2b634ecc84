"""What `Inbox` promises."""

import hashlib
from decimal import Decimal

import pytest
from attrs import evolve
from contract.samples import (
    KEY,
    MERCHANT,
    NOW,
    opens,
)

from paystate.core.evidence import DisputeClaim, TxnClaim
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.timing.schedule import Schedule
from paystate.core.ports.store import InboxVerdict, ReceivedWebhook, Store

CLAIMS = NoteWebhook(
    txns=(TxnClaim(txn_id="t-1", status="CHARGED"), TxnClaim(txn_id="t-é", status="")),
    dispute=DisputeClaim(dispute_id="cb-1", stage="RECEIVED", amount=Decimal("100.50")),
)


class InboxContract:
    # --- webhooks

    async def test_a_webhook_waits_as_it_came(self, store: Store) -> None:
        body = b'{"id": "evt_1", "\xff": 0}'
        assert await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", body, NOW)) is True
        (row,) = await store.take_inbox()
        assert (MERCHANT, "evt_1", body, NOW) == (row.merchant_id, row.event_id, row.body, row.received_at)
        assert (hashlib.sha256(body).hexdigest(), 0, False, "") == (
            row.digest, row.repeats, row.conflicts, row.verdict,
        )  # fmt: skip

    async def test_a_webhook_is_kept_with_what_was_read_of_it(self, store: Store) -> None:
        for name, claims in (("evt_1", CLAIMS), ("evt_2", NoteWebhook()), ("evt_3", None)):
            await store.append_inbox(ReceivedWebhook(MERCHANT, name, b"{}", NOW, order_key="order-1", claims=claims))
        assert [CLAIMS, NoteWebhook(), None] == [row.claims for row in await store.take_inbox()]

    @pytest.mark.parametrize("verdict", [InboxVerdict.UNREADABLE, InboxVerdict.NO_ORDER, InboxVerdict.OTHER_MERCHANT])
    async def test_a_webhook_that_comes_with_a_verdict_never_waits(self, store: Store, verdict: InboxVerdict) -> None:
        assert await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW, verdict=verdict)) is True
        assert await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW, verdict=verdict)) is False
        assert [] == list(await store.take_inbox())
        assert [(verdict, 1)] == [(row.verdict, row.repeats) for row in await store.inbox(MERCHANT, quarantined=True)]

    async def test_a_webhook_that_is_let_in_again_is_to_be_read_again(self, store: Store) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW, order_key="order-1", claims=CLAIMS))
        (row,) = await store.take_inbox()
        await store.requeue_inbox(MERCHANT, row.id)
        assert [evolve(row, claims=None)] == list(await store.take_inbox())

    async def test_the_same_webhook_again_is_counted_and_not_stored(self, store: Store) -> None:
        for expected in (True, False, False):
            assert expected is await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW))
        (row,) = await store.take_inbox()
        assert 2 == row.repeats

    async def test_a_repeat_does_not_wake_a_webhook_that_was_quarantined(self, store: Store) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW))
        await store.end_inbox((await store.take_inbox())[0].id, InboxVerdict.LOOKED)
        assert await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW)) is False
        assert [] == list(await store.take_inbox())

    async def test_another_body_under_the_same_id_is_kept_and_both_are_flagged(self, store: Store) -> None:
        for body in (b"one", b"two", b"one"):
            await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", body, NOW))
        rows = await store.take_inbox()
        assert [(b"one", 1, True), (b"two", 0, True)] == [(row.body, row.repeats, row.conflicts) for row in rows]

    async def test_the_same_id_of_another_merchant_is_no_conflict(self, store: Store) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"one", NOW))
        await store.append_inbox(ReceivedWebhook("another", "evt_1", b"two", NOW))
        assert [False, False] == [row.conflicts for row in await store.take_inbox()]

    @pytest.mark.parametrize("event_id", [None, ""])
    async def test_a_webhook_without_an_id_is_known_by_its_body(self, store: Store, event_id: str | None) -> None:
        assert await store.append_inbox(ReceivedWebhook(MERCHANT, event_id, b"one", NOW)) is True
        assert await store.append_inbox(ReceivedWebhook(MERCHANT, event_id, b"two", NOW)) is True
        assert await store.append_inbox(ReceivedWebhook(MERCHANT, event_id, b"one", NOW)) is False
        rows = await store.take_inbox()
        assert [f"sha256:{row.digest}" for row in rows] == [row.event_id for row in rows]
        assert [False, False] == [row.conflicts for row in rows]

    async def test_what_a_webhook_claims_is_told_only_where_it_is_taken(self, store: Store) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW, order_key=KEY.folded, claims=CLAIMS))
        (row,) = await store.take_inbox()
        listed = [*await store.inbox(MERCHANT), await store.inbox_row(MERCHANT, row.id), *await store.webhooks_of(KEY)]
        assert (CLAIMS, [None] * 3) == (row.claims, [one and one.claims for one in listed])

    async def test_what_a_body_is_found_to_say_replaces_what_was_kept(self, store: Store) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW, order_key="another"))
        (row,) = await store.take_inbox()
        await store.reread_inbox(row.id, event_name="E", order_key=KEY.folded, claims=CLAIMS)
        (found,) = await store.take_inbox()
        assert ("E", KEY.folded, CLAIMS) == (found.event_name, found.order_key, found.claims)
        await store.end_inbox(row.id, InboxVerdict.LOOKED)
        await store.reread_inbox(row.id, event_name="F", order_key=None, claims=None)
        assert ["E"] == [one.event_name for one in await store.webhooks_of(KEY)]

    async def test_webhooks_are_taken_oldest_first_and_shown_newest_first(self, store: Store) -> None:
        for n in range(3):
            await store.append_inbox(ReceivedWebhook(MERCHANT, f"evt_{n}", b"{}", NOW))
        await store.append_inbox(ReceivedWebhook("another", "evt_9", b"{}", NOW))
        assert ["evt_0", "evt_1", "evt_9"] == [row.event_id for row in await store.take_inbox(limit=4)]
        assert ["evt_2", "evt_1", "evt_0"] == [row.event_id for row in await store.inbox(MERCHANT)]
        assert ["evt_2"] == [row.event_id for row in await store.inbox(MERCHANT, limit=1)]

    async def test_a_flood_of_one_merchant_leaves_every_other_a_share_of_what_is_taken(self, store: Store) -> None:
        for n in range(20):
            await store.append_inbox(ReceivedWebhook(MERCHANT, f"evt_{n}", b"{}", NOW))
        for merchant_id in ("late", "later"):
            await store.append_inbox(ReceivedWebhook(merchant_id, "evt_0", b"{}", NOW))
        taken = [(row.merchant_id, row.event_id) for row in await store.take_inbox(limit=9)]
        assert [*((MERCHANT, f"evt_{n}") for n in range(3)), ("late", "evt_0"), ("later", "evt_0")] == taken
        assert [MERCHANT] == [row.merchant_id for row in await store.take_inbox(limit=1)]

    async def test_taking_changes_nothing_and_settling_does_so_once(self, store: Store) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW))
        (row,) = await store.take_inbox()
        assert [row] == list(await store.take_inbox())
        await store.end_inbox(row.id, InboxVerdict.UNREADABLE)
        await store.end_inbox(row.id, InboxVerdict.LOOKED)
        assert [] == list(await store.take_inbox())
        assert ["unreadable"] == [row.verdict for row in await store.inbox(MERCHANT)]

    async def test_a_webhook_quarantined_for_an_unknown_order_waits_again_once_it_is_opened(self, store: Store) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW, order_key="order-1", claims=CLAIMS))
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_2", b"{}", NOW, order_key="order-2"))
        await store.append_inbox(ReceivedWebhook("another", "evt_1", b"{}", NOW, order_key="order-1"))
        rows = await store.take_inbox()
        for row in rows:
            await store.end_inbox(row.id, InboxVerdict.UNKNOWN_ORDER)
        assert [] == list(await store.take_inbox())
        await store.transact(KEY, opens())
        assert [rows[0]] == list(await store.take_inbox())

    async def test_a_webhook_quarantined_for_another_reason_stays_so_when_its_order_is_opened(
        self, store: Store
    ) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW, order_key="order-1"))
        await store.end_inbox((await store.take_inbox())[0].id, InboxVerdict.UNREADABLE)
        await store.transact(KEY, opens())
        assert [InboxVerdict.UNREADABLE] == [row.verdict for row in await store.inbox(MERCHANT)]

    async def test_a_webhook_is_not_quarantined_for_an_order_that_was_opened_meanwhile(self, store: Store) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW, order_key="order-1"))
        (row,) = await store.take_inbox()
        await store.transact(KEY, opens())
        await store.end_inbox(row.id, InboxVerdict.UNKNOWN_ORDER)
        assert [row] == list(await store.take_inbox())

    async def test_quarantined_webhooks_are_those_that_could_not_be_followed(self, store: Store) -> None:
        for verdict in (
            "",
            InboxVerdict.LOOKED,
            InboxVerdict.UNREADABLE,
            InboxVerdict.NO_ORDER,
            InboxVerdict.OTHER_MERCHANT,
            InboxVerdict.UNKNOWN_ORDER,
        ):
            await store.append_inbox(ReceivedWebhook(MERCHANT, verdict or "waiting", b"{}", NOW))
        for row in await store.take_inbox():
            if row.event_id != "waiting":
                await store.end_inbox(row.id, InboxVerdict(row.event_id))
        found = await store.inbox(MERCHANT, quarantined=True)
        assert [
            InboxVerdict.UNKNOWN_ORDER,
            InboxVerdict.OTHER_MERCHANT,
            InboxVerdict.NO_ORDER,
            InboxVerdict.UNREADABLE,
        ] == [row.verdict for row in found]
        assert [] == list(await store.inbox("another", quarantined=True))

    async def test_webhooks_are_found_by_the_order_they_name(self, store: Store) -> None:
        for n, order_key in enumerate(("order-1", "order-2", None, "order-1")):
            await store.append_inbox(ReceivedWebhook(MERCHANT, f"evt_{n}", b"{}", NOW, order_key=order_key))
        await store.append_inbox(ReceivedWebhook("another", "evt_9", b"{}", NOW, order_key="order-1"))
        await store.end_inbox(1, InboxVerdict.UNREADABLE)
        assert ["evt_3", "evt_0"] == [row.event_id for row in await store.inbox(MERCHANT, order_id="ORDER-1")]
        quarantined = await store.inbox(MERCHANT, order_id="Order-1", quarantined=True)
        assert ["evt_0"] == [row.event_id for row in quarantined]

    async def test_pages_of_webhooks_hold_each_once(self, store: Store) -> None:
        for n in range(5):
            await store.append_inbox(ReceivedWebhook(MERCHANT, f"evt_{n}", b"{}", NOW))
        pages, before = [], None
        while page := await store.inbox(MERCHANT, before=before, limit=2):
            pages.append([row.event_id for row in page])
            before = page[-1].id
        assert [["evt_4", "evt_3"], ["evt_2", "evt_1"], ["evt_0"]] == pages

    async def test_an_order_s_webhooks_come_oldest_first_with_their_names_and_without_bodies(
        self, store: Store
    ) -> None:
        for name in ("TXN_CREATED", "ORDER_SUCCEEDED"):
            await store.append_inbox(ReceivedWebhook(MERCHANT, name, b"{}", NOW, event_name=name, order_key="order-1"))
        await store.append_inbox(ReceivedWebhook("another", "x", b"{}", NOW, order_key="order-1"))
        rows = await store.webhooks_of(KEY)
        assert [("TXN_CREATED", b""), ("ORDER_SUCCEEDED", b"")] == [(row.event_name, row.body) for row in rows]
        assert ["TXN_CREATED"] == [row.event_name for row in await store.webhooks_of(KEY, limit=1)]

    async def test_one_webhook_is_shown_whole_to_its_own_merchant_only(self, store: Store) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW, event_name="N", order_key="order-1"))
        (row,) = await store.take_inbox()
        assert row == await store.inbox_row(MERCHANT, row.id)
        assert ("N", "order-1", b"{}") == (row.event_name, row.order_key, row.body)
        assert await store.inbox_row("another", row.id) is None
        assert await store.inbox_row(MERCHANT, row.id + 1) is None

    @pytest.mark.parametrize(
        "verdict", [InboxVerdict.WAITING, InboxVerdict.LOOKED, InboxVerdict.UNREADABLE, InboxVerdict.UNKNOWN_ORDER]
    )
    async def test_a_webhook_waits_again_whatever_its_verdict(self, store: Store, verdict: InboxVerdict) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW))
        (row,) = await store.take_inbox()
        await store.end_inbox(row.id, verdict)
        assert await store.requeue_inbox(MERCHANT, row.id) is True
        assert [row] == list(await store.take_inbox())

    async def test_nobody_requeues_another_merchant_s_webhook(self, store: Store) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW))
        (row,) = await store.take_inbox()
        await store.end_inbox(row.id, InboxVerdict.UNREADABLE)
        assert await store.requeue_inbox("another", row.id) is False
        assert await store.requeue_inbox(MERCHANT, row.id + 1) is False
        assert [] == list(await store.take_inbox())

    # --- webhooks that make an order due

    async def test_rescheduling_consumes_a_webhook(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW))
        (row,) = await store.take_inbox()
        hint = Schedule(hint_at=NOW)
        assert await store.reschedule(KEY, lambda _: (hint, True), consumes=row.id) is True
        assert (hint, []) == (await store.schedule(KEY), list(await store.take_inbox()))
        assert ["looked"] == [row.verdict for row in await store.inbox(MERCHANT)]

    async def test_a_webhook_that_another_worker_has_settled_meanwhile_asks_for_nothing_more(
        self, store: Store
    ) -> None:
        await store.transact(KEY, opens())
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW))
        (row,) = await store.take_inbox()  # as the other one did
        assert await store.reschedule(KEY, lambda _: (Schedule(hint_at=NOW), True), consumes=row.id) is True
        begun = Schedule(next_look_at=NOW)
        assert await store.reschedule(KEY, lambda _: (begun, True)) is True  # the look that the hint asked for
        assert await store.reschedule(KEY, lambda _: (Schedule(hint_at=NOW), True), consumes=row.id) is True
        assert begun == await store.schedule(KEY)

    async def test_a_webhook_is_not_consumed_when_its_order_is_not_there(self, store: Store) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW))
        (row,) = await store.take_inbox()
        assert await store.reschedule(KEY, lambda schedule: (schedule, True), consumes=row.id) is None
        assert [row] == list(await store.take_inbox())

    async def test_a_webhook_is_not_consumed_when_fn_fails(self, store: Store) -> None:
        def broken(_: Schedule) -> tuple[Schedule, bool]:
            raise ArithmeticError

        await store.transact(KEY, opens())
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW))
        (row,) = await store.take_inbox()
        with pytest.raises(ArithmeticError):
            await store.reschedule(KEY, broken, consumes=row.id)
        assert [row] == list(await store.take_inbox())
