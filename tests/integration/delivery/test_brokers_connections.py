"""A merchant's connection to its broker lives as long as the installation, also while settings are taken over."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from beginnings import copied_database
from nats_server import NatsServer, asking, serving

from paystate.adapters.delivery.jetstream import JetStreamEndpoint
from paystate.core.announcements.delivery import Delivered, NotDelivered
from paystate.core.orders.facts import AnnouncementKind
from paystate.core.ports.notifier import Message
from paystate.entrypoints.setup.bootstrap import opened_runtime
from paystate.entrypoints.setup.runtime import Runtime
from paystate.entrypoints.setup.settings import (
    BrokerLogin,
    MerchantSettings,
    Mode,
    Secret,
    Settings,
    StreamSettings,
)

NOW = datetime(2031, 5, 6, tzinfo=UTC)
MESSAGE = Message(event_id="ann_1", kind=AnnouncementKind.ORDER_PAID, body=b"{}")


def settings_with(folder: Path, server: NatsServer) -> Settings:
    login = BrokerLogin(user="shop", password=Secret(env="BROKER"))
    stream = StreamSettings(name="broker", servers=(server.url,), stream="PAYSTATE", login=login, allow_private=True)
    merchant = MerchantSettings(
        client_id="shop", base_url="http://127.0.0.1:1", api_key=Secret(env="KEY"), mode=Mode.SESSION, streams=(stream,)
    )
    return Settings(merchants={"shop": merchant}, public_url="https://pay.example.test", folder=str(folder))


def stream_of(runtime: Runtime) -> JetStreamEndpoint:
    (subscriber,) = runtime.merchants["shop"].subscribers
    assert isinstance(subscriber.notifier, JetStreamEndpoint)
    return subscriber.notifier


async def test_a_changed_password_makes_another_connection_and_nothing_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied_database(tmp_path / "paystate.sqlite3")
    monkeypatch.setenv("KEY", "a-key")
    monkeypatch.setenv("BROKER", "a-guess")
    known: dict[str, Any] = {"user": "shop", "password": "s3cret"}
    lines = 'authorization { users = [ { user: shop, password: "s3cret" } ] }\n'
    async with serving(tmp_path, lines, **known) as server, asking(server, **known) as found:
        await found.add_stream(name="PAYSTATE", subjects=["paystate.>"])
        settings = settings_with(tmp_path, server)
        async with opened_runtime(settings) as runtime:
            before = stream_of(runtime)
            assert NotDelivered("does not take the credentials") == await before.deliver(MESSAGE, NOW)
            longer = msgspec.structs.replace(settings, public_url="https://new.example.test")
            runtime.current = runtime.merchants_from(longer)
            assert before.broker is stream_of(runtime).broker
            monkeypatch.setenv("BROKER", "s3cret")
            runtime.current = runtime.merchants_from(settings)
            after = stream_of(runtime)
            assert Delivered("in the stream") == await after.deliver(MESSAGE, NOW)
            client = await after.broker.client()
        assert client.is_closed
