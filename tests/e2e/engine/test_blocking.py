"""The sync twin: the same calls for threads that wait, in processes that fork and end as servers' processes do."""

from __future__ import annotations

import asyncio
import inspect
import os
import sqlite3
import subprocess
import sys
import threading
import typing
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from e2e.shop import MERCHANT, Shop

from paystate.entrypoints.engine import (
    BlockingPaystate,
    BlockingShop,
    EventView,
    OrderReadView,
    OrderView,
    Paystate,
    RefundView,
    Refused,
    SettingsInvalid,
    UnknownId,
    ValueInvalid,
    WrongPlace,
)
from paystate.entrypoints.engine import Shop as Embedded
from paystate.entrypoints.engine.loop_thread import LoopThread


def in_threads(count: int, work: Any) -> list[Any]:
    """What `work(0)` to `work(count - 1)` return, each in a thread of its own, all at once."""
    ended: list[Any] = [None] * count
    start = threading.Barrier(count)

    def one(i: int) -> None:
        start.wait()
        ended[i] = work(i)

    threads = [threading.Thread(target=one, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def _public(of: type) -> dict[str, Any]:
    every = {name: member for base in reversed(of.__mro__[:-1]) for name, member in vars(base).items()}
    return {name: member for name, member in every.items() if not name.startswith("_")}


def test_every_method_of_a_shop_has_its_twin() -> None:
    fields = {"merchant_id"}
    assert _public(Embedded).keys() - fields == _public(BlockingShop).keys() - {"twin", "wait_for"} - fields


def test_every_method_of_paystate_has_its_twin() -> None:
    assert _public(Paystate).keys() - {"asgi"} == _public(BlockingPaystate).keys()


WAITED_FOR = sorted(name for name, method in _public(Embedded).items() if inspect.iscoroutinefunction(method))


@pytest.mark.parametrize("name", WAITED_FOR)
def test_a_twin_says_the_same_of_itself(name: str) -> None:
    twin, method = getattr(BlockingShop, name), getattr(Embedded, name)
    assert (method.__doc__, name) == (twin.__doc__, twin.__name__)
    assert inspect.signature(method) == inspect.signature(twin)
    assert not inspect.iscoroutinefunction(twin)


async def test_a_payment_is_made_proved_and_refunded(around: Shop) -> None:
    def sold() -> None:
        with BlockingPaystate.open(around.settings) as pay:
            shop = pay.merchant(MERCHANT)
            assert isinstance(shop.open_order("A1", "349.50", "INR", customer="asha"), OrderView)
            checkout = shop.start_checkout(customer="asha")
            shop.sdk_event(checkout.checkout_id, {"event": "initiate_result", "payload": {"status": "success"}})
            payload = shop.sign_process(checkout.checkout_id, "A1")
            assert isinstance(payload, dict)
            around.juspay.sdk_process(payload)
            around.juspay.paid("A1")
            hook = around.juspay.webhook("A1", "ORDER_SUCCEEDED", "evt_1")
            assert 200 == shop.receive_webhook({"Authorization": around.login}, hook).status
            assert pay.work_once() > 0
            assert shop.order("A1").paid
            assert isinstance(shop.refund("A1", "100.00", key="return-1"), RefundView)
            assert isinstance(shop.refund("A1", "900.00", key="return-2"), Refused)
            with pytest.raises(ValueInvalid):
                shop.refund("A1", 1.5, key="return-3")  # type: ignore[arg-type]
            with pytest.raises(UnknownId):
                shop.order("A2")
            with pay.worker():
                assert "PARTIALLY_REFUNDED" != shop.order("A1").status
            assert "teashop" not in pay.merchant_ids

    await asyncio.to_thread(sold)
    assert 1 == len(around.called("refund"))


async def test_threads_share_one(around: Shop) -> None:
    def sold() -> list[Any]:
        with BlockingPaystate.open(around.settings) as pay:
            shop = pay.merchant(MERCHANT)
            opened = in_threads(16, lambda i: shop.open_order(f"A{i % 4}", "349.50", "INR"))
            assert 4 == len(shop.orders().orders)
            return opened

    opened = await asyncio.to_thread(sold)
    assert {f"A{i}": 4 for i in range(4)} == Counter(order.order_id for order in opened)


async def test_async_code_is_told_to_await_instead(around: Shop) -> None:
    with pytest.raises(WrongPlace, match=r"use Paystate\.open"):
        BlockingPaystate.open(around.settings)


async def test_a_closed_one_says_so(around: Shop) -> None:
    def closed() -> None:
        pay = BlockingPaystate.open(around.settings)
        shop = pay.merchant(MERCHANT)
        pay.close()
        pay.close()
        with pytest.raises(WrongPlace, match="closed"):
            shop.order("A1")

    await asyncio.to_thread(closed)


async def test_bad_settings_leave_no_thread(around: Shop) -> None:
    around.settings.write_text("")

    def opened() -> int:
        before = threading.active_count()
        with pytest.raises(SettingsInvalid):
            BlockingPaystate.open(around.settings)
        return threading.active_count() - before

    assert 0 == await asyncio.to_thread(opened)


async def test_who_waits_while_it_is_closed_does_not_wait_for_ever() -> None:
    def waited() -> list[Any]:
        loop, begun = LoopThread(), threading.Event()

        async def never() -> None:
            begun.set()
            await asyncio.Event().wait()

        def one(i: int) -> Any:
            if i:
                begun.wait()
                return loop.stop()
            with pytest.raises(WrongPlace, match="closed while this call waited"):
                loop.run(never())
            return "told"

        return in_threads(2, one)

    assert ["told", None] == await asyncio.to_thread(waited)


async def test_who_calls_just_as_it_is_closed_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    handing_over, goes_on = threading.Event(), threading.Event()
    submit = asyncio.run_coroutine_threadsafe

    def interrupted(work: Any, loop: asyncio.AbstractEventLoop) -> Any:
        if threading.current_thread().name == "caller":
            handing_over.set()
            goes_on.wait()
        return submit(work, loop)

    def raced() -> list[str]:
        loop, ended = LoopThread(), list[str]()

        async def soon() -> str:
            return "done"

        def call() -> None:
            try:
                ended.append(loop.run(soon()))
            except WrongPlace:
                ended.append("closed")

        caller = threading.Thread(target=call, name="caller", daemon=True)
        closer = threading.Thread(target=loop.stop, daemon=True)
        caller.start()
        handing_over.wait()
        closer.start()
        closer.join(0.2)  # as far as it comes while the caller is in between
        goes_on.set()
        caller.join(5)
        closer.join(5)
        assert not caller.is_alive()
        assert not closer.is_alive()
        return ended

    monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", interrupted)
    assert await asyncio.to_thread(raced) in (["done"], ["closed"])


async def test_a_fault_is_raised_where_it_was_waited_for() -> None:
    async def fails() -> None:
        raise KeyError("a")

    def waited() -> None:
        loop = LoopThread()
        with pytest.raises(KeyError):
            loop.run(fails())
        loop.stop()

    await asyncio.to_thread(waited)


FORKING = """
import os, sys
from paystate.entrypoints.engine import BlockingPaystate, WrongPlace
settings, merchant = sys.argv[1:]

before = BlockingPaystate.open(settings)
before.merchant(merchant).open_order("parent", "1.00", "INR")
children = []
for i in range(3):
    child = os.fork()
    if child == 0:
        try:
            before.merchant(merchant).order("parent")
        except WrongPlace as wrong:
            assert "after the fork" in str(wrong)
        else:
            os._exit(3)
        before.close()
        own = BlockingPaystate.open(settings)
        own.merchant(merchant).open_order(f"child-{i}", "1.00", "INR")
        sys.exit(0)  # without close, as a server's process may end
    children.append(child)
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
print(codes, sorted(order.order_id for order in before.merchant(merchant).orders().orders))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
async def test_forked_processes_open_their_own(around: Shop, tmp_path: Path) -> None:
    script = tmp_path / "forking.py"
    script.write_text(FORKING)
    line = [sys.executable, "-W", "ignore", str(script), str(around.settings), MERCHANT]
    ran = await asyncio.to_thread(subprocess.run, line, capture_output=True, text=True, timeout=120)
    assert "[0, 0, 0] ['child-0', 'child-1', 'child-2', 'parent']\n" == ran.stdout, ran.stderr
    assert 0 == ran.returncode


def test_the_types_of_a_twin_are_those_of_its_method() -> None:
    """What mypy and pyright read: a sample that they would refuse if the twin's types were lost."""

    def sample(shop: BlockingShop) -> None:
        opened = shop.open_order("A1", "1.00", "INR")
        typing.assert_type(opened, OrderView | Refused)
        typing.assert_type(shop.order("A1"), OrderReadView)
        typing.assert_type(shop.refund("A1", "1.00", key="k"), RefundView | Refused)

    assert callable(sample)


async def test_a_plain_handler_writes_in_the_transaction_and_may_read(around: Shop) -> None:
    def sold() -> list[Any]:
        with BlockingPaystate.open(around.settings) as pay:
            refused: list[str] = []

            @pay.on("order.cancelled")
            def note(event: EventView, tx: sqlite3.Connection) -> None:
                order = pay.merchant(MERCHANT).order(event.data.order_id)
                try:
                    pay.merchant(MERCHANT).open_order("A2", "1.00", "INR")
                except WrongPlace as wrong:
                    refused.append(str(wrong))
                tx.execute("create table notes (status text)")
                tx.execute("insert into notes values (?)", (order.status,))

            pay.work_once()
            pay.merchant(MERCHANT).open_order("A1", "349.50", "INR")
            pay.merchant(MERCHANT).cancel("A1", by="asha", note="changed her mind")
            while pay.work_once():
                pass
            with pytest.raises(WrongPlace, match="a worker has begun"):
                pay.on("*", name="late")(note)
        with closing(sqlite3.connect(around.folder / "paystate.sqlite3")) as connection:
            return [*connection.execute("select status from notes").fetchall(), len(refused)]

    assert [("NEW",), 1] == await asyncio.to_thread(sold)
