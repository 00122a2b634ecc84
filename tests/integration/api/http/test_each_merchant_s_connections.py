"""An installation made from settings: each merchant has connections to Juspay of its own, and keeps them."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from attrs import define, field
from beginnings import copied_database
from patience import HANGS_S, until

from paystate.core.errors import OutcomeUnknown
from paystate.core.evidence import Answer, NotFound
from paystate.entrypoints.service.rotation import Rotation
from paystate.entrypoints.setup.bootstrap import opened_runtime
from paystate.entrypoints.setup.runtime import Runtime
from paystate.entrypoints.setup.settings import MerchantSettings, Mode, Secret, Settings

BODY = b'{"status":"NOT_FOUND","error_code":"order_not_found"}'
NO_ORDER = b"HTTP/1.1 404 No\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


@define
class Juspay:
    """Knows no order, and leaves some merchants without an answer. Remembers each merchant's connections.

    Attributes:
        open_now: Connections that are open, of all merchants.
    """

    answer: bytes = NO_ORDER
    silent: set[str] = field(factory=set[str])
    calls: Counter[str] = field(factory=Counter[str])
    connections: defaultdict[str, set[object]] = field(factory=lambda: defaultdict[str, set[object]](set))
    open_now: set[asyncio.StreamWriter] = field(factory=set[asyncio.StreamWriter])
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open_now.add(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                merchant_id = head.lower().partition(b"x-merchantid:")[2].partition(b"\r\n")[0].strip().decode()
                self.calls[merchant_id] += 1
                self.connections[merchant_id].add(writer)
                if merchant_id not in self.silent:
                    writer.write(self.answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open_now.discard(writer)
            writer.close()

    async def has_heard(self, merchant_id: str, calls: int) -> bool:
        return self.calls[merchant_id] >= calls

    async def has_lost_all(self) -> bool:
        return not self.open_now


@pytest.fixture
async def juspay() -> AsyncIterator[Juspay]:
    made = Juspay()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()
    for writer in tuple(made.open_now):
        writer.close()
    await until(made.has_lost_all)


@pytest.fixture
def settings(juspay: Juspay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Two merchants on one Juspay."""
    copied_database(tmp_path / "paystate.sqlite3")
    monkeypatch.setenv("JUSPAY_KEY", "a-key")
    url = f"http://127.0.0.1:{juspay.port}"
    merchants = {
        name: MerchantSettings(client_id=name, base_url=url, api_key=Secret(env="JUSPAY_KEY"), mode=Mode.SESSION)
        for name in ("shop", "other")
    }
    return Settings(merchants=merchants, public_url="https://pay.example.test", folder=str(tmp_path))


async def asks(runtime: Runtime, merchant_id: str) -> None:
    """One call to Juspay, with the answer that this Juspay gives."""
    call = runtime.merchants[merchant_id].gateway.order_status("lamp-1", routing_id="c-7")
    answer = await asyncio.wait_for(call, HANGS_S)
    assert isinstance(answer, Answer)
    assert isinstance(answer.body, NotFound)


async def test_calls_of_one_merchant_that_hang_take_no_connection_of_another(
    juspay: Juspay, settings: Settings
) -> None:
    juspay.silent = {"shop"}
    async with opened_runtime(settings) as runtime:
        hanging = [asyncio.ensure_future(asks(runtime, "shop")) for _ in range(60)]
        await until(lambda: juspay.has_heard("shop", 50))  # as many as one pool lets through
        await asks(runtime, "other")
        for one in hanging:
            one.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)


async def test_no_two_merchants_share_a_connection(juspay: Juspay, settings: Settings) -> None:
    async with opened_runtime(settings) as runtime:
        for merchant_id in ("shop", "other", "shop", "other"):
            await asks(runtime, merchant_id)
    assert juspay.connections["shop"].isdisjoint(juspay.connections["other"])
    assert (1, 1) == (len(juspay.connections["shop"]), len(juspay.connections["other"]))


async def test_a_merchant_keeps_its_connections_when_settings_are_taken_over(
    juspay: Juspay, settings: Settings
) -> None:
    newcomer = {**settings.merchants, "third": settings.merchants["shop"]}
    changed = msgspec.structs.replace(settings, merchants=newcomer)
    async with opened_runtime(settings) as runtime:
        await asks(runtime, "shop")
        before = runtime.merchants["shop"]
        assert await Rotation(runtime, settings, lambda: changed).take_over()
        assert runtime.merchants["shop"] is not before
        await asks(runtime, "shop")
        await asks(runtime, "third")
    assert (1, 1) == (len(juspay.connections["shop"]), len(juspay.connections["third"]))
    assert juspay.connections["shop"].isdisjoint(juspay.connections["third"])


async def test_all_connections_are_closed_with_the_installation(juspay: Juspay, settings: Settings) -> None:
    newcomer = {**settings.merchants, "third": settings.merchants["shop"]}
    changed = msgspec.structs.replace(settings, merchants=newcomer)
    async with opened_runtime(settings) as runtime:
        assert await Rotation(runtime, settings, lambda: changed).take_over()
        for merchant_id in newcomer:
            await asks(runtime, merchant_id)
        assert 3 == len(juspay.open_now)
    await until(juspay.has_lost_all)


async def test_a_look_without_an_answer_is_one_call_for_it_is_the_budget_that_counts_the_next(
    juspay: Juspay, settings: Settings
) -> None:
    juspay.answer = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
    async with opened_runtime(settings) as runtime:
        with pytest.raises(OutcomeUnknown):
            await asks(runtime, "shop")
    assert 1 == juspay.calls["shop"]
