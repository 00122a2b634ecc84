"""What is told of a process's work: what was done, once, and nothing where nobody watches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from attrs import define, evolve
from contract.samples import nothing_new
from e2e.watched.scrape import Scrape, read
from integration.api.world import START, World, world
from litestar import Litestar
from prometheus_client import generate_latest
from unit.builders import MERCHANT, ORDER, listed, new_order, refund, refund_id, taken, told

from paystate.core.errors import AnswerUnusable, GatewayRejected, GatewayUnreachable, OutcomeUnknown, RateLimited
from paystate.core.ids import OrderKey
from paystate.core.orders.decision import DecisionResult
from paystate.core.orders.order import Order
from paystate.core.ports.store import InboxRow, InboxVerdict, Store
from paystate.core.use_cases.context import Ports
from paystate.entrypoints.service.api.watched_requests import CALLER_LEFT, watched_requests
from paystate.entrypoints.service.server import config
from paystate.entrypoints.service.watched import attach
from paystate.entrypoints.service.worker import Worker
from paystate.entrypoints.telemetry import metrics as metrics_module
from paystate.entrypoints.telemetry.events import CallOutcome, outcome_of
from paystate.entrypoints.telemetry.metrics import Metrics
from paystate.entrypoints.telemetry.ports import watched_ports
from paystate.entrypoints.telemetry.watch import NOT_WATCHED, Watch

KEY = OrderKey(MERCHANT, ORDER)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("1.2.3")


@pytest.fixture
async def shop() -> AsyncIterator[World]:
    async with world() as running:
        yield running


def scraped(metrics: Metrics) -> Scrape:
    return read(generate_latest(metrics.registry).decode())


def webhook(order_key: str | None = KEY.folded) -> InboxRow:
    return InboxRow(
        id=1, merchant_id=MERCHANT, event_id="e", digest="d", body=b"", received_at=START, order_key=order_key
    )


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


# --- calls to Juspay


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (RateLimited(429), CallOutcome.RATE_LIMITED),
        (GatewayRejected("access_denied", 401), CallOutcome.REFUSED),
        (OutcomeUnknown("x"), CallOutcome.NO_ANSWER),
        (AnswerUnusable("x"), CallOutcome.NO_ANSWER),
        (GatewayUnreachable("x"), CallOutcome.NOT_SENT),
        (ZeroDivisionError(), CallOutcome.BROKEN),
        (asyncio.CancelledError(), CallOutcome.BROKEN),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_a_call_is_counted_by_how_it_ended_and_its_fault_goes_on(
    metrics: Metrics, fault: BaseException, outcome: CallOutcome
) -> None:
    assert outcome is outcome_of(fault)
    with pytest.raises(type(fault)), Watch(metrics).call(MERCHANT, "refund"):
        raise fault
    told_ = scraped(metrics)
    assert 1 == told_.value("paystate_juspay_calls_total", merchant=MERCHANT, call="refund", outcome=outcome)
    assert 1 == told_.value("paystate_juspay_calls_total")


# --- webhooks, from arrival to decision


def test_a_webhook_s_decision_is_measured_from_its_arrival(metrics: Metrics) -> None:
    watch = Watch(metrics)
    watch.webhook_settled(webhook(), InboxVerdict.LOOKED, at(1))
    watch.processed(KEY, at(4))
    told_ = scraped(metrics)
    assert (1, 1) == (
        told_.value("paystate_webhook_settled_seconds_count"),
        told_.value("paystate_webhook_settled_seconds_sum"),
    )
    assert (1, 4) == (
        told_.value("paystate_webhook_decided_seconds_count"),
        told_.value("paystate_webhook_decided_seconds_sum"),
    )


def test_a_second_look_decides_no_webhook_again(metrics: Metrics) -> None:
    watch = Watch(metrics)
    watch.webhook_settled(webhook(), InboxVerdict.LOOKED, at(1))
    for seconds in (2, 600):
        watch.processed(KEY, at(seconds))
    assert 1 == scraped(metrics).value("paystate_webhook_decided_seconds_count")


def test_of_two_webhooks_the_one_that_came_first_has_waited(metrics: Metrics) -> None:
    watch = Watch(metrics)
    for came, settled in ((0, 1), (8, 9)):
        watch.webhook_settled(evolve(webhook(), received_at=at(came)), InboxVerdict.LOOKED, at(settled))
    watch.processed(KEY, at(10))
    assert 10 == scraped(metrics).value("paystate_webhook_decided_seconds_sum")


def test_a_command_is_not_the_decision_that_a_webhook_waits_for(metrics: Metrics) -> None:
    watch, order = Watch(metrics), charged()
    watch.webhook_settled(webhook(), InboxVerdict.LOOKED, at(1))
    watch.decided(KEY, order, taken(order, refund(100)))
    assert 0 == scraped(metrics).value("paystate_webhook_decided_seconds_count")


def test_a_webhook_that_somebody_else_has_looked_into_long_ago_is_not_measured(metrics: Metrics) -> None:
    watch = Watch(metrics)
    watch.webhook_settled(webhook(), InboxVerdict.LOOKED, at(1))
    watch.processed(KEY, at(2 * 86_400))
    assert 0 == scraped(metrics).value("paystate_webhook_decided_seconds_count")


def test_a_clock_that_is_ahead_makes_no_time_negative(metrics: Metrics) -> None:
    watch = Watch(metrics)
    watch.webhook_settled(evolve(webhook(), received_at=at(5)), InboxVerdict.LOOKED, at(4))
    watch.processed(KEY, at(4))
    told_ = scraped(metrics)
    assert (1, 0) == (
        told_.value("paystate_webhook_decided_seconds_count"),
        told_.value("paystate_webhook_decided_seconds_sum"),
    )
    assert 0 == told_.value("paystate_webhook_settled_seconds_sum")


def test_a_webhook_that_another_process_has_looked_into_is_not_measured(metrics: Metrics) -> None:
    watch = Watch(metrics)
    watch.webhook_settled(webhook(), InboxVerdict.LOOKED, at(1))
    watch.not_hinted(KEY)
    watch.processed(KEY, at(600))
    assert 0 == scraped(metrics).value("paystate_webhook_decided_seconds_count")


def test_webhooks_whose_decision_never_comes_take_a_bounded_place(
    metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics_module, "UNDECIDED_MAX", 2)
    for order_key in ("a", "b", "c", None):
        Watch(metrics).webhook_settled(webhook(order_key), InboxVerdict.LOOKED, at(1))
    assert [(MERCHANT, "b"), (MERCHANT, "c")] == [*metrics._undecided]  # the newest, or nothing would be measured again
    assert 4 == scraped(metrics).value("paystate_webhooks_settled_total")


async def test_the_worker_begins_with_an_order_for_which_nobody_waits_and_says_so(
    shop: World, metrics: Metrics
) -> None:
    attach(shop.runtime, Watch(metrics))
    await shop.opened(order_id="A1")
    await shop.store.transact(OrderKey("shop", "A1"), nothing_new(START))  # it is due by its plan
    metrics._undecided["shop", "a1"] = START
    await Worker(shop.runtime).turn()
    assert {} == metrics._undecided


# --- refunds


def charged() -> Order:
    return taken(new_order(), told("CHARGED")).after


def test_a_refund_is_counted_in_each_state_that_it_comes_into_and_once(metrics: Metrics) -> None:
    watch, order = Watch(metrics), charged()
    pending = told("CHARGED", 3, refunds=[listed(refund_id(), "1.00", "PENDING")])
    again = told("CHARGED", 4, refunds=[listed(refund_id(), "1.00", "PENDING")])
    done = told("CHARGED", 5, refunds=[listed(refund_id(), "1.00", "SUCCESS")])
    elsewhere = told("CHARGED", 6, refunds=[listed("other", "2.00", "SUCCESS"), listed(refund_id(), "1.00", "SUCCESS")])
    for what in (refund(100), pending, again, done, elsewhere):
        decision = taken(order, what)
        watch.decided(KEY, order, decision)
        order = decision.after
    states = {
        one: scraped(metrics).value("paystate_refunds_total", state=one) for one in ("REQUESTED", "PENDING", "SUCCESS")
    }
    assert {"REQUESTED": 1, "PENDING": 1, "SUCCESS": 2} == states


async def test_a_decision_that_is_taken_twice_in_a_transaction_is_told_once_as_it_was_committed(
    metrics: Metrics,
) -> None:
    @define
    class Twice:
        """Runs a decision on an order that another writer has changed meanwhile, and then on what that left."""

        async def transact(self, _: OrderKey, fn: Callable[[Order | None], DecisionResult]) -> DecisionResult:
            fn(taken(charged(), refund(100)).after)
            return fn(charged())

    ports = Ports(store=cast("Store", Twice()), clock=cast("Any", FixedClock()), ids=cast("Any", None))
    watched = watched_ports(ports, Watch(metrics))
    await watched.store.transact(KEY, lambda order: taken(order, refund(100)))
    assert 1 == scraped(metrics).value("paystate_refunds_total", state="REQUESTED")


class FixedClock:
    def now(self) -> datetime:
        return START


# --- requests


async def test_a_caller_who_leaves_before_the_answer_is_counted_as_such(shop: World, metrics: Metrics) -> None:
    attach(shop.runtime, Watch(metrics))

    async def never(*_: Any) -> None:
        raise asyncio.CancelledError

    scope: Any = {"type": "http", "method": "GET", "path": "/v1/orders", "headers": []}
    with pytest.raises(asyncio.CancelledError):
        await watched_requests(never, shop.runtime)(scope, cast("Any", None), cast("Any", None))
    assert 1 == scraped(metrics).value("paystate_http_requests_total", route="none", status=str(CALLER_LEFT))


async def test_what_proves_nothing_is_counted_by_source_and_by_the_code_that_was_answered(
    shop: World, metrics: Metrics
) -> None:
    attach(shop.runtime, Watch(metrics))
    assert "signature_invalid" == (await shop.hook(b'{"JWT":"x"}')).json()["code"]
    await shop.hook(b"{}", authorization="")
    await shop.hook(b"{}", "nobody")
    await shop.get("/return/shop?status=CHARGED")
    await shop.hook(b"{}")
    told_ = scraped(metrics)
    assert 4 == told_.value("paystate_signature_failures_total")
    for merchant, source, code in (
        ("shop", "webhook", "signature_invalid"),
        ("shop", "webhook", "unauthenticated"),
        ("none", "webhook", "unauthenticated"),
        ("shop", "return", "signature_invalid"),
    ):
        assert 1 == told_.value("paystate_signature_failures_total", merchant=merchant, source=source, code=code)


# --- nobody watches


def test_where_nobody_watches_nothing_stands_in_between(shop: World) -> None:
    ports, current = shop.runtime.ports, shop.runtime.current
    attach(shop.runtime, NOT_WATCHED)
    assert (ports, current) == (shop.runtime.ports, shop.runtime.current)
    assert ports.store is shop.store
    assert isinstance(config(shop.runtime).app, Litestar)
    with NOT_WATCHED.step("process order", MERCHANT, ORDER):
        pass


def test_merchants_that_are_taken_over_later_are_watched_too(shop: World, metrics: Metrics) -> None:
    attach(shop.runtime, Watch(metrics))
    changed = shop.runtime.merchants_from(cast("Any", None)).merchants["shop"]
    assert {type(changed.gateway)} == {type(one.gateway) for one in shop.runtime.merchants.values()}
    assert type(changed.gateway) is not type(shop.gateway)
