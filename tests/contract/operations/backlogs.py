"""What `Backlogs` promises: how much waits, and since when."""

from datetime import datetime

from contract.samples import (
    FOREIGN,
    KEY,
    MERCHANT,
    NOW,
    OTHER,
    after_s,
    announces,
    answered_wrongly,
    asks_for_refund,
    charges,
    nothing_new,
    opens,
)

from paystate.core.ids import OrderKey
from paystate.core.orders.derived import Status
from paystate.core.orders.facts import AnnouncementKind
from paystate.core.ports.backlog import MerchantBacklog, SubscriberBacklog, Waiting
from paystate.core.ports.outbox import DeliveryState
from paystate.core.ports.store import InboxVerdict, ReceivedWebhook, Store

LATE = after_s(1000)
SHOP = (MERCHANT, "shop")


class BacklogsContract:
    async def test_of_a_merchant_without_anything_nothing_waits(self, store: Store) -> None:
        nothing = MerchantBacklog(
            merchant_id=MERCHANT, open_since={}, due=Waiting(), webhooks=Waiting(), quarantined=0, refunds=Waiting(),
            under_review=0,
        )  # fmt: skip
        assert [nothing] == list(await store.backlog([MERCHANT], NOW))
        assert [] == list(await store.backlog([], NOW))

    async def test_an_open_order_is_told_by_status_and_since_it_was_opened(self, store: Store) -> None:
        for key, at in ((KEY, 5), (OTHER, 3), (OrderKey(MERCHANT, "paid"), 0)):
            await store.transact(key, opens(key, after_s(at)))
        await store.transact(OrderKey(MERCHANT, "paid"), charges(OrderKey(MERCHANT, "paid")))
        await store.transact(FOREIGN, opens(FOREIGN))
        assert {Status.NEW: after_s(3)} == (await of_merchant(store)).open_since

    async def test_orders_are_due_from_the_instant_on_that_their_schedule_names(self, store: Store) -> None:
        for key, at in ((KEY, 20), (OTHER, 10), (FOREIGN, 5)):
            await store.transact(key, opens(key))
            await store.transact(key, nothing_new(after_s(at)))
        told = [(await of_merchant(store, after_s(at))).due for at in (9, 10, 20)]
        assert [Waiting(), waiting(1, 10), waiting(2, 10)] == told
        both = await store.backlog([MERCHANT, FOREIGN.merchant_id, "nobody"], LATE)
        assert [waiting(2, 10), waiting(1, 5), Waiting()] == [one.due for one in both]

    async def test_webhooks_wait_until_they_are_settled(self, store: Store) -> None:
        for number in (1, 2, 3):
            webhook = ReceivedWebhook(MERCHANT, f"evt_{number}", b"{}", after_s(number), order_key=KEY.folded)
            await store.append_inbox(webhook)
        await store.append_inbox(ReceivedWebhook("another", "evt_0", b"{}", NOW))
        assert waiting(3, 1) == (await of_merchant(store)).webhooks
        first, second, _ = [row for row in await store.take_inbox() if row.merchant_id == MERCHANT]
        await store.end_inbox(first.id, InboxVerdict.LOOKED)
        await store.end_inbox(second.id, InboxVerdict.UNKNOWN_ORDER)
        left = await of_merchant(store)
        assert (waiting(1, 3), 1) == (left.webhooks, left.quarantined)

    async def test_refunds_of_unknown_end_and_orders_under_review_are_counted(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(KEY, charges())
        await store.transact(KEY, asks_for_refund())
        await store.transact(OTHER, opens(OTHER))
        await store.transact(OTHER, answered_wrongly(OTHER))
        told = await of_merchant(store)
        assert (waiting(1, 2), 1) == (told.refunds, told.under_review)

    async def test_announcements_wait_for_a_subscriber_be_they_queued_or_not(self, store: Store) -> None:
        await store.subscribe(*SHOP)
        await announced(store, KEY, "a", "b")
        await announced(store, OTHER, "c")
        assert told(waiting(3, 1)) == await for_shop(store)
        await store.queue_deliveries(*SHOP, frozenset(AnnouncementKind), LATE, limit=1)
        assert told(waiting(3, 1)) == await for_shop(store)
        await store.queue_deliveries(*SHOP, frozenset(AnnouncementKind), LATE)
        await ended(store, DeliveryState.DELIVERED)
        await ended(store, DeliveryState.DEAD)
        assert told(waiting(1, 1), dead=1) == await for_shop(store)

    async def test_for_one_that_wants_nothing_any_more_nothing_waits(self, store: Store) -> None:
        await store.subscribe(*SHOP)
        await announced(store, KEY, "a")
        await store.queue_deliveries(*SHOP, frozenset(AnnouncementKind), LATE)
        await store.pause_subscriber(*SHOP, LATE, outcome="answered 410")
        await announced(store, OTHER, "b")
        assert told(Waiting(), dead=1) == await for_shop(store)

    async def test_for_one_that_nobody_made_known_nothing_waits(self, store: Store) -> None:
        await announced(store, KEY, "a")
        assert told(Waiting()) == await for_shop(store)

    async def test_one_subscriber_s_dead_letters_are_not_another_s(self, store: Store) -> None:
        for to in (SHOP, (MERCHANT, "books")):
            await store.subscribe(*to)
        await announced(store, KEY, "a")
        for to in (SHOP, (MERCHANT, "books")):
            await store.queue_deliveries(*to, frozenset(AnnouncementKind), LATE)
        await ended(store, DeliveryState.DEAD)
        both = await store.delivery_backlog([SHOP, (MERCHANT, "books")])
        assert [(1, 0), (0, 1)] == [(one.dead, one.waiting.count) for one in both]


def waiting(count: int, since_s: float) -> Waiting:
    return Waiting(count=count, since=after_s(since_s))


def told(what: Waiting, dead: int = 0) -> SubscriberBacklog:
    return SubscriberBacklog(merchant_id=MERCHANT, subscriber="shop", waiting=what, dead=dead)


async def of_merchant(store: Store, now: datetime = LATE) -> MerchantBacklog:
    (one,) = await store.backlog([MERCHANT], now)
    return one


async def for_shop(store: Store) -> SubscriberBacklog:
    (one,) = await store.delivery_backlog([SHOP])
    return one


async def announced(store: Store, key: OrderKey, *names: str) -> None:
    """A new order's, a second after it was opened."""
    await store.transact(key, opens(key))
    await store.transact(key, announces(*names))


async def ended(store: Store, state: DeliveryState) -> None:
    """The first delivery to the shop that is due."""
    row, *_ = await store.due_deliveries(*SHOP, LATE, limit=1)
    await store.begin_delivery(row, LATE, LATE)
    await store.end_delivery(row, state, LATE, outcome="200")
