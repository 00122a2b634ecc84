"""The worker: what becomes of webhooks after their 200, and of orders and refunds when they are due."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from integration.api.world import World, world

from paystate.core.errors import AnswerUnusable, GatewayRejected, GatewayUnreachable, OutcomeUnknown
from paystate.core.evidence import RefundAnswer
from paystate.core.ids import OrderKey
from paystate.core.money import Money
from paystate.core.orders.refund import LastCall
from paystate.core.policy import Policy
from paystate.core.ports.store import InboxVerdict
from paystate.core.use_cases.refund import request_refund
from paystate.core.use_cases.webhooks import replay, would_settle
from paystate.entrypoints.service.worker import Worker

KEY = OrderKey("shop", "lamp-1")


@pytest.fixture
async def shop() -> AsyncIterator[World]:
    async with world() as running:
        yield running


async def work(shop: World) -> None:
    """Turn after turn, until nothing is left to do at this instant."""
    worker = Worker(shop.runtime)
    for _ in range(50):
        if not await worker.turn():
            return
    raise AssertionError("the worker never comes to rest")


async def verdicts(shop: World) -> list[str]:
    return [row.verdict for row in await shop.store.inbox("shop")]


def webhook(**changes: Any) -> bytes:
    order = {"order_id": "lamp-1", "merchant_id": "shop", "status": "CHARGED", "amount": 100, "currency": "INR"}
    event = {"id": "evt_V2_1", "event_name": "ORDER_SUCCEEDED", "content": {"order": order}}
    return json.dumps({**event, **changes}).encode()


def looks(shop: World) -> int:
    return shop.gateway.calls.count(("status", "lamp-1"))


def sent(shop: World) -> list[str]:
    return [name for what, name in shop.gateway.calls if what == "refund"]


# --- webhooks


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (b"not json", InboxVerdict.UNREADABLE),
        (webhook(content=None), InboxVerdict.NO_ORDER),
        (webhook(content=[]), InboxVerdict.NO_ORDER),
        (webhook(content={"order": {"order_id": "lamp-1", "merchant_id": "other"}}), InboxVerdict.OTHER_MERCHANT),
        (webhook(content={"order": {"order_id": "nobody-1", "merchant_id": "shop"}}), InboxVerdict.UNKNOWN_ORDER),
        (webhook(content={"order": {"order_id": "no/id", "merchant_id": "shop"}}), InboxVerdict.NO_ORDER),
        (webhook(content={"order": {"order_id": "lamp-1"}}), "looked"),
        (webhook(event_name="TXN_FAILED", content={"txn": {"order_id": "lamp-1", "txn_id": "t-1"}}), "looked"),
        (webhook(event_name="MANDATE_PAUSED", content={"mandate": {"order_id": "lamp-1"}}), "looked"),
        (webhook(content={"txn": {"order_id": "lamp-1", "merchant_id": "other"}}), InboxVerdict.OTHER_MERCHANT),
        (webhook(event_name="SOMETHING_NEW"), "looked"),
        (webhook(id=17), "looked"),
    ],
)
async def test_a_webhook_is_settled_with_a_verdict(shop: World, body: bytes, verdict: str) -> None:
    await shop.opened()
    assert 200 == (await shop.hook(body)).status_code
    await work(shop)
    assert [verdict] == await verdicts(shop)
    assert "NEW" == (await shop.get("/v1/orders/lamp-1")).json()["status"]


@pytest.mark.parametrize("order_id", ["wc_order_8fTr3KqLm2ZxV", "sub-2031-05-06-07-08-09-renewal"])
async def test_a_webhook_of_a_long_order_id_is_followed(order_id: str) -> None:
    async with world(policy=Policy(order_id_max=31)) as shop:
        await shop.opened(order_id=order_id)
        await shop.hook(webhook(content={"order": {"order_id": order_id, "merchant_id": "shop"}}))
        await work(shop)
        assert ["looked"] == await verdicts(shop)


async def test_a_webhook_of_a_long_order_id_is_read_though_no_order_may_be_opened_under_it(shop: World) -> None:
    await shop.hook(webhook(content={"order": {"order_id": "wc_order_8fTr3KqLm2ZxV", "merchant_id": "shop"}}))
    await work(shop)
    assert [InboxVerdict.UNKNOWN_ORDER] == await verdicts(shop)


async def test_a_forged_success_is_followed_by_one_look_and_believed_in_nothing(shop: World) -> None:
    await shop.opened()
    shop.gateway.says("lamp-1", "PENDING_VBV")
    await shop.hook(webhook())
    await work(shop)
    order = (await shop.get("/v1/orders/lamp-1")).json()
    assert ("PENDING", False, 1) == (order["status"], order["paid"], looks(shop))


async def test_a_webhook_that_is_true_is_proved_by_the_look(shop: World) -> None:
    await shop.opened()
    shop.gateway.says("lamp-1", "CHARGED")
    await shop.hook(webhook())
    await work(shop)
    assert (await shop.get("/v1/orders/lamp-1")).json()["paid"]
    assert ["order.paid"] == [row.once_key for row in await shop.store.outbox("shop")]


async def test_a_late_failure_leaves_a_charged_order_charged(shop: World) -> None:
    await shop.charged()
    await shop.hook(webhook(id="evt_V2_2", event_name="ORDER_FAILED"))
    await work(shop)
    assert "CHARGED" == (await shop.get("/v1/orders/lamp-1")).json()["status"]


async def test_one_webhook_many_times_is_looked_into_once(shop: World) -> None:
    await shop.opened()
    for _ in range(40):
        await shop.hook(webhook())
    await work(shop)
    assert ([39], 1) == ([row.repeats for row in await shop.store.inbox("shop")], looks(shop))


async def test_another_body_under_a_known_id_is_kept_and_flagged(shop: World) -> None:
    await shop.opened()
    await shop.hook(webhook())
    await shop.hook(webhook(content={"order": {"order_id": "lamp-1", "merchant_id": "shop", "amount": 1}}))
    await work(shop)
    assert [True, True] == [row.conflicts for row in await shop.store.inbox("shop")]
    assert 0 == len((await shop.get("/v1/orders/lamp-1")).json()["attempts"])


async def test_a_storm_of_different_webhooks_stays_within_the_budget_of_looks(shop: World) -> None:
    await shop.opened()
    for number in range(200):
        await shop.hook(webhook(id=f"evt_V2_{number}"))
        if number % 10 == 0:
            await work(shop)
    await work(shop)
    assert 10 == looks(shop)
    assert {"looked"} == set(await verdicts(shop))


async def test_a_webhook_is_kept_with_the_order_and_the_event_that_it_names(shop: World) -> None:
    await shop.hook(webhook(event_name="E" * 100, content={"order": {"order_id": "LAMP-1", "merchant_id": "shop"}}))
    (row,) = await shop.store.webhooks_of(KEY)
    assert ("lamp-1", "E" * 64) == (row.order_key, row.event_name)


@pytest.mark.parametrize(
    ("event_name", "kept"), [("a\x1b[2Jb", "a [2Jb"), ("a\u202eb", "a b"), ("\x07", ""), (7, ""), (None, "")]
)
async def test_a_name_cannot_play_tricks_on_a_terminal(shop: World, event_name: object, kept: str) -> None:
    await shop.hook(webhook(event_name=event_name))
    assert [kept] == [row.event_name for row in await shop.store.inbox("shop")]


@pytest.mark.parametrize(
    "content",
    [
        None,
        {"order": {"order_id": "lamp-1", "merchant_id": "other"}},
        {"notification": {"id": "1"}},
        {"order": {"order_id": "no/id", "merchant_id": "shop"}},
    ],
)
async def test_a_webhook_that_names_no_order_of_ours_is_kept_under_none(shop: World, content: object) -> None:
    await shop.hook(webhook(content=content))
    assert [None] == [row.order_key for row in await shop.store.inbox("shop")]


async def test_a_flood_beyond_the_policy_s_bound_is_counted_in_one_row_and_looked_into() -> None:
    async with world(policy=Policy(webhooks_max=3)) as shop:
        await shop.opened()
        for number in range(3):
            await shop.hook(webhook(id=f"evt_V2_{number}"))
        await work(shop)
        shop.gateway.says("lamp-1", "CHARGED")
        shop.clock.advance(60)
        answers = [await shop.hook(webhook(id=f"evt_V2_{number}")) for number in range(3, 40)]
        await work(shop)
        assert {200} == {answer.status_code for answer in answers}
        assert [0, 0, 0, 36] == [row.repeats for row in await shop.store.webhooks_of(KEY)]
        assert ({"looked"}, True) == (
            set(await verdicts(shop)), (await shop.get("/v1/orders/lamp-1")).json()["paid"],
        )  # fmt: skip


async def test_a_replayed_webhook_is_settled_anew(shop: World) -> None:
    await shop.opened()
    await shop.hook(webhook())
    await work(shop)
    (row,) = await shop.store.inbox("shop")
    await replay(shop.store, "shop", row.id)
    shop.gateway.says("lamp-1", "CHARGED")
    await work(shop)
    assert ["looked"] == await verdicts(shop)
    assert (await shop.get("/v1/orders/lamp-1")).json()["paid"]


async def test_nobody_replays_another_merchant_s_webhook(shop: World) -> None:
    await shop.hook(webhook())
    await work(shop)
    (row,) = await shop.store.inbox("shop")
    with pytest.raises(LookupError):
        await replay(shop.store, "other", row.id)
    assert [InboxVerdict.UNKNOWN_ORDER] == await verdicts(shop)


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize(
    "body", [b"not json", webhook(content=None), webhook(), webhook(content={"order": {"merchant_id": "other"}})]
)
async def test_what_is_foretold_of_a_webhook_is_what_the_worker_does(shop: World, body: bytes, is_open: bool) -> None:
    if is_open:
        await shop.opened()
    await shop.hook(body)
    (row,) = await shop.store.inbox("shop")
    foretold = await would_settle(shop.store, shop.runtime.merchants, shop.runtime.read_webhook, row)
    await work(shop)
    assert [foretold] == await verdicts(shop)


async def test_a_webhook_that_came_before_its_order_is_followed_once_the_order_is_opened(shop: World) -> None:
    shop.gateway.says("lamp-1", "CHARGED")
    await shop.hook(webhook())
    await work(shop)
    assert [InboxVerdict.UNKNOWN_ORDER] == await verdicts(shop)
    await shop.opened()
    await work(shop)
    assert (await shop.get("/v1/orders/lamp-1")).json()["paid"]
    assert ["looked"] == await verdicts(shop)


async def test_a_webhook_that_is_faster_than_juspays_own_status_is_followed_by_a_second_look(shop: World) -> None:
    await shop.opened()
    shop.gateway.says("lamp-1", "AUTHORIZATION_FAILED")
    await shop.post("/v1/orders/lamp-1/look")
    await shop.hook(webhook())
    await work(shop)
    shop.gateway.says("lamp-1", "CHARGED")
    shop.clock.advance(5)
    await work(shop)
    assert (await shop.get("/v1/orders/lamp-1")).json()["paid"]


async def test_the_second_look_is_the_last_that_a_webhook_asks_for(shop: World) -> None:
    await shop.charged()
    await shop.hook(webhook())
    for _ in range(10):
        await work(shop)
        shop.clock.advance(5)
    assert 1 + 2 == looks(shop)


# --- looks


@pytest.mark.parametrize(
    "fault",
    [
        GatewayUnreachable("status"),
        OutcomeUnknown("status"),
        AnswerUnusable("status"),
        GatewayRejected("access_denied", 401),
    ],
)
async def test_a_look_without_an_answer_changes_nothing_and_is_due_again(shop: World, fault: Exception) -> None:
    await shop.opened()
    await shop.hook(webhook())
    shop.gateway.fault = fault
    await work(shop)
    assert (1, 1) == (len(await shop.store.journal(KEY)), looks(shop))
    shop.gateway.fault = None
    shop.gateway.says("lamp-1", "CHARGED")
    shop.clock.advance(61)
    await work(shop)
    assert (await shop.get("/v1/orders/lamp-1")).json()["paid"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": Decimal("1.00")},
        {"amount": Decimal("99.999999")},
        {"amount": None},
        {"currency": "USD"},
        {"merchant_id": "other"},
        {"order_id": "lamp-2"},
    ],
    ids=str,
)
async def test_an_answer_that_is_not_about_this_order_opens_a_reason_and_moves_nothing(
    shop: World, wrong: dict[str, Any]
) -> None:
    await shop.opened()
    shop.gateway.says("lamp-1", "CHARGED")
    shop.gateway.orders["lamp-1"] = evolve(shop.gateway.orders["lamp-1"], **wrong)
    order = (await shop.post("/v1/orders/lamp-1/look")).json()
    assert ("NEW", False, ["mismatch"]) == (order["status"], order["paid"], [one["kind"] for one in order["review"]])


async def test_a_process_payload_begins_the_schedule_of_looks(shop: World) -> None:
    await shop.opened()
    opened = await shop.ready()
    await shop.post(f"/v1/checkouts/{opened['checkout_id']}/process", {"order_id": "lamp-1"}, token=opened["token"])
    shop.gateway.says("lamp-1", "PENDING_VBV")
    for _ in range(60):
        await work(shop)
        shop.clock.advance(1)
    assert 6 == looks(shop)  # at 0, 2, 5, 10, 20 and 30 s


async def test_an_order_that_juspay_shows_as_pending_is_looked_at_again_without_a_process_payload(shop: World) -> None:
    await shop.opened()
    shop.gateway.says("lamp-1", "PENDING_VBV")
    await shop.post("/v1/orders/lamp-1/look")
    shop.gateway.says("lamp-1", "CHARGED")
    shop.clock.advance(60)
    await work(shop)
    assert (await shop.get("/v1/orders/lamp-1")).json()["paid"]


async def test_a_time_far_ahead_in_an_answer_does_not_stop_the_looks(shop: World) -> None:
    await shop.charged()
    ahead = datetime(9999, 12, 31, tzinfo=UTC)
    listed = RefundAnswer(refund_id="elsewhere", amount=Decimal(40), status="PENDING", created_at=ahead)
    shop.gateway.orders["lamp-1"] = evolve(shop.gateway.orders["lamp-1"], refunds=(listed,))
    shop.clock.advance(2 * 3600)
    order = (await shop.post("/v1/orders/lamp-1/look")).json()
    assert "60.00" == order["amount_refundable"]
    assert "2031-05-06T09:09" < order["next_look_at"] < "2031-05-06T11:00"  # neither never nor all the time


# --- refunds


async def test_a_refund_that_juspay_lists_is_not_sent_again(shop: World) -> None:
    await shop.charged()
    refund_id = (await shop.refund("40.00", "k-1")).json()["refund"]["refund_id"]
    assert [refund_id] == sent(shop)
    await work(shop)
    assert ("PENDING", [refund_id]) == (await state_of(shop, refund_id), sent(shop))


async def test_a_refund_that_juspay_never_got_is_sent_again_under_its_id(shop: World) -> None:
    await shop.charged()
    shop.gateway.fault = GatewayUnreachable("refund")
    refund_id = (await shop.refund("40.00", "k-1")).json()["refund"]["refund_id"]
    shop.gateway.fault = None
    await work(shop)
    assert [refund_id] == sent(shop)  # not before five seconds are over
    shop.clock.advance(5)
    await work(shop)
    assert [refund_id, refund_id] == sent(shop)


async def test_a_refund_of_unknown_outcome_is_sent_again_only_after_an_answer_without_it(shop: World) -> None:
    await shop.charged()
    shop.gateway.fault = OutcomeUnknown("refund")
    refund_id = (await shop.refund("40.00", "k-1")).json()["refund"]["refund_id"]
    shop.clock.advance(600)
    await work(shop)
    assert [refund_id] == sent(shop)  # no answer, no second call
    shop.gateway.fault = None
    shop.clock.advance(61)
    await work(shop)
    assert [refund_id, refund_id] == sent(shop)


@pytest.mark.parametrize("code", ["duplicate.call", "something.new"])
async def test_a_refusal_that_proves_nothing_keeps_the_refund_and_its_id(shop: World, code: str) -> None:
    await shop.charged()
    shop.gateway.fault = GatewayRejected(code, 400)
    refund_id = (await shop.refund("40.00", "k-1")).json()["refund"]["refund_id"]
    shop.gateway.fault = None
    listed = RefundAnswer(refund_id=refund_id, amount=Decimal(40), status="SUCCESS")
    known = shop.gateway.orders["lamp-1"]
    shop.gateway.orders["lamp-1"] = evolve(known, refunds=(listed,))
    await work(shop)
    assert ("SUCCESS", [refund_id]) == (await state_of(shop, refund_id), sent(shop))


async def test_a_definite_no_to_the_only_call_frees_the_money(shop: World) -> None:
    await shop.charged()
    shop.gateway.fault = GatewayRejected("invalid.order.not_successful", 400)
    answer = (await shop.refund("40.00", "k-1")).json()
    assert ("REJECTED", "100.00") == (answer["refund"]["state"], answer["amount_refundable"])


async def test_equal_amounts_are_sent_five_seconds_apart(shop: World) -> None:
    await shop.charged()
    await shop.refund("10.00", "k-1")
    await shop.refund("10.00", "k-2")
    await work(shop)
    assert 1 == len(sent(shop))
    shop.clock.advance(5)
    await work(shop)
    assert 2 == len(set(sent(shop)))


async def test_a_success_that_juspay_takes_back_stays_and_calls_a_person(shop: World) -> None:
    await shop.charged()
    refund_id = (await shop.refund("40.00", "k-1")).json()["refund"]["refund_id"]
    for status in ("SUCCESS", "FAILURE"):
        known = shop.gateway.orders["lamp-1"]
        listed = RefundAnswer(refund_id=refund_id, amount=Decimal(40), status=status)
        shop.gateway.orders["lamp-1"] = evolve(known, refunds=(listed,))
        await shop.post("/v1/orders/lamp-1/look")
    order = (await shop.get("/v1/orders/lamp-1")).json()
    assert ("60.00", ["denied"]) == (order["amount_refundable"], [one["kind"] for one in order["review"]])


async def state_of(shop: World, refund_id: str) -> str:
    return str((await shop.get(f"/v1/orders/lamp-1/refunds/{refund_id}")).json()["state"])


# --- bounds


async def test_an_order_of_a_merchant_who_is_not_set_up_does_not_stand_in_the_way(shop: World) -> None:
    await shop.opened()
    await shop.hook(webhook())
    merchants = {name: one for name, one in shop.runtime.merchants.items() if name != "shop"}
    left = Worker(evolve(shop.runtime, current=evolve(shop.runtime.current, merchants=merchants)))
    await left.turn()
    assert 0 == await left.turn()


async def test_an_answer_to_a_refund_that_tells_of_another_order_leaves_its_end_open(shop: World) -> None:
    await shop.charged()
    shop.gateway.orders["lamp-1"] = evolve(shop.gateway.orders["lamp-1"], merchant_id="somebody-else")
    answer = await shop.refund("40.00", "k-1")
    assert 201 == answer.status_code
    (order,) = (await shop.store.find("shop")).orders
    assert [LastCall.UNKNOWN] == [known.last_call for known in order.refunds.values()]


async def test_a_refund_whose_money_has_gone_meanwhile_is_given_up_and_not_sent(shop: World) -> None:
    await shop.charged()
    merchant, ports = shop.runtime.merchants["shop"], shop.runtime.ports
    amount = Money(4000, "INR")
    await request_refund(ports, merchant.policy, KEY, idempotency_key="k-1", amount=amount)
    elsewhere = RefundAnswer(refund_id="dash", amount=Decimal(100), status="SUCCESS")
    shop.gateway.orders["lamp-1"] = evolve(shop.gateway.orders["lamp-1"], refunds=(elsewhere,))
    await shop.post("/v1/orders/lamp-1/look")
    shop.clock.advance(60)
    await work(shop)
    assert [] == sent(shop)
