"""A real `paystate serve` publishes to a cluster of three, one of which is killed meanwhile: each once, none lost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from e2e.shop import MERCHANT, START, Shop, process, shop
from nats.errors import Error
from nats.js import JetStreamContext
from nats_server import NatsServer, asking, cluster
from patience import until

STREAM = "PAYSTATE"


def with_stream(at: Shop, servers: Sequence[NatsServer]) -> None:
    lines = f"""
[[merchants.{MERCHANT}.streams]]
name = "broker"
servers = {json.dumps([server.url for server in servers])}
stream = "{STREAM}"
events = ["order.paid"]
timeout_s = 1
allow_private = true
"""
    at.settings.write_text(at.settings.read_text("utf-8") + lines, "utf-8")


async def is_made(stream: JetStreamContext) -> bool:
    """Kept by all three; they need a moment to agree."""
    try:
        await stream.add_stream(name=STREAM, subjects=["paystate.>"], num_replicas=3)
    except Error:
        return False
    return True


async def published(stream: JetStreamContext) -> list[str]:
    """The ids of what is in the stream."""
    found: list[str] = []
    for number in range((await stream.stream_info(STREAM)).state.last_seq):
        headers = (await stream.get_msg(STREAM, number + 1)).headers
        found.append((headers or {})["Nats-Msg-Id"])
    return found


async def delivered(at: Shop) -> list[str]:
    answer = await at.call("GET", "/v1/outbox?state=delivered&endpoint=broker")
    return [one["id"] for one in answer.json()["deliveries"]]


async def test_a_node_is_killed_while_orders_are_paid(tmp_path: Path) -> None:
    async with cluster(tmp_path) as nodes, shop(tmp_path, now=START) as at, asking(*nodes[1:]) as stream:
        await until(lambda: is_made(stream))
        with_stream(at, nodes)
        async with process(at):
            order_ids = [f"Told-{n}" for n in range(6)]
            for order_id in order_ids[:3]:
                await at.charged(order_id=order_id)

            async def some_are_told() -> bool:
                return bool(await delivered(at))

            await until(some_are_told)
            nodes[0].kill()  # the first that is connected to
            for order_id in order_ids[3:]:
                await at.charged(order_id=order_id)

            async def all_are_told() -> bool:
                assert at.juspay.now is not None
                at.juspay.now += timedelta(seconds=6)  # the next try is due
                return len(await delivered(at)) == len(order_ids)

            await until(all_are_told)
            ids = await published(stream)
            assert sorted(await delivered(at)) == sorted(ids)
            assert len(order_ids) == len(set(ids))
