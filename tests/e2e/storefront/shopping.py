"""A stack with the shop open on it, as `paystate demo --keep` opens it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from attrs import frozen
from patience import until

from paystate.entrypoints.demo import kept
from paystate.entrypoints.demo.run import START
from paystate.entrypoints.demo.stack import TRUSTS_NOBODY, Stack, running_stack

Json = dict[str, Any]


@frozen
class Mall:
    """What runs: the stack, and the addresses that were printed."""

    stack: Stack
    pages: dict[str, str]

    @property
    def shop_url(self) -> str:
        return self.pages["shop"].rstrip("/")

    async def juspay(self, method: str, path: str, body: Json | None = None) -> Json:
        """One call to the sandbox's controls."""
        async with httpx.AsyncClient(trust_env=False, verify=TRUSTS_NOBODY) as http:
            answer = await http.request(method, f"{self.stack.sandbox_url}/_control{path}", json=body)
        assert answer.is_success, answer.text
        told: Json = answer.json() if answer.content else {}
        return told

    async def api(self, method: str, path: str, body: Json | None = None) -> Json:
        """One call to Paystate's service, with the backend's key."""
        headers = {"Authorization": f"Bearer {self.stack.api_key}"}
        async with httpx.AsyncClient(
            trust_env=False, verify=TRUSTS_NOBODY, base_url=self.stack.service_url, headers=headers
        ) as http:
            answer = await http.request(method, path, json=body)
        assert answer.is_success, answer.text
        told: Json = answer.json()
        return told

    async def webhook(self, body: bytes) -> int:
        """A webhook to the shop, with its login; returns the status."""
        async with httpx.AsyncClient(
            trust_env=False, verify=TRUSTS_NOBODY, auth=self.stack.webhook_login, timeout=30
        ) as http:
            url, headers = f"{self.shop_url}/webhooks/juspay/teashop", {"Content-Type": "application/json"}
            return (await http.post(url, content=body, headers=headers)).status_code

    async def truth(self, order_id: str) -> Json:
        """What really happened to the order at Juspay."""
        return await self.juspay("GET", f"/orders/{order_id}")

    async def calls(self, order_id: str, name: str) -> int:
        """How often Paystate made that call to Juspay."""
        entries = (await self.juspay("GET", f"/ledger?order_id={order_id}&kind=call"))["entries"]
        return sum(one["name"] == name for one in entries)

    async def until_order(self, order_id: str, **members: str) -> None:
        """Wait until Paystate says so of the order."""

        async def says_so() -> bool:
            return members.items() <= (await self.api("GET", f"/v1/orders/{order_id}")).items()

        await until(says_so)

    async def later(self, seconds: int) -> None:
        """Move everybody's clock, when all that is due now is done."""
        worker = self.stack.service.value.worker
        seen = worker.quiet_steps

        async def is_at_rest() -> bool:
            return worker.quiet_steps >= seen + 2

        await until(is_at_rest)
        await self.juspay("POST", "/clock", {"advance_s": seconds})


@asynccontextmanager
async def mall(folder: Path, mode: str = "signature") -> AsyncGenerator[Mall]:
    async with running_stack(folder, START, mode=mode) as stack, kept.pages(stack, []) as pages:
        yield Mall(stack, dict(pages))
