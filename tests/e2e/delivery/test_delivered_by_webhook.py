"""A real `paystate serve` tells a real receiver, and is killed meanwhile: nothing is lost, and each id is one event."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from e2e.shop import ENDPOINT_SECRET, MERCHANT, START, Shop, process, shop, with_endpoint
from integration.delivery.receiver import Receiver, receiving, said
from patience import until
from standardwebhooks import Webhook


async def deliveries(at: Shop, state: str = "") -> list[dict[str, object]]:
    answer = await at.call("GET", f"/v1/outbox?state={state}")
    assert 200 == answer.status_code, answer.text
    return list(answer.json()["deliveries"])


async def heard(receiver: Receiver, count: int) -> None:
    async def there_are() -> bool:
        return len(receiver.received) >= count

    await until(there_are)


async def pass_lease(at: Shop) -> None:
    assert at.juspay.now is not None
    at.juspay.now += timedelta(seconds=46)


async def test_a_kill_between_sending_and_noting_sends_the_same_id_again(tmp_path: Path) -> None:
    async with shop(tmp_path, now=START) as at, receiving() as receiver:
        with_endpoint(at, receiver.url, "order.paid")
        receiver.hangs = True
        async with process(at) as service:
            await at.charged()
            await heard(receiver, 1)
            service.kill()
        receiver.hangs = False
        async with process(at):
            await pass_lease(at)
            await heard(receiver, 2)

            async def is_noted() -> bool:
                return ["delivered"] == [one["state"] for one in await deliveries(at)]

            await until(is_noted)
            (kept,) = await deliveries(at)
        first, second = receiver.received
        assert (2, "answered 204") == (kept["tries"], kept["last"])
        assert {kept["id"]} == set(receiver.ids)
        assert first.body == second.body
        data = json.loads(second.body)["data"]
        assert (MERCHANT, "CHARGED", True) == (
            data["merchant_id"],
            data["order"]["status"],
            data["order"]["may_fulfil"],
        )


async def test_orders_paid_while_the_service_is_killed_again_and_again_are_all_told(tmp_path: Path) -> None:
    async with shop(tmp_path, now=START) as at, receiving() as receiver:
        with_endpoint(at, receiver.url, "order.paid")
        refused: set[str] = set()

        def answer(got: object) -> bytes:
            """Each event is refused when it comes for the first time."""
            event_id = receiver.received[-1].headers["webhook-id"]
            if event_id in refused:
                return said(204)
            refused.add(event_id)
            return said(503, retry_after="1")

        receiver.answer = answer
        order_ids = [f"Told-{n}" for n in range(6)]
        for pair in (order_ids[:2], order_ids[2:4], order_ids[4:]):
            async with process(at) as service:
                for order_id in pair:
                    await at.charged(order_id=order_id)
                await heard(receiver, len(receiver.received) + 1)
                service.kill()
            await pass_lease(at)
        async with process(at):

            async def all_are_told() -> bool:
                await pass_lease(at)
                return len(await deliveries(at, "delivered")) == len(order_ids)

            await until(all_are_told)
        taken = {json.loads(one.body)["data"]["order_id"] for one in receiver.received}
        assert set(order_ids) == taken
        assert len(order_ids) == len(set(receiver.ids))


async def test_what_the_service_sends_is_verified_by_the_library_of_the_text(tmp_path: Path) -> None:
    """On the machine's own clock: a signature is good for five minutes."""
    async with shop(tmp_path) as at, receiving() as receiver:
        with_endpoint(at, receiver.url, "order.paid")
        async with process(at):
            await at.charged()
            await heard(receiver, 1)
        (got,) = receiver.received
        Webhook(ENDPOINT_SECRET).verify(got.body, got.headers)
