"""What is scraped from real processes is what has happened to them: payments, refunds, lies and silence."""

from __future__ import annotations

import base64
from collections import deque
from functools import partial
from pathlib import Path
from typing import Any

from e2e.shop import CUSTOMER, JUSPAY_KEY, MERCHANT, PASSWORD, Shop, process, shop
from e2e.standin import Fault
from e2e.watched.scrape import Scrape, scraped, with_metrics
from patience import until

from paystate.entrypoints.telemetry.catalogue import CONNECTIONS, CONNECTIONS_MAX, COUNTED, STORED

WEBHOOKS = "/webhooks/juspay/{merchant_id}"


async def is_settled(at: Shop, port: int, count: int) -> bool:
    return count == (await scraped(at.http, port)).value("paystate_webhooks_settled_total")


async def paid_by_webhook(at: Shop, order_id: str) -> None:
    await at.at_the_page(order_id=order_id)
    await at.known_paid_after_s(order_id)


async def knows(at: Shop, port: int, name: str, **labels: Any) -> Scrape:
    """Scrape until a figure is there: what is read of the database is kept for some seconds."""

    async def told() -> Scrape | None:
        scrape = await scraped(at.http, port)
        return scrape if scrape.value(name, **labels) else None

    return await until(told)


async def test_figures_are_those_of_what_was_done(tmp_path: Path) -> None:
    async with shop(tmp_path) as at:
        ports = with_metrics(at)
        async with process(at):
            for order_id in ("paid-1", "paid-2"):
                await paid_by_webhook(at, order_id)
            await at.opened(order_id="unpaid")
            refund = (await at.refund("100.00", "k1", "paid-1")).json()["refund"]
            await at.refund("50.00", "k2", "paid-1")
            at.juspay.settled(refund["refund_id"])
            assert "SUCCESS" == (await at.look("paid-1"))["refunds"][0]["state"]

            await at.at_the_page(order_id="lied")
            at.juspay.paid("lied", amount=349.49)
            await at.look("lied")
            at.juspay.faults["status"] = deque([Fault("gone")])
            assert 504 == (await at.call("POST", "/v1/orders/paid-2/look")).status_code

            stranger = at.juspay.webhook("paid-1", "ORDER_SUCCEEDED", "evt_9").replace(b"paid-1", b"nobody-s")
            assert 200 == (await at.hook(stranger)).status_code
            assert 401 == (await at.http.post(at.webhook_url, content=b"{}")).status_code
            forged = at.juspay.return_query("paid-1") + "&more=1"
            assert 400 <= (await at.http.get(f"{at.service_url}/return/{MERCHANT}?{forged}")).status_code < 500
            await at.http.get(f"{at.service_url}/no/such/path")
            await until(partial(is_settled, at, ports.service, 3))

            told = await knows(at, ports.service, "paystate_inbox_quarantined")
            of_hooks = partial(told.value, "paystate_http_requests_total", route=WEBHOOKS)
            assert (3, 1) == (of_hooks(status="200"), of_hooks(status="401"))
            assert 1 == told.value("paystate_http_requests_total", route="none", status="404")
            assert 4 == told.value("paystate_http_requests_total", method="POST", route="/v1/orders", status="201")
            assert 4 == told.value("paystate_http_request_duration_seconds_count", route=WEBHOOKS)
            failures = partial(told.value, "paystate_signature_failures_total", merchant=MERCHANT)
            assert (1, 1) == (failures(source="webhook", code="unauthenticated"), failures(source="return"))
            assert 2 == told.value("paystate_signature_failures_total")

            calls = partial(told.value, "paystate_juspay_calls_total", merchant=MERCHANT)
            assert len(at.called("refund")) == calls(call="refund", outcome="answered") == 2
            assert 1 == calls(call="order_status", outcome="no_answer")
            assert (
                len(at.called("status"))
                == calls(call="order_status")
                == told.value("paystate_juspay_call_duration_seconds_count", call="order_status")
            )
            states = partial(told.value, "paystate_refunds_total", merchant=MERCHANT)
            assert (2, 2, 1, 0) == tuple(states(state=one) for one in ("REQUESTED", "PENDING", "SUCCESS", "FAILURE"))
            assert 1 == told.value("paystate_open_refunds", state="PENDING")
            assert 1 == told.value("paystate_orders_with_open_refunds", merchant=MERCHANT)

            assert 3 == told.value("paystate_webhooks_stored_total", merchant=MERCHANT)
            settled = partial(told.value, "paystate_webhooks_settled_total", merchant=MERCHANT)
            assert (2, 1) == (settled(verdict="looked"), settled(verdict="unknown_order"))
            assert 3 == told.value("paystate_webhook_settled_seconds_count")
            assert 2 == told.value("paystate_webhook_decided_seconds_count")
            assert (1, 0) == (told.value("paystate_inbox_quarantined"), told.value("paystate_inbox_waiting"))
            assert 1 == told.value("paystate_orders_under_review", merchant=MERCHANT)
            assert 1 == told.value("paystate_open_reasons", merchant=MERCHANT)
            assert told.value("paystate_oldest_open_order_age_seconds", status="NEW") > 0
            assert (1, 1) == (told.value("paystate_workers"), told.value("paystate_storage_up"))
            assert "paystate_database_connections" not in told.values  # a file has no pool


async def test_what_is_scraped_is_what_the_catalogue_names(tmp_path: Path) -> None:
    async with shop(tmp_path) as at:
        ports = with_metrics(at)
        with_an_endpoint(at)
        async with process(at):
            await paid_by_webhook(at, "paid-1")
            await at.opened(order_id="unpaid")
            await at.refund("100.00", "k1", "paid-1")
            await at.at_the_page(order_id="lied")
            at.juspay.paid("lied", amount=349.49)
            await at.look("lied")
            assert 401 == (await at.http.post(at.webhook_url, content=b"{}")).status_code
            told = await knows(at, ports.service, "paystate_open_reasons")
            ours = {name: labels for name, labels in told.labels.items() if name.startswith("paystate_")}
            of_a_pool = {CONNECTIONS.name, CONNECTIONS_MAX.name}  # which a file has not
            assert {one.name: set(one.labels) for one in (*STORED, *COUNTED) if one.name not in of_a_pool} == ours
            assert told.value("paystate_deliveries_waiting", merchant=MERCHANT, subscriber="shop") > 0


def with_an_endpoint(at: Shop) -> None:
    """Somebody is told who does not answer."""
    (at.folder / "told").touch(mode=0o600)
    (at.folder / "told").write_text(f"whsec_{base64.b64encode(bytes(range(32))).decode()}")
    endpoint = '{ name = "shop", url = "http://127.0.0.1:9/told", secrets = [{ file = "told" }], allow_private = true }'
    settings = at.settings.read_text().replace("return_hosts", f"endpoints = [{endpoint}]\nreturn_hosts", 1)
    at.settings.write_text(settings)


async def test_service_and_worker_apart_are_scraped_apart(tmp_path: Path) -> None:
    async with shop(tmp_path) as at:
        ports = with_metrics(at)
        async with process(at, "serve", "--no-worker"), process(at, "worker", ready=b'"working"'):
            await paid_by_webhook(at, "paid-1")
            await until(partial(is_settled, at, ports.worker, 1))
            service, worker = [await scraped(at.http, port) for port in (ports.service, ports.worker)]
            stored = [one.value("paystate_webhooks_stored_total") for one in (service, worker)]
            settled = [one.value("paystate_webhooks_settled_total") for one in (service, worker)]
            looks = [one.value("paystate_juspay_calls_total", call="order_status") for one in (service, worker)]
            assert ([1, 0], [0, 1]) == (stored, settled)
            assert 0 == looks[0] < looks[1]
            for port in (ports.service, ports.worker):
                assert (await knows(at, port, "paystate_workers")).value("paystate_worker_heartbeat_age_seconds") < 120


async def test_what_somebody_made_up_is_no_label_and_nothing_secret_is_told(tmp_path: Path) -> None:
    async with shop(tmp_path) as at:
        ports = with_metrics(at)
        async with process(at):
            await paid_by_webhook(at, "paid-1")
            await at.refund("1.00", "k", "paid-1")
            await at.http.get(f"{at.service_url}/return/{MERCHANT}?{at.juspay.return_query('paid-1')}&x={PASSWORD}")
            await at.http.get(f"{at.service_url}/return/CANARY-nobody?{at.juspay.return_query('paid-1')}")
            await at.http.post(f"{at.service_url}/webhooks/juspay/CANARY-nobody", content=b"{}")
            await at.http.get(f"{at.service_url}/CANARY/{CUSTOMER['phone']}?api_key={JUSPAY_KEY}")
            await at.http.request("CANARY", f"{at.service_url}/v1/orders")
            await at.hook(f"no json: {PASSWORD} {CUSTOMER}".encode())
            text = (await knows(at, ports.service, "paystate_inbox_quarantined")).text
            told = ("CANARY", "canary.mail", "9876500001", "reader_8841", "pst_test_", "pct_", "paid-1", "BEGIN")
            assert [] == [one for one in told if one in text]
            assert 'route="none",status="404"' in text
            assert 'merchant="none",source="webhook"' in text


async def test_metrics_are_at_their_own_place_and_there_is_nothing_beside_them(tmp_path: Path) -> None:
    async with shop(tmp_path) as at:
        ports = with_metrics(at)
        async with process(at):
            own = f"http://127.0.0.1:{ports.service}"
            assert 404 == (await at.http.get(f"{at.service_url}/metrics")).status_code
            assert [404, 404, 404] == [
                (await at.http.request(method, own + path)).status_code
                for method, path in (("GET", "/"), ("POST", "/metrics"), ("GET", "/v1/orders"))
            ]
            assert (await at.http.get(f"{own}/metrics")).headers["content-type"].startswith("text/plain")


async def test_a_process_whose_place_is_taken_does_not_start(tmp_path: Path) -> None:
    async with shop(tmp_path) as at:
        ports = with_metrics(at)
        alone = process(at, "worker", ready=b'"working"')
        async with alone, process(at, "worker", ready=b"[metrics]") as second:
            assert 1 == await second.wait()
        assert f"127.0.0.1:{ports.worker} cannot be listened at".encode() in at.logged
