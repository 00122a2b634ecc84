"""What the worker takes away of old webhooks, at its own pace and without holding anything up."""

import json
from collections.abc import AsyncIterator

import pytest
from attrs import evolve
from integration.api.world import World, world

from paystate.core.errors import BodyDropped, StorageUnavailable
from paystate.core.ids import OrderKey
from paystate.core.policy import DAY_S, HOUR_S, Policy
from paystate.core.ports.store import InboxVerdict, ReceivedWebhook
from paystate.core.retention import BATCH_MAX, NOTHING, Quota, Retention, Swept
from paystate.core.use_cases.retention.sweep import sweep_all, would_sweep
from paystate.core.use_cases.webhooks import follow_webhook, replay, would_settle
from paystate.entrypoints.service.worker import Worker

KEY = OrderKey("shop", "lamp-1")
ROUND_S = HOUR_S


@pytest.fixture
async def shop() -> AsyncIterator[World]:
    async with world() as running:
        yield running


def webhook(n: int = 1, order_id: str = "lamp-1") -> bytes:
    order = {"order_id": order_id, "merchant_id": "shop", "status": "CHARGED", "txn_id": f"t-{n}"}
    return json.dumps({"id": f"evt-{n}", "event_name": "ORDER_SUCCEEDED", "content": {"order": order}}).encode()


async def bodies(shop: World) -> list[bytes]:
    return [row.body for row in await shop.store.inbox("shop")]


async def test_the_body_of_a_followed_webhook_goes_after_its_time_and_its_row_stays(shop: World) -> None:
    await shop.opened()
    await shop.hook(webhook())
    worker = Worker(shop.runtime)
    await worker.turn()
    shop.clock.advance(89 * DAY_S)
    await worker.turn()
    assert [webhook()] == await bodies(shop)
    shop.clock.advance(2 * DAY_S)
    await worker.turn()
    assert [(b"", InboxVerdict.LOOKED)] == [(row.body, row.verdict) for row in await shop.store.inbox("shop")]


async def test_a_webhook_of_an_order_that_nobody_opens_goes_after_its_time(shop: World) -> None:
    await shop.hook(webhook())
    worker = Worker(shop.runtime)
    await worker.turn()
    shop.clock.advance(31 * DAY_S)
    await worker.turn()
    assert [] == await bodies(shop)


async def test_each_merchant_s_own_policy_counts() -> None:
    async with world(policy=Policy(quarantine_kept_s=DAY_S)) as shop:
        await shop.hook(b"unreadable")
        await shop.hook(b"unreadable", "other", authorization="Basic b3RoZXI6c2VjcmV0", x_shop="")
        worker = Worker(shop.runtime)
        await worker.turn()
        for _ in range(2):
            shop.clock.advance(2 * DAY_S)
            await worker.turn()
        assert (0, 1) == (len(await shop.store.inbox("shop")), len(await shop.store.inbox("other")))


async def test_webhooks_of_a_merchant_who_is_not_set_up_any_more_go_as_well(shop: World) -> None:
    await shop.hook(b"unreadable")
    shop.runtime.current = evolve(shop.runtime.current, merchants={})
    shop.clock.advance(31 * DAY_S)
    await Worker(shop.runtime).turn()
    assert [] == await bodies(shop)


async def test_one_step_takes_one_batch_and_the_next_waits_a_second(shop: World) -> None:
    for n in range(BATCH_MAX + 1):
        await shop.hook(b"unreadable %d" % n)
    shop.clock.advance(31 * DAY_S)
    worker = Worker(shop.runtime)
    await worker.step()
    await worker.step()
    assert 1 == len(await bodies(shop))
    shop.clock.advance(1)
    await worker.step()
    assert 0 == len(await bodies(shop))


async def test_a_round_is_followed_by_an_hour_s_rest(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker(shop.runtime)
    await worker.step()
    await shop.hook(b"unreadable")
    asked = counting(shop, monkeypatch)
    shop.clock.advance(ROUND_S - 1)
    await worker.step()
    assert 0 == len(asked)
    shop.clock.advance(1)
    await worker.step()
    assert ["shop"] == asked


async def test_a_clock_that_was_set_back_keeps_no_sweep_waiting(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker(shop.runtime)
    await worker.step()
    await shop.hook(b"unreadable")
    asked = counting(shop, monkeypatch)
    shop.clock.advance(-DAY_S)
    await worker.step()
    assert ["shop"] == asked


def counting(shop: World, patched: pytest.MonkeyPatch) -> list[str]:
    """Whose webhooks are swept from now on."""
    asked: list[str] = []
    sweep = shop.store.sweep_inbox

    async def counted(merchant_id: str, retention: Retention) -> Swept:
        asked.append(merchant_id)
        return await sweep(merchant_id, retention)

    patched.setattr(shop.store, "sweep_inbox", counted)
    return asked


@pytest.mark.parametrize("fault", [StorageUnavailable("full"), ArithmeticError()])
async def test_a_sweep_that_fails_keeps_no_order_waiting(
    shop: World, fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(_: str, __: Retention) -> Swept:
        raise fault

    monkeypatch.setattr(shop.store, "sweep_inbox", failing)
    await shop.opened()
    shop.gateway.says("lamp-1", "CHARGED")
    await shop.hook(webhook())
    assert 2 == await Worker(shop.runtime).turn()
    assert (await shop.get("/v1/orders/lamp-1")).json()["paid"]


async def test_all_that_is_due_is_told_and_goes_at_once_by_each_merchant_s_own_policy(shop: World) -> None:
    for n in range(BATCH_MAX + 1):
        await shop.hook(b"unreadable %03d" % n)
    await shop.store.append_inbox(
        ReceivedWebhook("closed", None, b"unreadable", shop.clock.now(), verdict=InboxVerdict.UNREADABLE)
    )
    shop.clock.advance(2 * DAY_S)
    at, policies = shop.runtime.ports, {"shop": Policy(quarantine_kept_s=DAY_S)}
    expected = {"closed": NOTHING, "shop": Swept(webhooks=BATCH_MAX + 1, body_bytes=14 * (BATCH_MAX + 1))}
    assert expected == await would_sweep(at.store, at.clock, policies)
    assert BATCH_MAX + 1 == len(await shop.store.inbox("shop", limit=200))
    rests: list[None] = []

    async def rest() -> None:
        rests.append(None)

    assert expected == await sweep_all(at.store, at.clock, policies, rest)
    assert 2 == len(rests)  # one after each batch
    assert (0, 1) == (len(await shop.store.inbox("shop")), len(await shop.store.inbox("closed")))


# --- the quota of a merchant


async def test_bodies_of_unknown_orders_are_kept_up_to_the_merchant_s_quota() -> None:
    quota = 2 * len(webhook())
    async with world(policy=Policy(quarantine_bytes_max=quota)) as shop:
        for n in range(5):
            assert 200 == (await shop.hook(webhook(n, f"none-{n}"))).status_code
        await settle_all(shop)
        assert [webhook(4, "none-4"), webhook(3, "none-3"), b"", b"", b""] == await bodies(shop)


async def test_what_cannot_be_read_is_kept_up_to_the_merchant_s_quota() -> None:
    async with world(policy=Policy(quarantine_bytes_max=20)) as shop:
        for n in range(3):
            assert 200 == (await shop.hook(b"unreadable%d" % n)).status_code
        assert [b"unreadable2", b"", b""] == await bodies(shop)


async def test_what_is_read_only_later_is_kept_up_to_the_merchant_s_quota() -> None:
    async with world(policy=Policy(quarantine_bytes_max=20)) as shop:
        for n in range(3):
            await shop.store.append_inbox(ReceivedWebhook("shop", f"evt-{n}", b"unreadable%d" % n, shop.clock.now()))
        await settle_all(shop)
        assert [b"unreadable2", b"", b""] == await bodies(shop)


async def settle_all(shop: World) -> None:
    """Settle what waits, and sweep nothing."""
    at = shop.runtime
    for row in await shop.store.take_inbox():
        await follow_webhook(at.ports, at.merchants, at.read_webhook, row)


# --- without a body


async def without_body(shop: World, body: bytes) -> int:
    """A webhook that came and has lost its body; returns its row's id."""
    await shop.hook(body)
    for row in await shop.store.take_inbox():
        await shop.store.end_inbox(row.id, InboxVerdict.UNKNOWN_ORDER)
    now, none = shop.clock.now(), Quota(bytes_max=0, webhooks_max=10)
    await shop.store.sweep_inbox("shop", Retention(quarantined_since=now, bodies_since=now, quota=none))
    (row,) = await shop.store.inbox("shop")
    assert row.is_body_dropped
    return row.id


async def test_an_order_that_is_opened_hears_of_a_webhook_whose_body_is_gone(shop: World) -> None:
    await without_body(shop, webhook())
    shop.gateway.says("lamp-1", "CHARGED", txn_id="t-2")
    await shop.opened()
    await Worker(shop.runtime).turn()
    order = await shop.store.load(KEY)
    assert order is not None
    assert ["t-1"] == list(order.mentions)
    timeline = (await shop.get("/v1/orders/lamp-1/timeline")).json()["timeline"]
    assert 1 == sum("its body is no longer kept" in one["details"] for one in timeline)


async def test_a_webhook_that_named_too_much_to_be_kept_still_makes_its_order_be_looked_at(shop: World) -> None:
    txns = [{"txn_id": f"{'t' * 50}-{n}", "status": "CHARGED"} for n in range(50)]
    order = {"order_id": "lamp-1", "merchant_id": "shop", "txn_list": txns, "txn_id": "t" * 100}
    row_id = await without_body(shop, json.dumps({"id": "evt-1", "content": {"order": order}}).encode())
    await shop.opened()
    await replay(shop.store, "shop", row_id)
    await Worker(shop.runtime).turn()
    assert [InboxVerdict.LOOKED] == [row.verdict for row in await shop.store.inbox("shop")]
    assert ("status", "lamp-1") in shop.gateway.calls


async def test_a_webhook_without_a_body_that_names_an_order_can_be_let_in_again(shop: World) -> None:
    row_id = await without_body(shop, webhook())
    row = await shop.store.inbox_row("shop", row_id)
    assert row is not None
    merchants, read = shop.runtime.merchants, shop.runtime.read_webhook
    assert InboxVerdict.UNKNOWN_ORDER == await would_settle(shop.store, merchants, read, row)
    await replay(shop.store, "shop", row_id)
    await Worker(shop.runtime).turn()
    assert [InboxVerdict.UNKNOWN_ORDER] == [one.verdict for one in await shop.store.inbox("shop")]


async def test_a_webhook_of_which_nothing_is_left_to_read_is_refused(shop: World) -> None:
    row_id = await without_body(shop, b"unreadable")
    row = await shop.store.inbox_row("shop", row_id)
    assert row is not None
    with pytest.raises(BodyDropped, match="body_dropped"):
        await would_settle(shop.store, shop.runtime.merchants, shop.runtime.read_webhook, row)
    with pytest.raises(BodyDropped, match="body_dropped"):
        await replay(shop.store, "shop", row_id)
