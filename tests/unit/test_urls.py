"""Which addresses something may be sent to, and which of them are one origin."""

import pytest

from paystate.core.urls import checked_origin, is_host, is_local, is_loopback, origin_of

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
