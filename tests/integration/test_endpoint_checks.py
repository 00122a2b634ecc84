"""What is wrong with a merchant's endpoints and streams is found at once, and never by printing a secret."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from integration.delivery.nats_accounts import Accounts

from paystate.entrypoints.setup.endpoint_checks import (
    ENDPOINTS_MAX,
    check_stream_files,
    check_subscribers,
    is_webhook_secret,
)
from paystate.entrypoints.setup.settings import (
    BrokerLogin,
    EndpointSettings,
    MerchantSettings,
    Secret,
    Settings,
    StreamSettings,
)
from paystate.entrypoints.setup.settings_checks import check

SECRET = "whsec_" + "c2VjcmV0" * 5
GOOD = EndpointSettings(name="shop", url="https://shop.test/told", secrets=(Secret(env="TOLD"),))


def found(**changes: object) -> list[str]:
    problems = check_subscribers([msgspec.structs.replace(GOOD, **changes)])
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


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "10.0.0.1", "192.168.1.2", "169.254.169.254", "[::1]", "[fd00::1]"]
)
def test_an_address_that_nothing_is_sent_to_is_named(host: str) -> None:
    private = "is an address of this machine or of a private network"
    assert [f"endpoints[0].url {private}"] == found(url=f"https://{host}/told")
    assert [] == found(url=f"https://{host}/told", allow_private=True)
    assert [] == found(url="https://8.8.8.8/told")


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
    twice = [problem.message for problem in check_subscribers([GOOD, GOOD])]
    assert ["has the name shop twice"] == twice
    many = [msgspec.structs.replace(GOOD, name=f"s{n}") for n in range(ENDPOINTS_MAX + 1)]
    assert [f"are more than {ENDPOINTS_MAX}"] == [problem.message for problem in check_subscribers(many)]


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


# --- streams

STREAM = StreamSettings(name="broker", servers=("tls://nats.test:4222",), stream="PAYSTATE")


def wrong(**changes: object) -> list[str]:
    problems = check_subscribers([], [msgspec.structs.replace(STREAM, **changes)])
    return [f"{one.setting} {one.message}".removeprefix("streams[0].") for one in problems]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"servers": ("nats://nats:4222", "tls://[::1]:4222"), "allow_private": True},
        {"subject": "{merchant}.told.{kind}"},
        {"subject": "all-of-it"},
        {"login": BrokerLogin(user="shop", password=Secret(env="P"))},
    ],
)
def test_a_good_stream_has_nothing_wrong(changes: dict[str, object]) -> None:
    assert [] == wrong(**changes)


NO_SERVERS = (
    *("nats://a:4222", "https://a:4222", "a:4222", "tls://", "tls://a/b", "tls://a?b", "tls://a:0"),
    *("tls://user:hunter2@a:4222", "tls://a b"),
)
NO_SUBJECTS = ("", "a..b", "a.*", "a.>", "a b", "a.{order}", "$JS.API", "a." * 16 + "a")
BOTH = {"credentials": "a.creds", "login": BrokerLogin(user="u", password=Secret(env="P"))}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": "The broker"}, "name is not a name"),
        ({"servers": ()}, "servers must be 1 to 5"),
        ({"servers": ("tls://a",) * 6}, "servers must be 1 to 5"),
        *(({"servers": (url,)}, "servers[0] is not an address of a NATS server with TLS") for url in NO_SERVERS),
        ({"stream": "my.stream"}, "stream is not a stream's name"),
        *(({"subject": subject}, "subject is not a subject to publish to") for subject in NO_SUBJECTS),
        ({"events": ("order.payed",)}, "events names what is never announced"),
        (BOTH, "login is set beside `credentials`"),
    ],
)
def test_what_is_wrong_with_a_stream_is_told_without_its_value(changes: dict[str, object], told: str) -> None:
    assert [told] == wrong(**changes)


def test_an_endpoint_and_a_stream_have_names_of_their_own() -> None:
    problems = check_subscribers([GOOD], [msgspec.structs.replace(STREAM, name="shop")])
    assert ["has the name shop twice"] == [problem.message for problem in problems]


def test_files_of_a_stream_are_looked_into_and_not_repeated(tmp_path: Path) -> None:
    for name, mode in (("open.creds", 0o644), ("bad.creds", 0o600), ("bad.pem", 0o644)):
        (tmp_path / name).write_text("hunter2")
        (tmp_path / name).chmod(mode)
    streams = [
        msgspec.structs.replace(STREAM, credentials=name, ca_file="bad.pem")
        for name in ("open.creds", "bad.creds", "none.creds")
    ]
    problems = list(check_stream_files(Settings(merchants={}, public_url="", folder=str(tmp_path)), streams))
    assert 6 == len(problems)
    assert ["is not a file of NATS credentials"] == [
        one.message for one in problems if one.setting == "streams[1].credentials"
    ]
    assert "hunter2" not in str(problems)


def test_a_file_of_credentials_that_is_in_order_has_nothing_wrong(tmp_path: Path) -> None:
    (tmp_path / "user.creds").write_text(Accounts().credentials())
    (tmp_path / "user.creds").chmod(0o600)
    stream = msgspec.structs.replace(STREAM, credentials="user.creds")
    assert [] == list(check_stream_files(Settings(merchants={}, public_url="", folder=str(tmp_path)), [stream]))
