"""Attacks by strangers on a real service: what each may cost, and that memory afterwards is what it was before.

Each is a minute at most and bounded. They are run by `make siege`, alone on the machine, and by no other command.
"""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest
from attrs import define, field
from e2e.shop import MERCHANT, ORDER, Shop, process, shop
from patience import until

MIB = 1024 * 1024
GROWS_MIB = 48
"""What an attack may cost while it lasts."""
KEEPS_MIB = 16
"""What may be left of it: the allocator's own, which does not grow with a second attack."""
CPU_S = 5.0
ANSWERS_S = 5.0
LASTS_S = 8.0
QUOTA = MIB
"""Of bodies in the quarantine."""
ANSWERS_AFTER = 4
"""So many times everybody else asks after an attack: about a second, if it has cost nobody anything."""

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@define
class Besieged:
    """A service under attack, and what was seen of it."""

    at: Shop
    pid: int
    opened: list[Streams] = field(factory=list[Streams])
    seen_mib: list[int] = field(factory=list[int])
    answers: list[tuple[int, int, float]] = field(factory=list[tuple[int, int, float]])

    def memory_mib(self) -> int:
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text())
        assert found
        return int(found[1]) // 1024

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def connection(self) -> Streams:
        streams = await asyncio.open_connection("127.0.0.1", int(self.at.service_url.rpartition(":")[2]))
        self.opened.append(streams)
        return streams

    async def sends(self, data: bytes, times: int = 1) -> None:
        """Write on a new connection for as long as it is taken; nothing is read."""
        reader, writer = await self.connection()
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        with suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(LASTS_S):
                for _ in range(times):
                    writer.write(data)
                    await writer.drain()

    async def let_go(self) -> None:
        """End all connections of the attack, so that none is left to the next one."""
        for _, writer in self.opened:
            writer.transport.abort()
        await asyncio.sleep(0)  # the loop closes them in its next round

    async def watched(self) -> None:
        """Look at its memory, and ask it what everybody else asks, until cancelled."""
        while True:
            self.seen_mib.append(self.memory_mib())
            began = time.monotonic()
            health = await self.at.http.get(f"{self.at.service_url}/healthz")
            hook = await self.at.hook(b"{}")
            self.answers.append((health.status_code, hook.status_code, time.monotonic() - began))
            await asyncio.sleep(0.2)


@pytest.fixture
async def besieged(tmp_path: Path) -> AsyncIterator[Besieged]:
    """Everybody else comes from another address than the attacker."""
    others = httpx.AsyncHTTPTransport(local_address="127.0.0.2")
    async with shop(tmp_path) as at, httpx.AsyncClient(transport=others, timeout=60) as http:
        with at.settings.open("a") as settings:
            settings.write(f"[merchants.{MERCHANT}.policy]\nquarantine_bytes_max = {QUOTA}\n")
        async with process(at) as running:
            at.http = http
            await at.at_the_page()
            one = Besieged(at, running.pid)
            yield one
            await one.let_go()


def request(line: str, *headers: str) -> bytes:
    return "\r\n".join((line, "Host: localhost", *headers, "", "")).encode()


async def endless_header(one: Besieged) -> None:
    await one.sends(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ")
    await one.sends(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * MIB, times=1)
    await one.sends(b"a" * MIB, times=300)


async def endless_lines(one: Besieged) -> None:
    await one.sends(b"GET /healthz HTTP/1.1\r\n" + b"x: y\r\n" * 200_000, times=200)


async def endless_target(one: Besieged) -> None:
    await one.sends(b"GET /" + b"a" * 64 * MIB)


async def endless_trailer(one: Besieged) -> None:
    head = request("POST /return/acmebooks HTTP/1.1", "Transfer-Encoding: chunked")
    await one.sends(head + b"0\r\nX: " + b"a" * 64 * MIB)


async def unread_answers(one: Besieged) -> None:
    pipelined = request("GET /docs/rules HTTP/1.1") * 1000
    await asyncio.gather(*(one.sends(pipelined, times=300) for _ in range(20)))


async def unfinished_heads(one: Besieged) -> None:
    await asyncio.gather(*(one.sends(b"GET /healthz HTTP/1.1\r\nX: " + b"a" * 15_000) for _ in range(900)))


async def unfinished_bodies(one: Besieged) -> None:
    form = "Content-Type: application/x-www-form-urlencoded"
    head = request("POST /return/acmebooks HTTP/1.1", form, "Content-Length: 8000")
    await asyncio.gather(*(one.sends(head + b"a" * 7_000) for _ in range(900)))


async def idle_connections(one: Besieged) -> None:
    for _ in range(1_500):
        await one.connection()


async def used_and_idle_connections(one: Besieged) -> None:
    await asyncio.gather(*(one.sends(request("GET /healthz HTTP/1.1")) for _ in range(900)))


async def wrong_keys(one: Besieged) -> None:
    wrong = request("GET /v1/orders HTTP/1.1", "Authorization: Bearer pst_test_aaaaaaaa_" + "a" * 43)
    await asyncio.gather(*(one.sends(wrong * 8) for _ in range(200)))


ATTACKS: list[Callable[[Besieged], Awaitable[None]]] = [
    endless_header,
    endless_lines,
    endless_target,
    endless_trailer,
    unread_answers,
    unfinished_heads,
    unfinished_bodies,
    idle_connections,
    used_and_idle_connections,
    wrong_keys,
]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
async def test_a_stranger_costs_little_and_keeps_nobody_out(
    besieged: Besieged, attack: Callable[[Besieged], Awaitable[None]]
) -> None:
    before, cpu = besieged.memory_mib(), besieged.cpu_s()
    watching = asyncio.create_task(besieged.watched())
    await attack(besieged)
    already = len(besieged.answers)

    async def others_were_answered() -> bool:
        return watching.done() or len(besieged.answers) >= already + ANSWERS_AFTER

    await until(others_were_answered)
    assert not watching.done(), watching
    watching.cancel()
    assert {(200, 200)} == {answer[:2] for answer in besieged.answers}
    assert max(took for *_, took in besieged.answers) < ANSWERS_S
    assert besieged.cpu_s() - cpu < CPU_S
    assert max(besieged.seen_mib) < before + GROWS_MIB
    await besieged.let_go()
    await asyncio.sleep(2)
    assert besieged.memory_mib() < before + KEEPS_MIB


@pytest.mark.parametrize("item", ["{}", "[]", '{"a":1}', '{"txn_detail":{}}'])
async def test_a_webhook_of_lists_costs_no_more_than_a_plain_one(besieged: Besieged, item: str) -> None:
    async def cost_s(content: str) -> float:
        before = besieged.cpu_s()
        for number in range(20):
            body = f'{{"id":"evt_{len(content)}_{number}","content":{{"order":{{"order_id":"A1","x":{content}}}}}}}'
            assert 200 == (await besieged.at.hook(body.encode())).status_code
        return besieged.cpu_s() - before

    size = 1_000_000
    plain = await cost_s('"' + "a" * size + '"')
    listed = await cost_s("[" + ",".join([item] * (size // (len(item) + 1))) + "]")
    assert listed < 2 * plain + 0.2


async def test_process_payloads_without_end_leave_a_bounded_journal(besieged: Besieged) -> None:
    at = besieged.at
    opened = (await at.call("POST", "/v1/checkouts", {"customer": ORDER["customer"]})).json()
    checkout, token = f"/v1/checkouts/{opened['checkout_id']}", opened["token"]
    event = {"event": "initiate_result", "payload": {"status": "success"}, "error": False}
    assert 202 == (await at.call("POST", f"{checkout}/events", event, token=token)).status_code
    ends = time.monotonic() + LASTS_S
    while time.monotonic() < ends:
        calls = [
            at.call("POST", f"{checkout}/process", {"order_id": ORDER["order_id"]}, token=token) for _ in range(32)
        ]
        assert {answer.status_code for answer in await asyncio.gather(*calls)} <= {200, 409, 429}
    told = (await at.call("GET", f"/v1/orders/{ORDER['order_id']}/timeline")).json()
    assert len(told["timeline"]) <= 300
    last = (await at.call("GET", f"/v1/orders/{ORDER['order_id']}/timeline?after=900")).json()
    assert [] == last["timeline"]


async def test_webhooks_of_orders_that_do_not_exist_leave_no_more_than_the_quota(besieged: Besieged) -> None:
    at, note = besieged.at, "a" * 64 * 1024
    for number in range(450):
        body = f'{{"id":"evt_{number}","content":{{"order":{{"order_id":"none{number}","note":"{note}"}}}}}}'
        assert 200 == (await at.hook(body.encode())).status_code
    with closing(sqlite3.connect(at.folder / "paystate.sqlite3")) as database:

        def found(query: str) -> int:
            number: int = database.execute(query).fetchone()[0]
            return number

        async def all_settled() -> bool:
            return not found("select count(*) from inbox where verdict = ''")

        await until(all_settled)
        assert 450 == found("select count(*) from inbox where verdict = 'unknown_order'")
        assert 0 < found("select sum(length(body)) from inbox") <= QUOTA
        pages = found("pragma page_count") - found("pragma freelist_count")
        assert pages * found("pragma page_size") < 3 * QUOTA
