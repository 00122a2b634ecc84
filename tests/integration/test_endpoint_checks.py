"""What is wrong with a merchant's endpoints is found before anything starts, and never by printing a secret."""

from __future__ import annotations

import msgspec
import pytest

from paystate.entrypoints.setup.endpoint_checks import ENDPOINTS_MAX, check_endpoints, is_webhook_secret
from paystate.entrypoints.setup.settings import EndpointSettings, MerchantSettings, Secret, Settings
from paystate.entrypoints.setup.settings_checks import check

SECRET = "whsec_" + "c2VjcmV0" * 5
GOOD = EndpointSettings(name="shop", url="https://shop.test/told", secrets=(Secret(env="TOLD"),))


def found(**changes: object) -> list[str]:
    problems = check_endpoints([msgspec.structs.replace(GOOD, **changes)])
    return [f"{one.setting} {one.message}" for one in problems]


def test_a_good_endpoint_has_nothing_wrong() -> None:
    assert [] == found()


@pytest.mark.parametrize("name", ["", "Shop", "a shop", "a" * 33, "a/b", "ä"])
def test_a_name_is_short_and_plain(name: str) -> None:
    assert ["endpoints[0].name is not a name"] == found(name=name)


@pytest.mark.parametrize(
    "url", ["", "shop.test", "http://shop.test", "https://me@shop.test", "https://shop.test/#x", "ftp://shop.test"]
)
def test_an_address_is_https(url: str) -> None:
    assert ["endpoints[0].url is not an https address"] == found(url=url)


def test_a_private_network_may_do_without_tls() -> None:
    assert [] == found(url="http://shop:7000/told", allow_private=True)


@pytest.mark.parametrize(
    ("events", "message"),
    [((), "is empty"), (("order.paid", "order.sold"), "names what is never announced")],
)
def test_events_are_kinds_that_there_are(events: tuple[str, ...], message: str) -> None:
    assert [f"endpoints[0].events {message}"] == found(events=events)


@pytest.mark.parametrize("count", [0, 3])
def test_an_endpoint_has_one_secret_or_two(count: int) -> None:
    wrong = ["endpoints[0].secrets must be one, or two while a receiver changes over"]
    assert wrong == found(secrets=(Secret(env="TOLD"),) * count)


def test_names_are_their_own_and_not_too_many() -> None:
    twice = [problem.message for problem in check_endpoints([GOOD, GOOD])]
    assert ["has the name shop twice"] == twice
    many = [msgspec.structs.replace(GOOD, name=f"s{n}") for n in range(ENDPOINTS_MAX + 1)]
    assert [f"are more than {ENDPOINTS_MAX}"] == [problem.message for problem in check_endpoints(many)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "whsec_",
        "c2VjcmV0" * 5,
        "whsec_c2VjcmV0",
        "whsec_" + "c2VjcmV0" * 12,
        "whsec_***" + "c2Vj" * 8,
        "whsec_" + "c" * 33,
    ],
)
def test_what_is_no_secret_for_signing_is_known(text: str) -> None:
    assert not is_webhook_secret(text)


def test_a_secret_for_signing_is_known() -> None:
    assert is_webhook_secret(SECRET)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (SECRET, None),
        ("hunter2-hunter2", "is no secret for signing"),
        (None, "names an environment variable that is not set"),
    ],
)
def test_a_secret_is_looked_for_where_it_stands_and_is_not_printed(value: str | None, message: str | None) -> None:
    merchant = MerchantSettings(
        client_id="t", base_url="https://juspay.test", api_key=Secret(env="KEY"), endpoints=(GOOD,)
    )
    settings = Settings(merchants={"teashop": merchant}, public_url="https://pay.test")
    problems = [
        problem
        for problem in check(settings, {} if value is None else {"TOLD": value})
        if problem.setting == "merchants.teashop.endpoints[0].secrets[0]"
    ]
    assert ([message] if message else []) == [problem.message for problem in problems]
    assert all(not value or value not in f"{problem.message}{problem.fix}" for problem in problems)
