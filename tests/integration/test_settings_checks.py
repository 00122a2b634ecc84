"""What is wrong with addresses in the settings is what the client and the API find wrong with them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from paystate.adapters.juspay import JuspayConfig
from paystate.entrypoints.interface.return_addresses import is_on_a_host
from paystate.entrypoints.setup.credentials import Scope
from paystate.entrypoints.setup.settings import BackendKey, MerchantSettings, PolicySettings, Secret, Settings
from paystate.entrypoints.setup.settings_checks import APP_ORIGINS_MAX, check
from paystate.entrypoints.setup.tables import watching
from paystate.entrypoints.setup.tables.watching import MetricsSettings, TracingSettings

ADDRESSES = {
    "https://sandbox.juspay.in": True,
    "https://sandbox.juspay.in/": True,
    "https://Sandbox.Juspay.in:8443": True,
    "http://127.0.0.1:9000": True,
    "http://127.0.0.2:9000": True,
    "http://[::1]:9000": True,
    "http://localhost": True,
    "http://sandbox.juspay.in": False,
    "http://127.0.0.1.evil.test": False,
    "https://sandbox..juspay.in": False,
    "https://sandbox.juspay.in:0": False,
    "https://sandbox.juspay.in?": False,
    "https://sandbox.juspay.in/v4": False,
    "https://juspay@attacker.test": False,
    "https://attacker.test\\": False,
    "https://attack er.test": False,
    "https://gatewäy.test": False,
    "https://": False,
    "": False,
}
each_address = pytest.mark.parametrize(("url", "is_one"), ADDRESSES.items(), ids=ascii)


def settings(**changes: object) -> Settings:
    """Settings of one merchant, right but for secrets that are not there and keys that it has not."""
    merchant = MerchantSettings(client_id="teashop", base_url="https://juspay.test", api_key=Secret(env="KEY"))
    own = {name: value for name, value in changes.items() if name in MerchantSettings.__struct_fields__}
    return msgspec.structs.replace(
        Settings(merchants={"teashop": msgspec.structs.replace(merchant, **own)}, public_url="https://pay.test"),
        **{name: value for name, value in changes.items() if name not in own},
    )


def found(setting: str, **changes: object) -> list[str]:
    """What is found wrong with one setting."""
    return [problem.message for problem in check(settings(**changes), {}) if problem.setting == setting]


@each_address
def test_settings_and_client_take_the_same_address_of_juspay(url: str, is_one: bool) -> None:
    assert ([] if is_one else ["is not an https origin"]) == found("merchants.teashop.base_url", base_url=url)
    assert is_one == is_taken_by_the_client(url)


def is_taken_by_the_client(url: str) -> bool:
    try:
        JuspayConfig(base_url=url, merchant_id="teashop", client_id="teashop", api_key="k")
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("url", "is_one"), [("https://shop.test/pay", True), ("https://shop.test?x", False), ("https://shop.test#x", False)]
)
def test_the_service_may_be_reached_below_a_path(url: str, is_one: bool) -> None:
    assert ([] if is_one else ["is not a plain https address"]) == found("public_url", public_url=url)


@pytest.mark.parametrize(
    ("host", "is_one"),
    [
        ("shop.test", True),
        ("shop.test:8443", True),
        ("shop.test:443", True),
        ("[::1]:8000", True),
        *((odd, False) for odd in ("", "a/b", "a b")),
    ],
)
def test_a_return_host_is_one_on_which_a_return_url_can_be(host: str, is_one: bool) -> None:
    assert is_one == ([] == found("merchants.teashop.return_hosts", return_hosts=(host,)))
    assert is_one == is_on_a_host(f"https://{host}/done", [host])


@pytest.mark.parametrize(
    ("host", "url", "is_there"),
    [
        ("shop.test:443", "https://shop.test/done", True),
        ("shop.test", "https://shop.test:443/done", True),
        ("SHOP.test:443", "https://Shop.Test:443/done", True),
        ("localhost:80", "http://localhost/done", True),
        ("localhost", "http://localhost:80/done", True),
        ("localhost:443", "http://localhost/done", False),
        ("localhost:80", "https://localhost/done", False),
        ("shop.test:8443", "https://shop.test/done", False),
        ("shop.test:443", "https://shop.test:8443/done", False),
        ("shop.test:80", "http://shop.test/done", False),
        ("shop.test", "http://localhost/done", False),
    ],
)
def test_a_usual_port_is_the_same_host_and_another_port_another(host: str, url: str, is_there: bool) -> None:
    assert is_there == is_on_a_host(url, [host])


def test_more_keys_than_a_rotation_needs_are_too_many() -> None:
    keys = tuple(Secret(env=f"KEY_{number}") for number in range(4))
    assert [[], ["has more than three"]] == [
        found("merchants.teashop.response_keys", response_keys=keys[:count]) for count in (3, 4)
    ]


TEST_HOSTS = (
    "https://sandbox.juspay.in",
    "https://sandbox.juspay.io",
    "https://smartgatewayuat.hdfcbank.com",
    "https://smartgateway.hdfcuat.bank.in",
    "http://127.0.0.1:9000",
)
PRODUCTION_HOSTS = (
    "https://api.juspay.in",
    "https://api.juspay.io",
    "https://API.juspay.in",
    "https://payments.juspay.in",
    "https://api-ns1.juspay.in",
    "https://smartgateway.hdfcbank.com",
    "https://smartgateway.hdfc.bank.in",
)


@pytest.mark.parametrize("environment", ["sandbox", "production"])
@pytest.mark.parametrize("url", [*TEST_HOSTS, *PRODUCTION_HOSTS])
def test_environment_and_address_have_to_agree(url: str, environment: str) -> None:
    told = found("merchants.teashop.environment", base_url=url, environment=environment)
    agrees = (environment == "production") == (url in PRODUCTION_HOSTS)
    other = (
        "is sandbox, yet base_url is production"
        if url in PRODUCTION_HOSTS
        else "is production, yet base_url is a sandbox"
    )
    assert ([] if agrees else [other]) == told


@pytest.mark.parametrize("environment", ["sandbox", "production"])
def test_an_address_that_we_do_not_know_agrees_with_both(environment: str) -> None:
    assert [] == found("merchants.teashop.environment", base_url="https://pay.bank.test", environment=environment)


RANGES = {
    "checkout_ttl_s": (1, 366 * 86_400),
    "fulfilment_window_s": (1, 366 * 86_400),
    "looks_end_s": (7 * 86_400, 366 * 86_400),
    "hold_window_s": (60, 366 * 86_400),
    "hold_warning_s": (0, 366 * 86_400),
    "looks_per_minute": (10, 60),
    "looks_per_hour": (10, 3600),
    "refund_tries_max": (1, 50),
    "discount_max_percent": (0, 100),
    "disputes_max": (10, 1000),
    "webhooks_max": (10, 999),
    "quarantine_bytes_max": (1024**2, 1024**4),
    "quarantine_webhooks_max": (100, 1_000_000),
    "quarantine_kept_s": (86_400, 3660 * 86_400),
    "webhook_bodies_kept_s": (86_400, 3660 * 86_400),
    "calls_per_second": (1, 1000),
    "calls_burst": (1, 5000),
    "order_id_max": (1, 31),
    "announcements_kept_s": (7 * 86_400, 3660 * 86_400),
    "refund_slow_s": (3600, 60 * 86_400),
    "twice_paid_window_s": (0, 86_400),
}
"""Least and most of what a merchant may choose, as the guide to policies gives them."""
NOT_NUMBERS = {"checkout_mode", "refund_when_cancelled"}


@pytest.mark.parametrize(("name", "least", "most"), [(name, *ends) for name, ends in RANGES.items()])
def test_what_a_merchant_chooses_has_a_range(name: str, least: int, most: int) -> None:
    told = {
        value: found(
            f"merchants.teashop.policy.{name}", policy=msgspec.structs.replace(PolicySettings(), **{name: value})
        )
        for value in (least - 1, least, most, most + 1)
    }
    assert {least - 1: ["is out of range"], least: [], most: [], most + 1: ["is out of range"]} == told


def test_every_number_that_a_merchant_chooses_has_a_range() -> None:
    assert set(PolicySettings.__struct_fields__) - NOT_NUMBERS == set(RANGES)


@pytest.mark.parametrize("value", ["", "CANARY\nCANARY", "CANARY\u20b9", "CANARY\u200b", "\x00CANARY"], ids=ascii)
def test_no_problem_repeats_a_secret(value: str) -> None:
    header = {"X-Shop": Secret(env="KEY")}
    problems = list(check(settings(webhook_headers=header, response_keys=(Secret(env="KEY"),)), {"KEY": value}))
    about = [one for one in problems if "api_key" in one.setting or "X-Shop" in one.setting]
    assert 2 == len(about)
    assert "CANARY" not in str(problems)


@pytest.mark.parametrize("secret", [Secret(env="CANARY"), Secret(file="CANARY"), Secret(env="CANARY", file="CANARY")])
def test_a_secret_in_the_place_of_its_place_is_not_repeated(secret: Secret) -> None:
    problems = list(check(settings(api_key=secret), {}))
    assert ["merchants.teashop.api_key"] == [one.setting for one in problems if "api_key" in one.setting]
    assert "CANARY" not in str(problems)


def backend_key(**changes: Any) -> BackendKey:
    return msgspec.structs.replace(BackendKey(id="abcd2345", digest="0" * 64, scopes=(Scope.READ,)), **changes)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (("abcd2345",), "has an entry that is not a key's id and digest"),
        ((backend_key(id="abc"),), "has an entry that is not a key's id and digest"),
        ((backend_key(digest="0" * 63),), "has an entry that is not a key's id and digest"),
        ((backend_key(), backend_key(digest="1" * 64)), "has abcd2345 twice"),
        ((backend_key(), f"abcd2345:{'1' * 64}"), "has abcd2345 twice"),
        ((backend_key(scopes=()),), "has a key without scopes"),
    ],
)
def test_a_backend_s_keys_are_whole_and_each_its_own(keys: tuple[str | BackendKey, ...], message: str) -> None:
    assert [message] == found("merchants.teashop.backend_keys", backend_keys=keys)


def test_a_backend_s_keys_stand_in_full_or_in_the_short_form() -> None:
    assert [] == found("merchants.teashop.backend_keys", backend_keys=(backend_key(), f"wxyz6789:{'1' * 64}"))


def test_who_embeds_paystate_needs_no_key_for_the_api() -> None:
    assert [] == found("merchants.teashop.backend_keys", backend_keys=())


def test_two_merchants_cannot_have_one_key() -> None:
    one = settings(backend_keys=(backend_key(),))
    both = msgspec.structs.replace(one, merchants={**one.merchants, "bookshop": one.merchants["teashop"]})
    assert "share one of the backend_keys" in [
        problem.message for problem in check(both, {}) if problem.setting == "merchants"
    ]


@pytest.mark.parametrize(
    ("origin", "is_one"),
    [
        ("https://shop.example.com", True),
        ("https://shop.example.com:8443/", True),
        ("http://localhost:5173", True),
        ("http://shop.example.com", False),
        ("https://shop.example.com/pay", False),
        ("shop.example.com", False),
        ("https://*.example.com", False),
        ("*", False),
        ("null", False),
        ("", False),
    ],
)
def test_a_page_is_listed_by_its_origin(origin: str, is_one: bool) -> None:
    assert is_one == ([] == found("merchants.teashop.app_origins", app_origins=(origin,)))


def test_no_more_pages_are_listed_than_a_bound() -> None:
    pages = tuple(f"https://shop{n}.example.com" for n in range(APP_ORIGINS_MAX + 1))
    assert ([], 1) == (
        found("merchants.teashop.app_origins", app_origins=pages[1:]),
        len(found("merchants.teashop.app_origins", app_origins=pages)),
    )


@pytest.mark.parametrize("name", ["UTC", "Asia/Kolkata", "Europe/Berlin"])
def test_a_time_zone_goes_by_its_name(name: str) -> None:
    assert [] == found("merchants.teashop.time_zone", time_zone=name)


@pytest.mark.parametrize("name", ["", "IST+5:30", "Asia/Nowhere", "../etc/passwd", "/etc/localtime", "Asia"])
def test_what_is_no_time_zone_is_told(name: str) -> None:
    assert ["is no time zone that this machine knows"] == found("merchants.teashop.time_zone", time_zone=name)


@pytest.mark.parametrize(
    ("setting", "metrics"),
    [
        ("metrics.host", MetricsSettings(host="http://here")),
        ("metrics.port", MetricsSettings(port=8000)),
        ("metrics.worker_port", MetricsSettings(worker_port=8000)),
        ("metrics.worker_port", MetricsSettings(port=9000, worker_port=9000)),
    ],
)
def test_metrics_have_a_place_of_their_own(setting: str, metrics: MetricsSettings) -> None:
    assert 1 == len(found(setting, metrics=metrics))
    assert [] == found(setting, metrics=MetricsSettings(worker_port=9465))


@pytest.mark.parametrize(
    ("endpoint", "is_one"),
    [
        ("http://127.0.0.1:4318/v1/traces", True),
        ("https://collector.example.com/v1/traces", True),
        ("http://collector.example.com/v1/traces", False),
        ("collector:4318", False),
    ],
)
def test_traces_leave_this_machine_over_tls_alone(endpoint: str, is_one: bool) -> None:
    assert ([] if is_one else ["is not an https address"]) == found(
        "tracing.endpoint", tracing=TracingSettings(endpoint=endpoint)
    )


def test_traces_need_what_exports_them(monkeypatch: pytest.MonkeyPatch) -> None:
    tracing = TracingSettings(endpoint="http://127.0.0.1:4318/v1/traces")
    assert [] == found("tracing", tracing=tracing)
    monkeypatch.setattr(watching, "find_spec", lambda _: None)
    assert ["needs what exports traces, which is not installed"] == found("tracing", tracing=tracing)
