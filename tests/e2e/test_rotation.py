"""Keys and passwords change in the settings while a real `paystate serve` is under load; SIGHUP takes them over."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from e2e.programs import Program
from e2e.shop import CUSTOMER, MERCHANT, PASSWORD, Shop, process, shop
from integration.signing.juspay_side import JuspaySide, as_webhook
from patience import until

from paystate.adapters.signing.pkcs1 import verify
from paystate.adapters.signing.rsa import new_key

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGHUP is POSIX")

NEW_PASSWORD = "the-next-password-of-webhooks"
OLD_KEY = 'signing_keys = [{ key_id = "key-1", file = "signing.pem" }]'
BOTH_KEYS = """signing_keys = [
    { key_id = "key-2", file = "next.pem" },
    { key_id = "key-1", file = "signing.pem", state = "retiring" },
]"""
OLD_LOGIN = 'webhook_logins = [{ user = "juspay", password = { file = "webhook" } }]'
BOTH_LOGINS = """webhook_logins = [
    { user = "juspay", password = { file = "webhook" } },
    { user = "juspay", password = { file = "webhook-next" } },
]"""
NEW_LOGIN = 'webhook_logins = [{ user = "juspay", password = { file = "webhook-next" } }]'

Seal = Callable[[bytes], bytes]


async def hook(at: Shop, password: str, number: int, seal: Seal | None = None) -> int:
    login = base64.b64encode(f"juspay:{password}".encode()).decode()
    body = json.dumps({"id": f"evt_{number}", "content": {"order": {"merchant_id": MERCHANT}}}).encode()
    headers = {"authorization": f"Basic {login}", "content-type": "application/json"}
    url, content = f"{at.service_url}/webhooks/juspay/{MERCHANT}", seal(body) if seal else body
    return (await at.http.post(url, content=content, headers=headers)).status_code


def changed(at: Shop, service: Program, before: str, after: str) -> None:
    text = at.settings.read_text()
    assert before in text
    at.settings.write_text(text.replace(before, after))
    os.kill(service.pid, signal.SIGHUP)


async def taken_over(at: Shop, times: int) -> None:
    async def told() -> bool:
        return at.logged.count(b"settings reloaded") == times

    await until(told)


@asynccontextmanager
async def under_load(at: Shop, password: str, seal: Seal | None = None) -> AsyncGenerator[list[int]]:
    """Webhooks with one password, one after the other, as long as something else goes on; yields their answers."""
    answers: list[int] = []
    ended = asyncio.Event()

    async def send() -> None:
        while not ended.is_set():
            answers.append(await hook(at, password, len(answers), seal))

    sending = asyncio.create_task(send())
    yield answers
    ended.set()
    await sending


async def key_that_signs(at: Shop, public_files: dict[str, Path]) -> str:
    """Open a checkout, and check its initiate payload with the key that it names."""
    opened = (await at.call("POST", "/v1/checkouts", {"customer": CUSTOMER})).json()
    payload: dict[str, Any] = opened["initiate_payload"]["payload"]
    key = load_pem_public_key(public_files[payload["merchantKeyId"]].read_bytes())
    verify(key, payload["signaturePayload"].encode(), base64.b64decode(payload["signature"]))  # type: ignore[arg-type]
    return payload["merchantKeyId"]


async def test_a_webhook_password_is_rotated_under_load_and_none_is_refused(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, process(at) as service:
        (tmp_path / "webhook-next").write_text(NEW_PASSWORD)
        assert (200, 401) == (await hook(at, PASSWORD, 0), await hook(at, NEW_PASSWORD, 0))
        async with under_load(at, PASSWORD) as old_answers:
            changed(at, service, OLD_LOGIN, BOTH_LOGINS)
            await taken_over(at, 1)
            async with under_load(at, NEW_PASSWORD) as new_answers:
                await until(lambda: _enough(old_answers, new_answers))
        async with under_load(at, NEW_PASSWORD) as last_answers:
            changed(at, service, BOTH_LOGINS, NEW_LOGIN)
            await taken_over(at, 2)
            await until(lambda: _enough(last_answers))
        assert {200} == {*old_answers, *new_answers, *last_answers}
        assert (401, 200) == (await hook(at, PASSWORD, 0), await hook(at, NEW_PASSWORD, 0))


async def _enough(*answers: list[int]) -> bool:
    return all(len(one) >= 20 for one in answers)


async def test_a_signing_key_is_rotated_under_load_and_every_payload_verifies(tmp_path: Path) -> None:
    public_files = {"key-1": tmp_path / "signing.public.pem", "key-2": tmp_path / "next.public.pem"}
    async with shop(tmp_path) as at, process(at) as service:
        new_key(tmp_path / "next.pem", public_files["key-2"])
        signed_by = [await key_that_signs(at, public_files)]
        changed(at, service, OLD_KEY, BOTH_KEYS)

        async def the_new_one_signs() -> bool:
            signed_by.append(await key_that_signs(at, public_files))
            return signed_by[-1] == "key-2"

        await until(the_new_one_signs)
        changes = sum(before != after for before, after in pairwise(signed_by))
        assert ("key-1", "key-2", 1) == (signed_by[0], signed_by[-1], changes)


def jwt_table(ours: dict[str, str], theirs: list[str]) -> str:
    keys = [f'{{ key_id = "{key_id}", file = "{key_id}.pem", state = "{state}" }}' for key_id, state in ours.items()]
    juspay_keys = [f'{{ key_id = "{key_id}", file = "{key_id}.public.pem" }}' for key_id in theirs]
    return f"""
[merchants.{MERCHANT}.jwt]
keys = [{", ".join(keys)}]
juspay_keys = [{", ".join(juspay_keys)}]
webhooks = "required"
"""


async def test_keys_of_encrypted_webhooks_are_rotated_under_load_and_none_is_refused(tmp_path: Path) -> None:
    for name in ("a", "b", "p", "q"):
        new_key(tmp_path / f"{name}.pem", tmp_path / f"{name}.public.pem")
    keys = {name: load_pem_private_key((tmp_path / f"{name}.pem").read_bytes(), None) for name in ("a", "b", "p", "q")}

    def juspay(signs: str, encrypts_to: str) -> Seal:
        side = JuspaySide(keys[signs], signs, keys[encrypts_to].public_key(), encrypts_to)  # type: ignore[arg-type]
        return lambda body: as_webhook(side.told(body))

    first = jwt_table({"a": "active"}, ["p"])
    steps = [  # the next settings, and as what Juspay speaks while they are taken over
        (jwt_table({"a": "active", "b": "next"}, ["p"]), [juspay("p", "a")]),
        (jwt_table({"a": "retiring", "b": "active"}, ["p", "q"]), [juspay("p", "a"), juspay("p", "b")]),
        (jwt_table({"a": "revoked", "b": "active"}, ["q", "p"]), [juspay("p", "b"), juspay("q", "b")]),
        (jwt_table({"b": "active"}, ["q"]), [juspay("q", "b")]),
    ]
    async with shop(tmp_path) as at, AsyncExitStack() as ends:
        at.settings.write_text(at.settings.read_text() + first)
        service = await ends.enter_async_context(process(at))
        tables, answers = [first, *(table for table, _ in steps)], list[list[int]]()
        for number, ((before, after), (_, sides)) in enumerate(zip(pairwise(tables), steps, strict=True), 1):
            async with AsyncExitStack() as loads:
                running = [await loads.enter_async_context(under_load(at, PASSWORD, seal)) for seal in sides]
                changed(at, service, before, after)
                await taken_over(at, number)
                await until(partial(_enough, *running))
                answers += running
        assert {200} == {one for some in answers for one in some}
        refused = [await hook(at, PASSWORD, 0, seal) for seal in (juspay("p", "b"), juspay("q", "a"), None)]
        assert [401, 401, 401] == refused


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (OLD_LOGIN, OLD_LOGIN.replace('"webhook"', '"nowhere"'), b"cannot be read"),
        (OLD_KEY, OLD_KEY.replace("signing.pem", "signing.public.pem"), b"a public key"),
        ("public_url", "database = 'other.sqlite3'\npublic_url", b"database was changed"),
        (f"[merchants.{MERCHANT}]", f"[merchants.{MERCHANT}2]", f"merchants.{MERCHANT} is gone".encode()),
        ("public_url", "public_url = = ", b"is not TOML"),
    ],
    ids=["a secret is missing", "not a private key", "more than merchants", "a merchant is gone", "no TOML"],
)
async def test_a_mistake_in_the_settings_is_told_and_changes_nothing(
    tmp_path: Path, before: str, after: str, message: bytes
) -> None:
    async with shop(tmp_path) as at, process(at, "serve", "--no-worker") as service:
        changed(at, service, before, after)

        async def told() -> bool:
            return b"settings not reloaded" in at.logged

        await until(told)
        assert message in at.logged
        assert (200, 201) == (
            await hook(at, PASSWORD, 1),
            (await at.call("POST", "/v1/checkouts", {"customer": CUSTOMER})).status_code,
        )


async def test_a_worker_alone_takes_changed_settings_over_as_well(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, process(at, "worker", ready=b"working") as service:
        (tmp_path / "webhook-next").write_text(NEW_PASSWORD)
        changed(at, service, OLD_LOGIN, BOTH_LOGINS)
        await taken_over(at, 1)
        assert service.returncode is None
