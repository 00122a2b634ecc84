"""Two commands and nothing else: the sandbox for a service's settings, and the service, at the ends of real sockets."""

from __future__ import annotations

import shutil
import signal
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import frozen
from e2e.cli.terminal import CANARY, SECRETS, paystate
from e2e.programs import Program, started
from patience import HANGS_S, until

from paystate.entrypoints.demo.stack import free_ports
from paystate.entrypoints.sandbox.certificates import local_certificate
from paystate.entrypoints.sandbox.signatures import generate_key_pair
from paystate.entrypoints.setup.credentials import new_api_key

SETTINGS = """
public_url = "{public_url}"
port = {port}
[merchants.teashop]
client_id = "tea-client"
base_url = "http://127.0.0.1:{sandbox_port}"
api_key = {{ env = "TEA_JUSPAY_KEY" }}
response_keys = [{{ env = "TEA_RESPONSE_KEY" }}]
signing_keys = [{{ key_id = "k-1", file = "keys/signing.pem" }}]
webhook_logins = [{{ user = "juspay", password = {{ env = "TEA_WEBHOOK_PASSWORD" }} }}]
webhook_headers = {{ "x-tea" = {{ env = "TEA_WEBHOOK_PASSWORD" }} }}
backend_keys = ["{backend_key}"]
"""

JWT = """
[merchants.teashop.jwt]
calls = true
keys = [{ key_id = "j-1", file = "keys/signing.pem" }]
juspay_keys = [{ key_id = "key_sandbox", file = "keys/juspay.pem" }]
"""


@frozen
class Pair:
    """A sandbox and a service that were started in this order, and what each printed at first."""

    http: httpx.AsyncClient
    sandbox: str
    service: str
    api_key: str
    said: str

    async def sdk(self, step: str, body: Any, instance: str = "") -> Any:
        headers = {"x-sdk-instance": instance} if instance else {}
        return (await self.http.post(f"{self.sandbox}/_sdk/{step}", json=body, headers=headers)).json()

    async def control(self, path: str, body: Any = None) -> httpx.Response:
        url = f"{self.sandbox}/_control/{path}"
        return await (self.http.get(url) if body is None else self.http.post(url, json=body))

    async def order(self, order_id: str) -> Any:
        headers = {"authorization": f"Bearer {self.api_key}"}
        return (await self.http.get(f"{self.service}/v1/orders/{order_id}", headers=headers)).json()

    async def buy(self, order_id: str) -> dict[str, Any]:
        """Open an order, pay it by UPI in an app, and wait until the service has proof."""
        backend = {"authorization": f"Bearer {self.api_key}"}
        body = {"order_id": order_id, "amount": "349.50", "currency": "INR", "customer": {"customer_id": "asha"}}
        opened = await self.http.post(f"{self.service}/v1/orders", json=body, headers=backend)
        assert 201 == opened.status_code, opened.text
        checkout = {"customer": {"customer_id": "asha"}}
        handed = (await self.http.post(f"{self.service}/v1/checkouts", json=checkout, headers=backend)).json()
        app, path = {"authorization": f"Bearer {handed['token']}"}, f"/v1/checkouts/{handed['checkout_id']}"
        begun = await self.sdk("initiate", handed["initiate_payload"])
        for event in begun["events"]:
            await self.http.post(f"{self.service}{path}/events", json=event, headers=app)
        signed = (
            await self.http.post(f"{self.service}{path}/process", json={"order_id": order_id}, headers=app)
        ).json()
        page = await self.sdk("process", signed["process_payload"], begun["instance"])
        assert page["page_url"], page
        await self.sdk("act", {"instance": begun["instance"], "action": "pay", "method": {"upi": "success@upi"}})

        async def paid() -> Any:
            order = await self.order(order_id)
            return order if order["status"] == "CHARGED" else None

        return dict(await until(paid))


async def printed(program: Program, last: str) -> str:
    """What a program has printed up to a line with that text."""
    told = ""
    while last not in told:
        line = (await program.stdout.readline()).decode()
        assert line, told
        told += line
    return told


def set_up(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    public_url: str = "http://127.0.0.1:{port}",
    *,
    is_sealed_over_tls: bool = False,
) -> Pair:
    monkeypatch.chdir(folder)
    for name in SECRETS:
        monkeypatch.setenv(name, f"{CANARY}-{name}")
    port, sandbox_port = free_ports(2)
    api_key, kept = new_api_key("sandbox")
    (folder / "paystate.toml").write_text(
        SETTINGS.format(
            public_url=public_url.format(port=port),
            port=port,
            sandbox_port=sandbox_port,
            backend_key=f"{kept.key_id}:{kept.digest}",
        )
    )
    assert 0 == paystate("keys", "new").exit_code
    assert 0 == paystate("migrate").exit_code
    trusted = seal_over_tls(folder) if is_sealed_over_tls else ssl.create_default_context()
    http = httpx.AsyncClient(verify=trusted, trust_env=False, timeout=HANGS_S)
    scheme = "https" if is_sealed_over_tls else "http"
    return Pair(http, f"{scheme}://127.0.0.1:{sandbox_port}", f"http://127.0.0.1:{port}", api_key, "")


def seal_over_tls(folder: Path) -> ssl.SSLContext:
    """Change the settings to https and JWT mode, with the files that the sandbox asks for; returns whom to trust."""
    ca = local_certificate(folder / "sandbox-tls").ca
    private, public = generate_key_pair()
    for name, text in (("sandbox-jwt.key", private), ("keys/juspay.pem", public)):
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(text)
    shutil.copy(folder / "keys" / "signing.pem", folder / "keys" / "jwt.pem")
    settings = folder / "paystate.toml"
    plain = settings.read_text().replace('base_url = "http://', 'base_url = "https://')
    jwt = JWT.replace("calls = true", 'calls = true\nwebhooks = "required"').replace("signing.pem", "jwt.pem")
    settings.write_text(f'ca_file = "{ca}"\n{plain}{jwt}')
    return ssl.create_default_context(cafile=str(ca))


@asynccontextmanager
async def ended(program: Program) -> AsyncGenerator[Program]:
    try:
        yield program
    finally:
        if program.returncode is None:
            program.kill()
        await program.wait()


@asynccontextmanager
async def pair(folder: Path, monkeypatch: pytest.MonkeyPatch, **more: Any) -> AsyncGenerator[Pair]:
    """The two commands of the how-to, one after the other."""
    made = set_up(folder, monkeypatch, **more)
    async with made.http, ended(await started(None, "sandbox", "--for", "paystate.toml")) as sandbox:
        said = await printed(sandbox, "Stop with Ctrl-C.")
        async with ended(await started(None, "serve", "--settings", "paystate.toml")) as service:
            said += await printed(service, '"serving"')
            yield Pair(made.http, made.sandbox, made.service, made.api_key, said)


async def test_two_commands_make_a_pair_that_takes_payments_and_webhooks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with pair(tmp_path, monkeypatch) as made:
        await made.buy("tea-1")

        async def delivered() -> Any:
            sent = (await made.control("webhooks")).json()["deliveries"]
            return sent if {one["state"] for one in sent} == {"delivered"} and len(sent) == 3 else None

        sent = await until(delivered)
        assert ["ORDER_CREATED", "TXN_CREATED", "ORDER_SUCCEEDED"] == [one["event_name"] for one in sent]
    assert "paystate serve --settings paystate.toml" in made.said
    assert "a restart begins anew" in made.said
    assert f'"clock":"{made.sandbox}"' in made.said.replace(": ", ":")
    assert CANARY not in made.said


async def test_over_tls_and_with_all_bodies_sealed_they_are_a_pair_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with pair(tmp_path, monkeypatch, is_sealed_over_tls=True) as made:
        await made.buy("tea-1")

        async def delivered() -> Any:
            sent = (await made.control("webhooks")).json()["deliveries"]
            return {one["state"] for one in sent} == {"delivered"} and len(sent) == 3

        await until(delivered)
        calls = (await made.control("ledger?order_id=tea-1&kind=call")).json()["entries"]
    assert {"/v4/order-status"} == {one["route"] for one in calls}
    assert "First give paystate.toml the ca_file" not in made.said
    assert "this machine's" in made.said


async def test_who_does_not_trust_the_sandbox_yet_is_told_to_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(tmp_path, monkeypatch, is_sealed_over_tls=True)
    settings = tmp_path / "paystate.toml"
    settings.write_text("".join(settings.read_text().splitlines(keepends=True)[1:]))
    async with ended(await started(None, "sandbox", "--for", "paystate.toml")) as sandbox:
        assert "First give paystate.toml the ca_file that stands above." in await printed(sandbox, "Stop with Ctrl-C.")


async def test_the_clock_of_the_sandbox_moves_the_service_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with pair(tmp_path, monkeypatch) as made:
        assert 200 == (await made.control("clock", {"advance_s": 86_400})).status_code
        bought = await made.buy("tea-tomorrow")
        now = (await made.control("clock")).json()["now"]
    assert now[:10] == bought["created_at"][:10]


async def test_webhooks_of_a_service_behind_a_proxy_go_to_where_it_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with pair(tmp_path, monkeypatch, public_url="https://pay.example.test") as made:
        await made.buy("tea-1")

        async def delivered() -> Any:
            sent = (await made.control("webhooks")).json()["deliveries"]
            return {one["state"] for one in sent} == {"delivered"}

        await until(delivered)


async def test_while_no_service_goes_by_the_clock_it_cannot_be_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = set_up(tmp_path, monkeypatch)
    async with made.http, ended(await started(None, "sandbox", "--for", "paystate.toml")) as sandbox:
        await printed(sandbox, "Stop with Ctrl-C.")
        answer = await made.control("clock", {"advance_s": 60})
    assert (409, "clock_not_shared") == (answer.status_code, answer.json()["code"])


async def test_a_sandbox_that_was_killed_goes_on_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = set_up(tmp_path, monkeypatch)
    command = ("sandbox", "--for", "paystate.toml", "--state", "played")
    order = {"merchant_id": "teashop", "order_id": "tea-1", "amount": "349.50", "paid": True}
    async with made.http:
        async with ended(await started(None, *command)) as first:
            await printed(first, "Stop with Ctrl-C.")
            truth = (await made.control("orders", order)).json()
            assert 200 == (await made.control("clock?shares=true")).status_code
            assert 200 == (await made.control("clock", {"advance_s": 86_400})).status_code
            first.kill()
            assert -signal.SIGKILL == await first.wait()
        async with ended(await started(None, *command)) as second:
            said = await printed(second, "Stop with Ctrl-C.")
            assert [truth] == (await made.control("orders")).json()["orders"]
    assert "are kept in played; orders so far: 1." in said
    assert "The clock is 1 day, 0:00:00 ahead of this machine's." in said


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--for", "paystate.toml", "--port", "9000"), "--port: does not go together with --for"),
        (("--for", "paystate.toml", "--merchants", "paystate.toml"), "--merchants: does not go together with --for"),
        (("--for", "elsewhere.toml"), "merchants.teashop.base_url: is not on this machine"),
        (("--for", "paystate.toml", "--state", "paystate.toml"), "--state paystate.toml: it is no state of a sandbox"),
        (("--for", "v6.toml"), "merchants.teashop.base_url: the sandbox listens at 127.0.0.1 alone"),
        (("--for", "jwt.toml"), "merchants.teashop.jwt.juspay_keys[key_sandbox]: cannot be read (FileNotFoundError)"),
        (("--for", "jwt.toml"), "openssl pkey -in sandbox-jwt.key -pubout -out"),
    ],
)
def test_what_does_not_go_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], told: str
) -> None:
    made = set_up(tmp_path, monkeypatch)
    settings = (tmp_path / "paystate.toml").read_text()
    (tmp_path / "elsewhere.toml").write_text(settings.replace(made.sandbox, "https://sandbox.juspay.in"))
    (tmp_path / "v6.toml").write_text(settings.replace("//127.0.0.1:", "//[::1]:"))
    (tmp_path / "jwt.toml").write_text(settings + JWT)
    done = paystate("sandbox", *arguments)
    assert (1, True, True) == (done.exit_code, told in done.output, "to fix it:" in done.output)
    assert CANARY not in done.output
