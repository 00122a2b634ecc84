"""What is wrong with addresses in the settings is what the client and the API find wrong with them."""

from __future__ import annotations

import msgspec
import pytest

from paystate.adapters.juspay import JuspayConfig
from paystate.entrypoints.service.api.return_urls import is_on_a_host
from paystate.entrypoints.setup.settings import MerchantSettings, Secret, Settings
from paystate.entrypoints.setup.settings_checks import check

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
        ("[::1]:8000", True),
        *((odd, False) for odd in ("", "a/b", "a b")),
    ],
)
def test_a_return_host_is_one_on_which_a_return_url_can_be(host: str, is_one: bool) -> None:
    assert is_one == ([] == found("merchants.teashop.return_hosts", return_hosts=(host,)))
    assert is_one == is_on_a_host(f"https://{host}/done", [host])


def test_more_keys_than_a_rotation_needs_are_too_many() -> None:
    keys = tuple(Secret(env=f"KEY_{number}") for number in range(4))
    assert [[], ["has more than three"]] == [
        found("merchants.teashop.response_keys", response_keys=keys[:count]) for count in (3, 4)
    ]
