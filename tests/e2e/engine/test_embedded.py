"""Paystate inside another program: on a real file, with a Juspay that answers over HTTP."""

from __future__ import annotations

import asyncio
import gc
import logging
import subprocess
import sys
from base64 import b64decode, b64encode
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve
from e2e.shop import MERCHANT, Shop
from fastapi import FastAPI
from litestar import Litestar, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.testing import AsyncTestClient
from patience import until

from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.errors import StorageUnavailable, WrongPlace
from paystate.core.signature_failures import RETURN, WEBHOOK, SignatureFailure
from paystate.entrypoints.engine import (
    EventView,
    OrderView,
    Paystate,
    RefundView,
    SettingsInvalid,
    UnknownId,
    migrate,
)
from paystate.entrypoints.engine import Shop as Embedded
from paystate.entrypoints.engine.litestar_plugin import PaystatePlugin
from paystate.entrypoints.service import worker
from paystate.entrypoints.setup.settings_checks import load

INITIATED = {"event": "initiate_result", "payload": {"status": "success"}, "error": False}


async def at_the_page(shop: Embedded, around: Shop, order_id: str) -> str:
    """Bring an order as far as the SDK's payment page; returns the checkout."""
    assert isinstance(await shop.open_order(order_id, "349.50", "INR", customer="asha"), OrderView)
    checkout = await shop.start_checkout(customer="asha")
    await shop.sdk_event(checkout.checkout_id, INITIATED)
    payload = await shop.sign_process(checkout.checkout_id, order_id)
    assert isinstance(payload, dict)
    around.juspay.sdk_process(payload)
    return checkout.checkout_id


async def told(shop: Embedded, around: Shop, order_id: str) -> None:
    """The shopper pays, and Juspay's webhook comes in through the program's own framework."""
    around.juspay.paid(order_id)
    hook = around.juspay.webhook(order_id, "ORDER_SUCCEEDED", f"evt_{order_id}")
    assert 200 == (await shop.receive_webhook({"Authorization": around.login}, hook)).status


async def test_a_payment_is_made_proved_and_refunded_without_the_service(around: Shop) -> None:
    async with Paystate.open(around.settings) as pay:
        shop = pay.merchant(MERCHANT)
        checkout_id = await at_the_page(shop, around, "A1")
        await told(shop, around, "A1")
        assert not (await shop.order("A1")).paid
        assert await pay.work_once() > 0
        assert (await shop.order("A1")).may_fulfil
        assert "paid" == (await shop.result(checkout_id)).result
        refund = await shop.refund("A1", "100.00", key="return-4711")
        assert isinstance(refund, RefundView)
        assert [refund.refund_id] == around.called("refund")


async def readiness(pay: Paystate) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(pay.asgi()), base_url="http://127.0.0.1") as http:
        return await http.get("/readyz")


async def test_a_worker_runs_as_long_as_its_block(around: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Paystate.open(around.settings) as pay:
        shop = pay.merchant(MERCHANT)

        async def is_paid() -> bool:
            return (await shop.order("A1")).paid

        await at_the_page(shop, around, "A1")
        async with pay.worker():
            await told(shop, around, "A1")
            await until(is_paid)
        monkeypatch.setattr(worker, "DEAD_AFTER_S", 0)
        assert 200 == (await readiness(pay)).status_code  # a worker that has ended is nobody's who stands still
        asked = len(around.juspay.calls)
        await at_the_page(shop, around, "A2")
        await told(shop, around, "A2")
        await asyncio.sleep(0)
        assert asked == len(around.juspay.calls)


async def test_what_was_answered_is_there_for_who_opens_it_next(around: Shop) -> None:
    pay = await Paystate.open(str(around.settings))
    await pay.merchant(MERCHANT).open_order("A1", "349.50", "INR")
    await pay.close()
    await pay.close()
    async with Paystate.open(load(around.settings)) as again:
        assert "NEW" == (await again.merchant(MERCHANT).order("A1")).status
    with pytest.raises(StorageUnavailable):
        await pay.merchant(MERCHANT).order("A1")


async def test_a_forged_webhook_is_counted_by_the_time_the_installation_is_closed(around: Shop) -> None:
    user = b64decode(around.login.partition(" ")[2]).decode().partition(":")[0]
    forged = b64encode(f"{user}:wrong".encode()).decode()
    async with Paystate.open(around.settings) as pay:
        shop = pay.merchant(MERCHANT)
        assert 401 == (await shop.receive_webhook({"Authorization": f"Basic {forged}"}, b"{}")).status
        assert not (await shop.handle_return("status=CHARGED")).is_genuine
    async with SqliteStore(around.folder / "paystate.sqlite3") as store:
        told = await store.failures(datetime.now(UTC))
    assert [
        (SignatureFailure(MERCHANT, RETURN, "signature_invalid"), 1),
        (SignatureFailure(MERCHANT, WEBHOOK, "unauthenticated", user), 1),
    ] == [(one.failure, one.recent) for one in told]


async def test_a_shop_alone_keeps_it_open(around: Shop) -> None:
    async def a_shop() -> Embedded:
        return (await Paystate.open(around.settings)).merchant(MERCHANT)

    shop = await a_shop()
    gc.collect()
    assert isinstance(await shop.open_order("A1", "349.50", "INR"), OrderView)


async def test_the_database_is_made_by_who_asks_for_it(around: Shop) -> None:
    (around.folder / "paystate.sqlite3").unlink()
    with pytest.raises(StorageUnavailable):
        await Paystate.open(around.settings)
    migrate(around.settings)
    migrate(around.settings)
    async with Paystate.open(around.settings) as pay:
        assert (MERCHANT,) == pay.merchant_ids


async def test_bad_settings_are_told_with_what_to_do(around: Shop) -> None:
    around.settings.write_text(around.settings.read_text().replace("mode", "mood"))
    with pytest.raises(SettingsInvalid) as wrong:
        await Paystate.open(around.settings)
    assert "mood: is no setting" in str(wrong.value)
    assert all(one.fix for one in wrong.value.problems)


async def test_no_such_merchant_names_those_there_are(around: Shop) -> None:
    async with Paystate.open(around.settings) as pay:
        with pytest.raises(UnknownId, match=MERCHANT):
            pay.merchant("nobody")


async def test_nothing_is_written_to_the_programs_output_or_its_loggers(
    around: Shop, capfd: pytest.CaptureFixture[str]
) -> None:
    before = logging.getLogger().handlers[:]
    async with Paystate.open(around.settings) as pay:
        await pay.merchant(MERCHANT).open_order("A1", "349.50", "INR")
        around.juspay.api_key = "changed"
        await pay.work_once()
    assert ("", "") == capfd.readouterr()
    assert before == logging.getLogger().handlers


# --- the service, mounted


async def test_the_service_is_mounted_under_fastapi(around: Shop) -> None:
    async with AsyncExitStack() as running:
        pay = await running.enter_async_context(Paystate.open(around.settings))
        app = FastAPI()
        app.mount("/pay", pay.asgi())
        transport = httpx.ASGITransport(app)
        http = await running.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1"))
        key = {"authorization": f"Bearer {around.key}"}
        order = {"order_id": "A1", "amount": "349.50", "currency": "INR"}
        assert 201 == (await http.post("/pay/v1/orders", json=order, headers=key)).status_code
        assert "NEW" == (await pay.merchant(MERCHANT).order("A1")).status
        assert 200 == (await http.get("/pay/healthz")).status_code
        assert 404 == (await http.get("/pay/v1%2Forders", headers=key)).status_code
        await at_the_page(pay.merchant(MERCHANT), around, "A2")
        around.juspay.paid("A2")
        hook, login = around.juspay.webhook("A2", "ORDER_SUCCEEDED", "evt_1"), {"authorization": around.login}
        took = await http.post(f"/pay/webhooks/juspay/{MERCHANT}", content=hook, headers=login)
        assert 200 == took.status_code


async def test_a_plugin_opens_it_for_a_litestar_application(around: Shop) -> None:
    @get("/orders/{order_id:str}")
    async def status(order_id: FromPath[str], pay: NamedDependency[Paystate]) -> str:
        return (await pay.merchant(MERCHANT).order(order_id)).status

    plugin = PaystatePlugin(around.settings, worker=True, path="/pay")
    shipped: list[str] = []

    @plugin.on("order.paid")
    async def ship(event: EventView, _: Any) -> None:
        shipped.append(event.data.order_id)

    with pytest.raises(RuntimeError):
        _ = plugin.pay
    app = Litestar([status], plugins=[plugin])
    async with AsyncTestClient(app, base_url="http://127.0.0.1") as http:
        key = {"authorization": f"Bearer {around.key}"}
        order = {"order_id": "A1", "amount": "349.50", "currency": "INR"}
        assert 201 == (await http.post("/pay/v1/orders", json=order, headers=key)).status_code
        assert "NEW" == (await http.get("/orders/A1")).text
        assert 200 == (await http.get("/pay/healthz")).status_code
        with pytest.raises(WrongPlace):
            plugin.on("order.paid")(ship)
        # Over HTTP: the client runs the application in an event loop of its own.
        await evolve(around, http=http, service_url="http://127.0.0.1/pay").at_the_page(order_id="A2")
        around.juspay.paid("A2")

        async def is_shipped() -> bool:
            return shipped == ["A2"]

        await until(is_shipped)
    with pytest.raises(RuntimeError):
        _ = plugin.pay


# --- what it needs

WITHOUT_THE_SERVICE = """
import asyncio, sys
for name in "litestar uvicorn jinja2 rich rich_click trustme httptools uvloop".split():
    sys.modules[name] = None
from paystate.entrypoints.engine import BlockingPaystate, Paystate, migrate
with BlockingPaystate.open(sys.argv[1]) as pay:
    print(pay.merchant(sys.argv[2]).open_order("A1", "349.50", "INR").status, pay.work_once())
print("sqlalchemy" in sys.modules)
"""


async def test_the_smallest_extra_is_enough(around: Shop, tmp_path: Path) -> None:
    script = tmp_path / "embedding.py"
    script.write_text(WITHOUT_THE_SERVICE)
    line = [sys.executable, str(script), str(around.settings), MERCHANT]
    ran = await asyncio.to_thread(subprocess.run, line, capture_output=True, text=True, timeout=120)
    assert (0, "NEW 0\nFalse\n", "") == (ran.returncode, ran.stdout, ran.stderr)
