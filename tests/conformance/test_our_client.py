"""Our own client against the sandbox over TLS, in JWT mode: two programs that share no code, on either side of it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator

import pytest
from conformance.juspay import JWT_KEY_ID, Juspay
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from integration.sandbox.playing import key_pair
from integration.sandbox.receiving import Receiver, deliver, receiving

from paystate.adapters.juspay import JuspayClient, JuspayConfig, connection_pool
from paystate.adapters.signing.envelope import JwtEnvelope
from paystate.adapters.signing.keyring import JuspayKey, KeyRing, KeyState, SigningKey
from paystate.core.errors import GatewayRejected
from paystate.core.money import Money
from paystate.core.orders.facts import Customer
from paystate.core.ports.gateway import OrderRequest
from paystate.entrypoints.sandbox import LocalCertificate, generate_key_pair

REQUEST = OrderRequest(
    order_id="bun-7Kq2",
    amount=Money.parse("100.00", "INR"),
    customer=Customer(customer_id="c-77", email="dev@example.test", phone="9000000001"),
    return_url="https://bakery.example.test/back",
)


def ours(pem: str, key_id: str = JWT_KEY_ID, state: KeyState = KeyState.ACTIVE) -> SigningKey:
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return SigningKey(key_id=key_id, state=state, private_key=key)


async def juspays(juspay: Juspay) -> list[JuspayKey]:
    """The keys that the sandbox shows, the newest first."""
    shown = (await juspay.player.control("/_control/jwt"))["keys"]
    keys = [(one["key_id"], load_pem_public_key(one["public_key"].encode())) for one in reversed(shown)]
    return [JuspayKey(key_id=key_id, public_key=key) for key_id, key in keys if isinstance(key, RSAPublicKey)]


class Sealing:
    """An envelope that may be changed for another while calls are on their way."""

    def __init__(self, envelope: JwtEnvelope) -> None:
        self.envelope = envelope

    def seal(self, plain: bytes) -> bytes:
        return self.envelope.seal(plain)

    def open(self, sealed: bytes) -> bytes:
        return self.envelope.open(sealed)


@pytest.fixture
async def sealing(juspay: Juspay) -> Sealing:
    return Sealing(JwtEnvelope(KeyRing([ours(key_pair()[0])]), await juspays(juspay)))


@pytest.fixture
async def client(juspay: Juspay, certificate: LocalCertificate, sealing: Sealing) -> AsyncIterator[JuspayClient]:
    config = JuspayConfig(base_url=juspay.url, merchant_id="bakery", client_id="bakery", api_key="NEVER-LOOKED-AT")
    trust = ssl.create_default_context(cafile=str(certificate.ca))
    async with connection_pool(ssl_context=trust) as pool:
        yield JuspayClient(config, pool, envelope=sealing)


async def test_a_session_a_payment_and_a_refund_go_sealed(juspay: Juspay, client: JuspayClient) -> None:
    await client.create_session(REQUEST, routing_id="c-77")
    await juspay.player.page_open()
    await juspay.player.act("pay", method={"upi": "success@upi"})
    await client.refund("bun-7Kq2", "r1", Money.parse("40.00", "INR"), routing_id="c-77")
    order = await client.get_order("bun-7Kq2", routing_id="c-77")
    assert order is not None
    assert ("CHARGED", ["r1"]) == (order.status, [one.unique_request_id for one in order.refunds])
    calls = (await juspay.player.control("/_control/ledger?kind=call"))["entries"]
    assert ["/v4/session", "/v4/orders/{id}/refunds", "/v4/order-status"] == [
        one["route"] for one in calls if one["route"].startswith("/v4")
    ]


async def test_an_order_that_juspay_does_not_know_is_told_in_plain(client: JuspayClient) -> None:
    assert await client.get_order("nobody", routing_id="c-77") is None


async def test_a_refused_refund_is_a_definite_no(client: JuspayClient) -> None:
    await client.create_session(REQUEST, routing_id="c-77")
    with pytest.raises(GatewayRejected, match=r"invalid\.order\.not_successful"):
        await client.refund("bun-7Kq2", "r1", Money.parse("40.00", "INR"), routing_id="c-77")


async def test_a_key_that_juspay_has_not_is_a_definite_no(
    client: JuspayClient, sealing: Sealing, juspay: Juspay
) -> None:
    sealing.envelope = JwtEnvelope(KeyRing([ours(generate_key_pair()[0])]), await juspays(juspay))
    with pytest.raises(GatewayRejected, match="access_denied"):
        await client.get_order("bun-7Kq2", routing_id="c-77")


async def test_no_call_is_refused_while_both_sides_change_their_keys(
    juspay: Juspay, client: JuspayClient, sealing: Sealing
) -> None:
    await client.create_session(REQUEST, routing_id="c-77")
    private, public = generate_key_pair()
    (before,) = await juspays(juspay)
    old, new = ours(key_pair()[0], state=KeyState.RETIRING), ours(private, "key-new")

    async def ask() -> str:
        order = await client.get_order("bun-7Kq2", routing_id="c-77")
        return order.status if order else "not there"

    async def juspay_takes_our_new_key() -> None:
        key = {"key_id": "key-new", "public_key": public}
        await juspay.player.control("/_control/merchants/bakery/jwt-keys", key)

    async def juspay_has_a_new_key() -> None:
        await juspay.player.control("/_control/jwt/keys", {})

    async def we_use_both_new_keys() -> None:
        sealing.envelope = JwtEnvelope(KeyRing([old, new]), await juspays(juspay))

    async def the_old_keys_go() -> None:
        await juspay.player.http.delete(f"/_control/jwt/keys/{before.key_id}")
        await juspay.player.http.delete(f"/_control/merchants/bakery/jwt-keys/{JWT_KEY_ID}")
        sealing.envelope = JwtEnvelope(KeyRing([new]), await juspays(juspay))

    told: list[str] = []
    for change in (juspay_takes_our_new_key, juspay_has_a_new_key, we_use_both_new_keys, the_old_keys_go):
        statuses, _ = await asyncio.gather(asyncio.gather(*(ask() for _ in range(10))), change())
        told += [*statuses, await ask()]
    assert ["NEW"] * 44 == told


async def test_an_encrypted_webhook_is_opened() -> None:
    receiver = Receiver()
    async with receiving(receiver, {JWT_KEY_ID: key_pair()[1]}) as player:
        await player.session()
        await deliver(player)
        envelope = JwtEnvelope(KeyRing([ours(key_pair()[0])]), await juspays(Juspay("", player)))
    (body,) = receiver.raw
    assert b'"ORDER_CREATED"' in envelope.open_webhook(body)
