"""The composition root hands on what the settings say: policy, credentials, keys and secrets, and what is served."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import pytest
from beginnings import copied_database, copied_pair
from litestar.testing import AsyncTestClient
from standardwebhooks import Webhook

from paystate.adapters.delivery.broker import Broker, BrokerConfig
from paystate.adapters.delivery.jetstream import JetStreamEndpoint
from paystate.adapters.delivery.resolving import system_resolver
from paystate.adapters.signing.keyring import KeyInvalid
from paystate.core.announcements.delivery import Delivered
from paystate.core.checkouts.sdk_payloads import Signature
from paystate.core.orders.facts import AnnouncementKind
from paystate.core.policy import CheckoutMode, Policy
from paystate.core.ports.notifier import Handler, Message
from paystate.core.settlement.reading import ReportFormat
from paystate.entrypoints.service.api.app import create_app
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.credentials import (
    ALL_SCOPES,
    ApiKey,
    Scope,
    has_webhook_headers,
    is_webhook_login,
)
from paystate.entrypoints.setup.own_keys import own_keys
from paystate.entrypoints.setup.runtime import Merchants
from paystate.entrypoints.setup.settings import (
    BackendKey,
    BrokerLogin,
    EndpointSettings,
    JuspayKey,
    JwtSettings,
    MerchantSettings,
    Mode,
    PolicySettings,
    Secret,
    Settings,
    SigningKey,
    StreamSettings,
    WebhookLogin,
)

Pools = Callable[[str], httpx.AsyncBaseTransport]

LOGIN = "Basic dGVhc2hvcDpzMw=="
"""Of `teashop:s3`."""
CHOSEN = {
    "checkout_mode": CheckoutMode.INFERRED,
    "checkout_ttl_s": 601,
    "fulfilment_window_s": 602,
    "hold_window_s": 603,
    "hold_warning_s": 604,
    "looks_end_s": 605,
    "looks_per_minute": 11,
    "looks_per_hour": 12,
    "refund_tries_max": 13,
    "discount_max_percent": 14,
    "disputes_max": 15,
    "webhooks_max": 16,
    "quarantine_bytes_max": 2**21,
    "quarantine_webhooks_max": 200,
    "quarantine_kept_s": 86_401,
    "webhook_bodies_kept_s": 86_402,
    "announcements_kept_s": 604_801,
    "refund_when_cancelled": True,
    "calls_per_second": 17,
    "calls_burst": 18,
    "order_id_max": 31,
    "refund_slow_s": 86_403,
    "twice_paid_window_s": 604,
}
"""Nothing of it is what it is by default."""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    copied_pair(tmp_path / "signing.pem", tmp_path / "signing.public.pem")
    for name, value in (("api", "k1"), ("response", "s2"), ("webhook", "s3"), ("header", "s4")):
        (tmp_path / name).write_text(f"{value}\n")
    copied_database(tmp_path / "paystate.sqlite3")
    return tmp_path


def settings(place: Path, **changes: object) -> Settings:
    merchant = MerchantSettings(
        client_id="teashop",
        base_url="http://127.0.0.1:1",
        api_key=Secret(file="api"),
        response_keys=(Secret(file="response"),),
        signing_keys=(SigningKey(key_id="k-1", file="signing.pem"),),
        webhook_logins=(WebhookLogin(user="teashop", password=Secret(file="webhook")),),
        webhook_headers={"X-Shop": Secret(file="header")},
    )
    one = msgspec.structs.replace(merchant, **changes)
    return Settings(merchants={"teashop": one}, public_url="http://127.0.0.1:8000", folder=str(place))


def merchants_from(settings: Settings, pools: Pools) -> Merchants:
    def broker_of(_merchant_id: str, config: BrokerConfig) -> Broker:
        return Broker(config, system_resolver())

    return bootstrap.merchants_from(settings, pools, lambda merchant_id, _: pools(merchant_id), broker_of)


@pytest.fixture
def pools() -> Pools:
    return lambda _: httpx.MockTransport(lambda _: httpx.Response(404))


def test_a_merchant_has_the_policy_that_it_chose(place: Path, pools: Pools) -> None:
    assert set(CHOSEN) == set(PolicySettings.__struct_fields__)
    made = merchants_from(settings(place, policy=PolicySettings(**CHOSEN)), pools)  # type: ignore[arg-type]
    policy = made.merchants["teashop"].policy
    assert CHOSEN == {name: getattr(policy, name) for name in CHOSEN}
    assert policy == Policy(**CHOSEN)  # type: ignore[arg-type]


def test_each_choice_changes_the_policy() -> None:
    assert [] == [name for name, value in CHOSEN.items() if getattr(PolicySettings(), name) == value]


def test_a_webhook_needs_the_headers_that_are_set(place: Path, pools: Pools) -> None:
    access = merchants_from(settings(place), pools).credentials["teashop"]
    assert [True, False, False] == [
        has_webhook_headers(given, access) for given in ({"x-shop": "s4"}, {"x-shop": "s"}, {})
    ]


def test_a_backend_s_keys_are_compared_as_they_are_set(place: Path, pools: Pools) -> None:
    ends, digests = datetime(2031, 1, 1, tzinfo=UTC), [f"{number:064x}" for number in range(3)]
    keys = (
        BackendKey(id="aaaaaaaa", digest=digests[0], scopes=(Scope.READ,), expires=ends),
        BackendKey(id="bbbbbbbb", digest=digests[1], scopes=(Scope.MONEY, Scope.READ), revoked=ends),
        f"cccccccc:{digests[2]}",
    )
    access = merchants_from(settings(place, backend_keys=keys), pools).credentials["teashop"]
    assert access.api_keys == (
        ApiKey("aaaaaaaa", digests[0], frozenset({Scope.READ}), ends),
        ApiKey("bbbbbbbb", digests[1], frozenset({Scope.MONEY, Scope.READ}), is_revoked=True),
        ApiKey("cccccccc", digests[2], ALL_SCOPES),
    )


async def test_an_endpoint_is_told_what_it_wants_in_the_name_of_its_secrets(place: Path) -> None:
    posted: list[httpx.Request] = []

    def receive(request: httpx.Request) -> httpx.Response:
        posted.append(request)
        return httpx.Response(204)

    for name in ("new", "old"):
        (place / name).write_text(f"whsec_{name * 12}\n")
    endpoint = EndpointSettings(
        name="shop",
        url="http://127.0.0.1:7000/told",
        secrets=(Secret(file="new"), Secret(file="old")),
        events=("order.paid", "refund.*"),
        timeout_s=3,
        allow_private=True,
    )
    made = merchants_from(settings(place, endpoints=(endpoint,)), lambda _: httpx.MockTransport(receive))
    (subscriber,) = made.merchants["teashop"].subscribers
    assert ("shop", 3) == (subscriber.name, subscriber.timeout_s)
    assert {"order.paid", "refund.succeeded", "refund.failed", "refund.found"} == subscriber.kinds
    message = Message(event_id="ann_1", kind=AnnouncementKind.ORDER_PAID, body=b"{}")
    assert not isinstance(subscriber.notifier, Handler)
    assert Delivered("answered 204") == await subscriber.notifier.deliver(message, datetime.now(UTC))
    assert "http://127.0.0.1:7000/told" == str(posted[0].url)
    for name in ("new", "old"):
        Webhook(f"whsec_{name * 12}").verify(posted[0].content, dict(posted[0].headers))


def test_a_stream_is_told_what_it_wants_under_its_subject(place: Path, pools: Pools) -> None:
    (place / "password").write_text("s3cret\n")
    stream = StreamSettings(
        name="broker",
        servers=("tls://a.test:4222", "tls://b.test"),
        stream="PAYSTATE",
        events=("refund.failed",),
        login=BrokerLogin(user="shop", password=Secret(file="password")),
        ca_file="ca.pem",
        timeout_s=3,
    )
    (subscriber,) = merchants_from(settings(place, streams=(stream,)), pools).merchants["teashop"].subscribers
    assert ("broker", 3) == (subscriber.name, subscriber.timeout_s)
    assert {AnnouncementKind.REFUND_FAILED} == subscriber.kinds
    to = subscriber.notifier
    assert isinstance(to, JetStreamEndpoint)
    assert ("PAYSTATE", "paystate.teashop.order.paid") == (to.stream, to.subject_of(AnnouncementKind.ORDER_PAID))
    wanted = BrokerConfig(
        servers=("tls://a.test:4222", "tls://b.test"), ca_file=place / "ca.pem", login=("shop", "s3cret")
    )
    assert wanted == to.broker._config


@pytest.mark.parametrize("environment", ["sandbox", "production"])
def test_a_merchant_s_keys_are_of_its_environment(place: Path, pools: Pools, environment: str) -> None:
    made = merchants_from(settings(place, environment=environment), pools)
    assert environment == made.credentials["teashop"].environment


def test_a_password_s_last_line_break_is_no_part_of_it(place: Path, pools: Pools) -> None:
    assert is_webhook_login(LOGIN, merchants_from(settings(place), pools).credentials["teashop"])


async def test_an_api_key_is_sent_without_the_line_break_behind_it(place: Path) -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers["authorization"])
        return httpx.Response(404, json={"status": "NOT_FOUND", "order_id": "A1"})

    merchant = merchants_from(settings(place), lambda _: httpx.MockTransport(answer)).merchants["teashop"]
    await merchant.gateway.order_status("A1", routing_id="r")
    assert ["Basic azE6"] == sent  # of `k1:`


def test_a_damaged_key_stops_the_start(place: Path, pools: Pools) -> None:
    whole = (place / "signing.pem").read_bytes()
    (place / "signing.pem").write_bytes(whole[:900] + b"AAAA" + whole[904:])
    with pytest.raises(KeyInvalid):
        merchants_from(settings(place), pools)


def test_a_merchant_s_own_keys_are_told_with_the_age_of_their_files(place: Path) -> None:
    os.utime(place / "signing.pem", (1_000_000_000, 1_000_000_000))
    keys = (SigningKey(key_id="k-1", file="signing.pem"),)
    jwt = JwtSettings(keys=keys, juspay_keys=(JuspayKey(key_id="j-1", file="signing.public.pem"),))
    chosen = settings(place, jwt=jwt)
    found = [*own_keys(chosen, chosen.merchants["teashop"])]
    assert [("k-1", "active", "signs payloads"), ("k-1", "active", "seals calls")] == [
        (one.key_id, one.state, one.use) for one in found
    ]
    assert {datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)} == {one.written_at for one in found}


def test_in_session_mode_no_signing_key_is_looked_for(place: Path, pools: Pools) -> None:
    (place / "signing.pem").unlink()
    assert {"teashop": []} == merchants_from(settings(place, mode=Mode.SESSION), pools).own_keys


def test_a_merchant_s_formats_of_reports_are_known(place: Path, pools: Pools) -> None:
    form = ReportFormat(amount="amount", order="order_id")
    made = merchants_from(settings(place, settlement_formats={"bank": form}), pools)
    assert {"bank": form} == made.merchants["teashop"].settlement_formats


def test_the_key_that_was_read_at_the_start_signs(place: Path, pools: Pools) -> None:
    made = merchants_from(settings(place), pools)
    (place / "signing.pem").unlink()
    signer = made.merchants["teashop"].signer
    assert signer
    assert isinstance(signer.sign("text"), Signature)


@pytest.mark.parametrize(("base_url", "status"), [("http://127.0.0.1:1", 200), ("https://api.juspay.in", 404)])
async def test_the_description_of_the_api_is_served_beside_a_sandbox_alone(
    place: Path, base_url: str, status: int
) -> None:
    async with (
        bootstrap.opened_runtime(settings(place, base_url=base_url)) as runtime,
        AsyncTestClient(create_app(runtime)) as http,
    ):
        assert status == (await http.get("/docs/openapi.json")).status_code


async def test_beside_one_real_account_the_description_is_served_to_nobody(place: Path) -> None:
    played = settings(place)
    real = msgspec.structs.replace(played.merchants["teashop"], base_url="https://api.juspay.in")
    both = msgspec.structs.replace(played, merchants={**played.merchants, "bookshop": real})
    async with bootstrap.opened_runtime(both) as runtime, AsyncTestClient(create_app(runtime)) as http:
        assert 404 == (await http.get("/docs/openapi.json")).status_code


def test_pages_are_listed_as_browsers_spell_them(place: Path, pools: Pools) -> None:
    origins = ("https://Shop.Example.com:443/", "http://localhost:5173")
    made = merchants_from(settings(place, app_origins=origins), pools)
    assert {"https://shop.example.com", "http://localhost:5173"} == made.credentials["teashop"].app_origins
