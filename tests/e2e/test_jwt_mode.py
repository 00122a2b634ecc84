"""The whole of Paystate in JWT mode, before a sandbox that shares no code with it: calls, answers and webhooks sealed.

The stories are the demo's own, judged by three ledgers as ever.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from attrs import frozen
from e2e.cli.examining import examined
from patience import HANGS_S

from paystate.adapters.signing.rsa import new_key
from paystate.entrypoints.cli.checks.online import UNKNOWN_ORDER
from paystate.entrypoints.demo.run import START, tell
from paystate.entrypoints.demo.stack import MERCHANT_ID, TRUSTS_NOBODY, Stack, running_stack
from paystate.entrypoints.demo.stories import STORIES
from paystate.entrypoints.service.rotation import Rotation
from paystate.entrypoints.setup.settings_checks import load

pytestmark = pytest.mark.asyncio(loop_scope="module")

STORY = {story.name: story for story in STORIES}
TOLD = (
    *("straight", "second-try", "late-success", "second-charge", "wrong-amount", "no-answers", "webhook-storm"),
    *("webhook-reordered", "webhook-wrong-password", "lost-refund", "refund-cut-answer", "refund-fails-then-new"),
    *("juspay-down-hour", "killed-in-refund", "key-rotated"),
)
"""Of each chapter some; those are left out that tell Juspay where to send plain webhooks, or forge them."""


@frozen
class Dashboard:
    """What a person does on Juspay's dashboard and in our settings."""

    stack: Stack

    @property
    def control_url(self) -> str:
        return f"{self.stack.sandbox_url}/_control"

    async def juspay(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        async with httpx.AsyncClient(
            trust_env=False, verify=TRUSTS_NOBODY, timeout=HANGS_S, base_url=self.control_url
        ) as http:
            answer = await http.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def upload(self, key_id: str) -> None:
        """Make a pair, and give its public half to Juspay."""
        private, public = (self.stack.settings_file.with_name(f"{key_id}.{end}") for end in ("pem", "public.pem"))
        new_key(private, public)
        body = {"key_id": key_id, "public_key": public.read_text()}
        await self.juspay("POST", f"/merchants/{MERCHANT_ID}/jwt-keys", body)

    async def forget(self, key_id: str) -> None:
        await self.juspay("DELETE", f"/merchants/{MERCHANT_ID}/jwt-keys/{key_id}")

    async def download(self) -> list[str]:
        """Juspay's public keys; returns their ids, the newest last."""
        keys = (await self.juspay("GET", "/jwt"))["keys"]
        for key in keys:
            self.stack.settings_file.with_name(f"{key['key_id']}.pem").write_text(key["public_key"])
        return [key["key_id"] for key in keys]

    async def seal_webhooks(self, key_id: str) -> None:
        user, password = self.stack.webhook_login
        url = f"{self.stack.service_url}/webhooks/juspay/{MERCHANT_ID}"
        target = {"url": url, "username": user, "password": password, "jwt_key_id": key_id}
        await self.juspay("POST", f"/merchants/{MERCHANT_ID}/webhook", target)

    def write(self, ours: dict[str, str], theirs: list[str]) -> None:
        """Put the keys into the settings, in the place of those that are there."""
        plain = self.stack.settings_file.read_text().partition(f"[merchants.{MERCHANT_ID}.jwt]")[0]
        keys = [f'{{ key_id = "{key_id}", file = "{key_id}.pem", state = "{ours[key_id]}" }}' for key_id in ours]
        juspay_keys = [f'{{ key_id = "{key_id}", file = "{key_id}.pem" }}' for key_id in theirs]
        self.stack.settings_file.write_text(f"""{plain}[merchants.{MERCHANT_ID}.jwt]
keys = [{", ".join(keys)}]
juspay_keys = [{", ".join(juspay_keys)}]
calls = true
webhooks = "required"
""")

    async def refused(self) -> list[dict[str, Any]]:
        """Calls of ours that Juspay would not take, and webhooks that we would not."""
        return [one for kind in ("call", "webhook") for one in await self.entries(kind) if one["status"] in (401, 403)]

    async def entries(self, kind: str) -> list[dict[str, Any]]:
        return list((await self.juspay("GET", f"/ledger?kind={kind}"))["entries"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stack]:
    async with running_stack(tmp_path_factory.mktemp("jwt"), START) as running:
        dashboard = Dashboard(running)
        await dashboard.upload("key_ours")
        await dashboard.seal_webhooks("key_ours")
        dashboard.write({"key_ours": "active"}, await dashboard.download())
        await running.service.stop()
        await running.service.start()
        yield running


@pytest.mark.parametrize("name", TOLD)
async def test_a_story_ends_in_jwt_mode_as_it_does_without(stack: Stack, name: str) -> None:
    assert () == (await tell(STORY[name], stack)).wrong


async def test_the_doctor_asks_juspay_in_jwt_mode_and_finds_nothing_wrong(stack: Stack) -> None:
    assert [] == await examined(stack, stack.clock_url)
    (*_, asked) = await Dashboard(stack).entries("call")
    assert ("/v4/order-status", UNKNOWN_ORDER) == (asked["route"], asked["order_id"])


async def test_the_doctor_tells_of_a_key_that_juspay_has_not(stack: Stack) -> None:
    good = stack.settings_file.read_text()
    try:
        stack.settings_file.write_text(good.replace('key_id = "key_ours"', 'key_id = "key_other"'))
        (problem,) = await examined(stack, stack.clock_url)
    finally:
        stack.settings_file.write_text(good)
    assert (f"merchants.{MERCHANT_ID}.jwt", "Juspay says access_denied (401)") == (problem.setting, problem.message)


async def test_money_goes_in_plain_only_in_a_refund_by_transaction_which_has_no_other_form(
    stack: Stack,
) -> None:
    assert () == (await tell(STORY["refund-same-key"], stack)).wrong
    routes = {call["route"] for call in await Dashboard(stack).entries("call")}
    assert {"/v4/order-status", "/v4/orders/{id}/refunds"} == routes - {"/refunds"}
    async with httpx.AsyncClient(
        trust_env=False, verify=TRUSTS_NOBODY, timeout=HANGS_S, auth=stack.webhook_login
    ) as http:
        plain = await http.post(f"{stack.service_url}/webhooks/juspay/{MERCHANT_ID}", json={"id": "evt_1"})
    assert (401, "signature_required") == (plain.status_code, plain.json()["code"])


async def test_both_sides_change_their_keys_and_no_call_or_webhook_is_refused(stack: Stack) -> None:
    at = Dashboard(stack)
    (old,) = await at.download()
    rotation = Rotation(stack.runtime, load(stack.settings_file), lambda: load(stack.settings_file))
    refused_before = await at.refused()

    async def taken_over(ours: dict[str, str], theirs: list[str], story: str) -> None:
        at.write(ours, theirs)
        assert await rotation.take_over()
        assert () == (await tell(STORY[story], stack)).wrong

    await at.upload("key_newer")
    await taken_over({"key_ours": "active", "key_newer": "next"}, [old], "pays-later")
    await at.seal_webhooks("key_newer")
    await taken_over({"key_ours": "retiring", "key_newer": "active"}, [old], "app-closed")
    await at.forget("key_ours")
    await taken_over({"key_ours": "revoked", "key_newer": "active"}, [old], "held-then-void")

    new = (await at.juspay("POST", "/jwt/keys"))["key_id"]
    assert [old, new] == await at.download()
    await taken_over({"key_newer": "active"}, [old, new], "auto-refund")
    await taken_over({"key_newer": "active"}, [new, old], "refund-two-clerks")
    await at.juspay("DELETE", f"/jwt/keys/{old}")
    await taken_over({"key_newer": "active"}, [new], "refund-equal-amounts")

    assert refused_before == await at.refused()
