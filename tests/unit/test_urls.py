"""Which addresses something may be sent to, and which of them are one origin."""

import pytest

from paystate.core.urls import (
    checked_origin,
    checked_receiver,
    is_address,
    is_host,
    is_local,
    is_loopback,
    is_public,
    origin_of,
)

ORIGIN = "https://gateway.example.test"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Gateway.Example.test/", ORIGIN),
        ("https://gateway.example.test:443", ORIGIN),
        ("https://gateway.example.test:8443", f"{ORIGIN}:8443"),
        ("https://gateway.example.test:80", f"{ORIGIN}:80"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("http://[::1]:9000", "http://[::1]:9000"),
        ("http://localhost:80", "http://localhost"),
    ],
)
def test_an_origin_is_written_in_one_way(url: str, origin: str) -> None:
    assert (origin, origin) == (checked_origin(url), origin_of(url))


REFUSED = [
    *["", "gateway.example.test", "http://gateway.example.test", "ftp://gateway.example.test", "https://"],
    *["https://user@gateway.example.test", "https://:x@gateway.example.test", "https://@gateway.example.test"],
    *["https://gateway.example.test:99999", "https://gateway.example.test:0", "https://gateway.example.test:x"],
    *["https://gateway.example.test\\@evil.test", "https://gate way.test", "https://gatewäy.test", "https://a..b"],
    *["http://127.0.0.1.evil.test", "http://localhost.evil.test", "http://0.0.0.0", "http://10.0.0.1"],
    *[
        "https://gateway.example.test\n",
        "https://gate$way.test",
        "https://[::1",
        "https://[fe80::1%25eth0]",
        "https://evil.test[::1]:8000/x",
        "https://[::1].evil.test",
        "https://[::1]]",
        "http://evil.test[::1]/",
        "//a.test",
    ],
    *[
        "https://.test",
        "https://test.",
        f"https://{'a' * 64}.test",
        "javascript:alert(1)",
        "https:gateway.example.test",
    ],
]


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_not_a_safe_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each fault has its own text
        origin_of(url)
    assert not is_local(url)


@pytest.mark.parametrize("rest", ["/v2", "?x", "#x", "?", "#", "/?"])
def test_an_origin_ends_with_the_host(rest: str) -> None:
    assert ORIGIN == origin_of(ORIGIN + rest)
    with pytest.raises(ValueError, match="no path, query or fragment"):
        checked_origin(ORIGIN + rest)


@pytest.mark.parametrize(
    ("host", "is_one"),
    [("127.0.0.1", True), ("8.8.8.8", True), ("fd00::1", True), ("localhost", False), ("a.8", False)],
)
def test_an_address_is_no_name(host: str, is_one: bool) -> None:
    assert is_one == is_address(host)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)
    assert is_local(f"http://{f'[{host}]' if ':' in host else host}:9000/pay")


@pytest.mark.parametrize("host", ["", "localhost.evil.test", "127.0.0.1.evil.test", "128.0.0.1", "::2", "gateway"])
def test_elsewhere(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("text", ["gateway", "a_b.example", "127.0.0.1", "::1", "::ffff:1.2.3.4", "0.0.0.0"])  # noqa: S104 - not listened at
def test_a_host_is_a_name_or_an_address(text: str) -> None:
    assert is_host(text)


@pytest.mark.parametrize("text", ["", "a b", "a/b", "[::1]", "a..b", "a:b:c", "fe80::1%eth0"])
def test_what_is_not_a_host(text: str) -> None:
    assert not is_host(text)


@pytest.mark.parametrize(
    "address",
    [
        *["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"],
    ],
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *[
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",  # noqa: S104
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "255.255.255.255",
        ],
        *["169.254.169.254", "100.100.100.200", "192.0.0.192", "224.0.0.1", "198.18.0.1", "203.0.113.7"],
        *["::1", "::", "fe80::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1"],
        *["::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"],
        *["2002:7f00:1::", "2002:5db8:d822::", "2001:0:4136:e378:8000:63bf:3fff:fdd2"],
        *["64:ff9b:1::1", "64:ff9b:1:ffff::5db8:d822", "::10.0.0.1", "::93.184.216.34", "168.63.129.16"],
        *["::ffff:0:169.254.169.254", "::ffff:0:93.184.216.34", "::ffff:168.63.129.16", "64:ff9b::a83f:8110"],
        *["", "localhost", "fe80::1%eth0", "93.184.216.34:80"],
    ],
)
def test_a_private_or_special_address_is_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("url", ["https://shop.test/hooks?x=1", "http://127.0.0.1:7000/", "https://10.0.0.7"])
def test_a_receiver_has_an_https_address_or_is_on_this_machine(url: str) -> None:
    assert checked_receiver(url, allow_http=False)


def test_a_receiver_in_a_private_network_may_do_without_tls() -> None:
    assert "shop" == checked_receiver("http://shop:7000/hooks", allow_http=True).hostname
    with pytest.raises(ValueError, match="https"):
        checked_receiver("http://shop:7000/hooks", allow_http=False)


@pytest.mark.parametrize("url", ["https://shop.test/#x", "https://me@shop.test", "httpx://shop.test", "file:///etc"])
def test_what_is_no_receiver_s_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each fault has its own text
        checked_receiver(url, allow_http=True)
