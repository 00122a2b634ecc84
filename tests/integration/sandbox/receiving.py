"""A merchant's webhook endpoint for the tests, over a real socket."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from integration.sandbox.playing import Player, bakery, player_of
from litestar import Litestar, Request, Response, post

from paystate.entrypoints.sandbox import SandboxConfig, WebhookTarget, running

BASIC = "Basic " + base64.b64encode(b"bakery:hook-pass").decode()


@dataclass
class Receiver:
    """It remembers what came, and answers what it is told to."""

    answer: Callable[[], int] = lambda: 200
    raw: list[bytes] = field(default_factory=list[bytes])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    came: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(one) for one in self.raw]

    @property
    def names(self) -> list[str]:
        return [body["event_name"] for body in self.bodies]

    def app(self) -> Litestar:
        @post("/hook")
        async def hook(request: Request[Any, Any, Any]) -> Response[bytes]:
            self.raw.append(await request.body())
            self.headers.append(dict(request.headers))
            self.came.set()
            return Response(b"", status_code=self.answer())

        return Litestar([hook], openapi_config=None, logging_config=None)


@asynccontextmanager
async def receiving(receiver: Receiver, jwt: Mapping[str, str] | None = None, **config: Any) -> AsyncGenerator[Player]:
    """A sandbox whose merchant has this receiver, and wants its webhooks encrypted to the first of these keys."""
    async with running(receiver.app()) as address:
        receiver.url = f"{address}/hook"
        key_id = next(iter(jwt or {}), "")
        hook = WebhookTarget(receiver.url, "bakery", "hook-pass", {"x-shop": "42"}, jwt_key_id=key_id)
        player = player_of(SandboxConfig((bakery(webhook=hook, jwt_keys=jwt or {}),), **config))
        async with player.http:
            yield player


async def deliver(player: Player) -> dict[str, Any]:
    return await player.control("/_control/webhooks/deliver", {})
