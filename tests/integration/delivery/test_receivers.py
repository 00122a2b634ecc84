"""The receivers of the how-to page take what is signed and nothing else; each runs as it stands there."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from patience import until
from standardwebhooks import Webhook

from paystate.adapters.delivery.endpoint import WebhookEndpoint
from paystate.adapters.delivery.resolving import system_resolver
from paystate.adapters.delivery.verifying import verified_event
from paystate.adapters.juspay import connection_pool
from paystate.core.announcements.delivery import Delivered, NotDelivered
from paystate.core.errors import SignatureInvalid
from paystate.core.orders.facts import AnnouncementKind
from paystate.core.ports.notifier import Message

PAGE = Path(__file__).resolve().parents[3] / "docs/how-to/be-told.md"
SECRET, OTHER = "whsec_" + "c2VjcmV0" * 5, "whsec_" + "b3RoZXIh" * 5
BODY = '{"type":"order.paid","data":{"order_id":"A1","note":"Zoë"}}'.encode()
MESSAGE = Message(event_id="ann_1", kind=AnnouncementKind.ORDER_PAID, body=BODY)
RUN = {
    "python": ("receiver.py", [sys.executable, "receiver.py"]),
    "js": ("receiver.js", ["node", "receiver.js"]),
    "php": ("receiver.php", ["php", "-S", "127.0.0.1:{port}", "receiver.php"]),
    "java": ("Receiver.java", ["java", "Receiver.java"]),
}


def of_the_page(language: str) -> str:
    code = re.search(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)  # the first is the receiver
    assert code is not None
    return code[1]


def free_port() -> int:
    with closing(socket.socket()) as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


@contextmanager
def running(language: str, folder: Path) -> Generator[int]:
    name, command = RUN[language]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not on this machine")
    (folder / name).write_text(of_the_page(language), "utf-8")
    port = free_port()
    process = subprocess.Popen(
        [part.format(port=port) for part in command],
        cwd=folder,
        env={**os.environ, "SECRET": SECRET, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield port
    finally:
        process.kill()
        process.wait()


async def listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


@pytest.mark.parametrize("language", RUN)
async def test_a_receiver_of_the_page_takes_what_is_signed_and_nothing_else(language: str, tmp_path: Path) -> None:
    with running(language, tmp_path) as port:
        await until(lambda: listens(port))
        now = datetime.now(UTC)
        async with connection_pool() as pool:

            def endpoint(*secrets: str) -> WebhookEndpoint:
                return WebhookEndpoint(
                    url=f"http://127.0.0.1:{port}/", secrets=secrets, timeout_s=20, allow_private=True,
                    transport=pool, resolve=system_resolver(),
                )  # fmt: skip

            assert Delivered("answered 204") == await endpoint(SECRET).deliver(MESSAGE, now)
            assert Delivered("answered 204") == await endpoint(OTHER, SECRET).deliver(MESSAGE, now)
            assert NotDelivered("answered 401") == await endpoint(OTHER).deliver(MESSAGE, now)
            old = now - timedelta(minutes=10)
            assert NotDelivered("answered 401") == await endpoint(SECRET).deliver(MESSAGE, old)


def signed(at: datetime, secret: str = SECRET) -> dict[str, str]:
    return {
        "Webhook-Id": "ann_1",
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": Webhook(secret).sign("ann_1", at, BODY.decode()),
    }


def test_a_receiver_in_python_reads_what_either_secret_signed() -> None:
    for secret in (SECRET, OTHER):
        event = verified_event(BODY, signed(datetime.now(UTC), secret), [SECRET, OTHER])
        assert "A1" == event["data"]["order_id"]


@pytest.mark.parametrize(
    "changed",
    [
        {"Webhook-Signature": ""},
        {"Webhook-Signature": "v1"},
        {"Webhook-Signature": "v1,a,b"},
        {"Webhook-Signature": "v1,====="},
        {"Webhook-Signature": "v2,c2VjcmV0"},
        {"Webhook-Timestamp": "yesterday"},
        {"Webhook-Timestamp": "9" * 30},
        {"Webhook-Id": "ann_2"},
    ],
)
def test_a_receiver_in_python_refuses_all_else(changed: dict[str, str]) -> None:
    headers = {**signed(datetime.now(UTC)), **changed}
    with pytest.raises(SignatureInvalid):
        verified_event(BODY, headers, [SECRET])


def test_no_secret_verifies_nothing() -> None:
    with pytest.raises(SignatureInvalid):
        verified_event(BODY, signed(datetime.now(UTC)), [])
