"""Keys and passwords change in the settings while a real `paystate serve` is under load; SIGHUP takes them over."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from e2e.shop import CUSTOMER, MERCHANT, PASSWORD, Shop, process, shop, until

from paystate.adapters.signing.pkcs1 import verify
from paystate.entrypoints import bootstrap

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


async def hook(at: Shop, password: str, number: int) -> int:
    login = base64.b64encode(f"juspay:{password}".encode()).decode()
    body = json.dumps({"id": f"evt_{number}", "content": {"order": {"merchant_id": MERCHANT}}}).encode()
    headers = {"authorization": f"Basic {login}", "content-type": "application/json"}
    return (
        await at.http.post(f"{at.service_url}/webhooks/juspay/{MERCHANT}", content=body, headers=headers)
    ).status_code


def changed(at: Shop, service: asyncio.subprocess.Process, before: str, after: str) -> None:
    text = at.settings.read_text()
    assert before in text
    at.settings.write_text(text.replace(before, after))
    os.kill(service.pid, signal.SIGHUP)


async def taken_over(at: Shop, times: int) -> None:
    async def told() -> bool:
        return at.logged.count(b"settings taken over") == times

    await until(told)


@asynccontextmanager
async def under_load(at: Shop, password: str) -> AsyncIterator[list[int]]:
    """Webhooks with one password, one after the other, as long as something else goes on; yields their answers."""
    answers: list[int] = []
    ended = asyncio.Event()

    async def send() -> None:
        while not ended.is_set():
            answers.append(await hook(at, password, len(answers)))

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
        bootstrap.write_new_key(tmp_path / "next.pem", public_files["key-2"])
        signed_by = [await key_that_signs(at, public_files)]
        changed(at, service, OLD_KEY, BOTH_KEYS)

        async def the_new_one_signs() -> bool:
            signed_by.append(await key_that_signs(at, public_files))
            return signed_by[-1] == "key-2"

        await until(the_new_one_signs)
        changes = sum(before != after for before, after in pairwise(signed_by))
        assert ("key-1", "key-2", 1) == (signed_by[0], signed_by[-1], changes)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (OLD_LOGIN, OLD_LOGIN.replace('"webhook"', '"nowhere"'), b"cannot be read"),
        (OLD_KEY, OLD_KEY.replace("signing.pem", "signing.public.pem"), b"a public key"),
        ("public_url", "database = 'other.sqlite3'\npublic_url", b"database was changed"),
        ("public_url", "public_url = = ", b"is not TOML"),
    ],
    ids=["a secret is missing", "not a private key", "more than merchants", "no TOML"],
)
async def test_a_mistake_in_the_settings_is_told_and_changes_nothing(
    tmp_path: Path, before: str, after: str, says: bytes
) -> None:
    async with shop(tmp_path) as at, process(at, "serve", "--no-worker") as service:
        changed(at, service, before, after)

        async def told() -> bool:
            return b"settings not taken over" in at.logged

        await until(told)
        assert says in at.logged
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
