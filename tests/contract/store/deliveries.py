"""What `Outbox` promises of deliveries: to whom, in which order, again when, and to an end."""

from datetime import timedelta

from contract.samples import KEY, MERCHANT, OTHER, after_s, announces, opens
from contract.store.outbox import restored

from paystate.core.ids import OrderKey
from paystate.core.orders.facts import AnnouncementKind
from paystate.core.ports.outbox import DeliveryRow, DeliveryState
from paystate.core.ports.store import Store
from paystate.core.retention import AnnouncementRetention
from paystate.core.timestamps import CLOCK_SKEW_MAX

LATE = after_s(1000)


class DeliveriesContract:
    async def test_a_new_subscriber_gets_what_is_announced_after_it_was_first_seen(self, store: Store) -> None:
        await announced(store, "before")
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "after")
        await store.subscribe(MERCHANT, "shop")
        await queued(store)
        assert ["review.opened:after"] == await due(store)

    async def test_a_subscriber_that_nobody_made_known_gets_nothing(self, store: Store) -> None:
        await announced(store, "a")
        assert 0 == await queued(store)
        assert [] == list(await store.subscriptions(LATE))

    async def test_what_a_handler_wants_is_known_to_all_and_may_change(self, store: Store) -> None:
        both = frozenset({AnnouncementKind.ORDER_PAID, AnnouncementKind.REFUND_FAILED})
        for handles in (both, frozenset({AnnouncementKind.ORDER_PAID}), frozenset[AnnouncementKind]()):
            await store.subscribe(MERCHANT, "ship", handles)
            assert [handles] == [one.handles for one in await store.subscriptions(LATE)]

    async def test_a_handler_that_is_made_known_anew_begins_at_no_other_place(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "a")
        await store.subscribe(MERCHANT, "shop", frozenset({AnnouncementKind.REVIEW_OPENED}))
        assert 1 == await queued(store)

    async def test_a_subscription_says_what_there_is_to_do(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        assert (False, False) == await to_do(store)
        await announced(store, "a")
        assert (True, False) == await to_do(store)
        await queued(store)
        assert (False, True) == await to_do(store)

    async def test_only_kinds_that_are_wanted_are_queued_and_the_rest_is_passed_over(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "a")
        assert 1 == await store.queue_deliveries(MERCHANT, "shop", frozenset(), LATE)
        assert (False, False) == await to_do(store)
        assert 0 == await queued(store)

    async def test_announcements_are_queued_in_pages(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "a", "b", "c")
        assert [2, 1, 0] == [await queued(store, limit=2) for _ in range(3)]
        assert 3 == len(await store.deliveries(MERCHANT))

    async def test_of_an_order_only_the_first_that_waits_is_due(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "a", "b")
        await announced(store, "c", key=OTHER)
        await queued(store)
        assert ["review.opened:a", "review.opened:c"] == await due(store)
        await delivered(store)
        assert ["review.opened:c", "review.opened:b"] == await due(store)

    async def test_one_that_is_being_sent_is_due_for_nobody_else_until_its_lease_ends(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "a")
        await queued(store)
        (row,) = await store.due_deliveries(MERCHANT, "shop", LATE, limit=9)
        assert await store.begin_delivery(row, LATE, LATE + timedelta(seconds=45))
        assert not await store.begin_delivery(row, LATE, LATE + timedelta(seconds=45))
        assert [] == await due(store, 44)
        (again,) = await store.due_deliveries(MERCHANT, "shop", LATE + timedelta(seconds=45), limit=9)
        assert (row.id, 1) == (again.id, again.tries)

    async def test_one_that_was_not_taken_waits_and_holds_its_order_alone(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "a", "b")
        await announced(store, "c", key=OTHER)
        await queued(store)
        row, _ = await store.due_deliveries(MERCHANT, "shop", LATE, limit=9)
        await store.begin_delivery(row, LATE, LATE)
        later = LATE + timedelta(seconds=300)
        await store.end_delivery(row, DeliveryState.WAITING, LATE, outcome="answered 500", due_at=later)
        assert ["review.opened:c"] == await due(store, 299)
        assert ["review.opened:c", "review.opened:a"] == await due(store, 300)
        (kept,) = await store.deliveries(MERCHANT, event_id=row.announcement.event_id)
        assert ("answered 500", 1, later, None) == (kept.outcome, kept.tries, kept.due_at, kept.ended_at)

    async def test_a_dead_letter_lets_its_order_go_on(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "a", "b")
        await queued(store)
        (row,) = await store.due_deliveries(MERCHANT, "shop", LATE, limit=9)
        await store.begin_delivery(row, LATE, LATE)
        await store.end_delivery(row, DeliveryState.DEAD, LATE, outcome="answered 500")
        assert ["review.opened:b"] == await due(store)
        (dead,) = await store.deliveries(MERCHANT, state=DeliveryState.DEAD)
        assert ("review.opened:a", LATE, None) == (dead.announcement.once_key, dead.ended_at, dead.due_at)

    async def test_a_late_failure_of_a_try_that_another_has_taken_over_is_dropped(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "a")
        await queued(store)
        (row,) = await store.due_deliveries(MERCHANT, "shop", LATE, limit=9)
        await store.begin_delivery(row, LATE, LATE)
        (again,) = await store.due_deliveries(MERCHANT, "shop", LATE, limit=9)
        await store.begin_delivery(again, LATE, LATE + timedelta(seconds=45))
        await store.end_delivery(row, DeliveryState.DEAD, LATE, outcome="late")
        assert [DeliveryState.WAITING] == [one.state for one in await store.deliveries(MERCHANT)]
        assert [] == await due(store, 44)

    async def test_a_late_success_counts_whatever_happened_since(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "a")
        await queued(store)
        (row,) = await store.due_deliveries(MERCHANT, "shop", LATE, limit=9)
        await store.begin_delivery(row, LATE, LATE)
        await store.end_delivery(row, DeliveryState.DEAD, LATE, outcome="no answer")
        await store.end_delivery(row, DeliveryState.DELIVERED, LATE, outcome="answered 200")
        await store.end_delivery(row, DeliveryState.DEAD, LATE, outcome="no answer")
        (kept,) = await store.deliveries(MERCHANT)
        assert (DeliveryState.DELIVERED, "answered 200") == (kept.state, kept.outcome)

    async def test_a_subscriber_that_wants_nothing_gets_nothing_until_it_is_resumed(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "a", "b")
        await queued(store)
        await store.pause_subscriber(MERCHANT, "shop", LATE, outcome="answered 410")
        assert ["dead", "dead"] == [one.state for one in await store.deliveries(MERCHANT)]
        await announced(store, "c")
        await queued(store)
        assert ([], (False, False)) == (await due(store), await to_do(store))
        (known,) = await store.subscriptions(LATE)
        assert LATE == known.paused_at
        assert await store.resume_subscriber(MERCHANT, "shop")
        assert not await store.resume_subscriber(MERCHANT, "shop")
        await announced(store, "d")
        await queued(store)
        assert ["review.opened:d"] == await due(store)

    async def test_what_is_resumed_begins_behind_the_newest(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await store.pause_subscriber(MERCHANT, "shop", LATE, outcome="answered 410")
        await announced(store, "a")
        await store.resume_subscriber(MERCHANT, "shop")
        assert 0 == await queued(store)

    async def test_who_is_forgotten_gets_nothing_and_begins_anew_when_it_comes_back(self, store: Store) -> None:
        for name in ("shop", "books"):
            await store.subscribe(MERCHANT, name)
        await announced(store, "a")
        await queued(store)
        assert not await store.unsubscribe("lamps", "shop", LATE, outcome="forgotten")
        assert await store.unsubscribe(MERCHANT, "shop", LATE, outcome="forgotten")
        assert not await store.unsubscribe(MERCHANT, "shop", LATE, outcome="forgotten")
        (given_up,) = await store.deliveries(MERCHANT)
        assert (DeliveryState.DEAD, LATE, "forgotten") == (given_up.state, given_up.ended_at, given_up.outcome)
        await announced(store, "b")
        assert 0 == await queued(store)
        assert ["books"] == [one.subscriber for one in await store.subscriptions(LATE)]
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "c")
        await queued(store)
        assert ["review.opened:c"] == await due(store)

    async def test_an_announcement_is_delivered_once_more(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "a", "b")
        await queued(store)
        await delivered(store)
        first, _ = await store.outbox(MERCHANT)
        assert await store.requeue_delivery(first, "shop", LATE)
        assert ["review.opened:a"] == await due(store)  # and its order's second waits behind it again
        (row,) = await store.deliveries(MERCHANT, event_id=first.event_id)
        assert (DeliveryState.WAITING, 0, None, "") == (row.state, row.tries, row.ended_at, row.outcome)

    async def test_an_announcement_is_delivered_to_one_that_had_not_wanted_it(self, store: Store) -> None:
        await announced(store, "a")
        await store.subscribe(MERCHANT, "shop")
        (row,) = await store.outbox(MERCHANT)
        assert await store.requeue_delivery(row, "shop", LATE)
        assert ["review.opened:a"] == await due(store)

    async def test_deliveries_are_listed_newest_first(self, store: Store) -> None:
        for name in ("books", "shop"):
            await store.subscribe(MERCHANT, name)
        await announced(store, "a")
        await announced(store, "b", key=OTHER)
        await queued(store)
        await store.queue_deliveries(MERCHANT, "books", frozenset(AnnouncementKind), LATE)
        listed = await store.deliveries(MERCHANT)
        assert [("books", "b"), ("books", "a"), ("shop", "b"), ("shop", "a")] == [named(one) for one in listed]
        page = await store.deliveries(MERCHANT, before=listed[0].id, limit=1)
        assert [("books", "a")] == [named(one) for one in page]
        of_order = await store.deliveries(MERCHANT, order_id="order-2", subscriber="shop")
        assert [("shop", "b")] == [named(one) for one in of_order]
        assert [] == list(await store.deliveries("another"))

    async def test_no_announcement_goes_while_a_delivery_of_it_waits_until_it_is_much_too_old(
        self, store: Store
    ) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "a", "b", "c")
        await queued(store)
        await delivered(store)
        assert 1 == await store.sweep_outbox(
            MERCHANT, AnnouncementRetention(ended_since=LATE, waiting_since=after_s(0))
        )
        assert ["c", "b"] == [named(one)[1] for one in await store.deliveries(MERCHANT)]
        assert 1 == await store.sweep_outbox(MERCHANT, AnnouncementRetention(ended_since=LATE, waiting_since=LATE))
        assert ["review.opened:c"] == await due(store)

    async def test_what_waits_for_its_next_try_is_sent_now_if_it_is_delivered_once_more(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "a")
        await queued(store)
        row = await begun(store)
        later = LATE + timedelta(days=1)
        await store.end_delivery(row, DeliveryState.WAITING, LATE, outcome="answered 500", due_at=later)
        assert [] == await due(store)
        assert await store.requeue_delivery(row.announcement, "shop", LATE)
        assert ["review.opened:a"] == await due(store)
        (kept,) = await store.deliveries(MERCHANT)
        assert (0, "") == (kept.tries, kept.outcome)

    async def test_what_is_being_sent_is_not_sent_once_more_beside_that(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "a")
        await queued(store)
        row = await begun(store)
        assert not await store.requeue_delivery(row.announcement, "shop", LATE)
        assert [] == await due(store, 44)

    async def test_an_earlier_one_of_the_order_waits_until_what_is_being_sent_has_ended(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "a", "b")
        await queued(store)
        await delivered(store)
        first, _ = await store.outbox(MERCHANT)
        second = await begun(store)
        assert "review.opened:b" == second.announcement.once_key
        assert await store.requeue_delivery(first, "shop", LATE)
        assert [] == await due(store, 44)
        await store.end_delivery(second, DeliveryState.DELIVERED, LATE, outcome="answered 200")
        assert ["review.opened:a"] == await due(store)

    async def test_what_a_clock_planned_that_has_been_set_back_since_is_due(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "a")
        await announced(store, "b", key=OTHER)
        ahead = LATE + timedelta(days=365)
        await store.queue_deliveries(MERCHANT, "shop", frozenset(AnnouncementKind), ahead)
        assert (False, True) == await to_do(store)
        assert ["review.opened:a", "review.opened:b"] == await due(store)
        assert 1 == len(await store.due_deliveries(MERCHANT, "shop", LATE, limit=1))

    async def test_a_clock_that_is_a_minute_ahead_is_waited_for(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "a")
        await store.queue_deliveries(MERCHANT, "shop", frozenset(AnnouncementKind), LATE + CLOCK_SKEW_MAX)
        assert ([], (False, False)) == (await due(store), await to_do(store))
        assert ["review.opened:a"] == await due(store, 60)

    async def test_a_lease_and_a_next_try_of_a_clock_that_was_ahead_are_due(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "a")
        await announced(store, "b", key=OTHER)
        await queued(store)
        ahead = LATE + timedelta(days=365)
        leased, ended = await store.due_deliveries(MERCHANT, "shop", LATE, limit=9)
        for row in (leased, ended):
            await store.begin_delivery(row, ahead, ahead + timedelta(seconds=45))
        await store.end_delivery(
            ended, DeliveryState.WAITING, ahead, outcome="answered 500", due_at=ahead + timedelta(seconds=5)
        )
        assert ["review.opened:a", "review.opened:b"] == await due(store)

    async def test_how_a_try_ended_is_noted_for_no_other_delivery_than_its_own(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "old")
        await queued(store)
        row = await begun(store)
        await announced(store, "new", key=OTHER)
        assert 1 == await store.sweep_outbox(MERCHANT, AnnouncementRetention(ended_since=LATE, waiting_since=LATE))
        await queued(store)
        await store.end_delivery(row, DeliveryState.DELIVERED, LATE, outcome="answered 200")
        assert [("review.opened:new", DeliveryState.WAITING)] == [
            (one.announcement.once_key, one.state) for one in await store.deliveries(MERCHANT)
        ]

    async def test_what_is_not_queued_yet_is_kept_as_long_as_what_waits(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "a", "b")
        month = AnnouncementRetention(ended_since=LATE, waiting_since=after_s(0))
        assert (0, 0) == (await store.sweepable_outbox(MERCHANT, month), await store.sweep_outbox(MERCHANT, month))
        assert 1 == await store.sweepable_outbox(MERCHANT, AnnouncementRetention(ended_since=LATE, waiting_since=LATE))
        await store.pause_subscriber(MERCHANT, "shop", LATE, outcome="answered 410")
        assert 1 == await store.sweep_outbox(MERCHANT, month)

    async def test_what_is_put_back_is_kept_as_if_it_were_new(self, store: Store) -> None:
        await store.subscribe(MERCHANT, "shop")
        await announced(store, "a", "b")
        await queued(store)
        everything = AnnouncementRetention(ended_since=LATE, waiting_since=LATE)
        await store.sweep_outbox(MERCHANT, everything)
        back = await restored(store, LATE)
        assert ["review.opened:a", "review.opened:b"] == [row.once_key for row in back]
        assert [after_s(1), after_s(2)] == [row.at for row in back]
        assert 0 == await store.sweep_outbox(MERCHANT, everything)
        later = after_s(1001)
        assert 1 == await store.sweep_outbox(MERCHANT, AnnouncementRetention(ended_since=later, waiting_since=later))


async def announced(store: Store, *reasons: str, key: OrderKey = KEY) -> None:
    if await store.load(key) is None:
        await store.transact(key, opens(key))
    for reason in reasons:
        await store.transact(key, announces(reason))


async def queued(store: Store, *, limit: int = 500) -> int:
    return await store.queue_deliveries(MERCHANT, "shop", frozenset(AnnouncementKind), after_s(500), limit=limit)


async def due(store: Store, seconds: float = 0) -> list[str]:
    rows = await store.due_deliveries(MERCHANT, "shop", LATE + timedelta(seconds=seconds), limit=9)
    return [row.announcement.once_key for row in rows]


async def delivered(store: Store) -> None:
    """Deliver the first that is due."""
    row, *_ = await store.due_deliveries(MERCHANT, "shop", LATE, limit=9)
    await store.begin_delivery(row, LATE, LATE + timedelta(seconds=45))
    await store.end_delivery(row, DeliveryState.DELIVERED, LATE, outcome="answered 200")


async def begun(store: Store) -> DeliveryRow:
    """Begin to send the first that is due; returns it as it was before."""
    row, *_ = await store.due_deliveries(MERCHANT, "shop", LATE, limit=9)
    assert await store.begin_delivery(row, LATE, LATE + timedelta(seconds=45))
    return row


async def to_do(store: Store) -> tuple[bool, bool]:
    (known,) = await store.subscriptions(LATE)
    return known.is_behind, known.has_due


def named(row: DeliveryRow) -> tuple[str, str]:
    return row.subscriber, row.announcement.once_key.removeprefix("review.opened:")
