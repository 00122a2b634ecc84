"""What the `[console]` table may say, and what keeps the console's passwords."""

import pytest

from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.tables.console import ConsoleProxy, ConsoleSettings, check_console

SERVICE = "https://pay.example.test/base"


def wrong(**chosen: object) -> list[str]:
    settings = ConsoleSettings(**{"public_url": "https://console.example.test", **chosen})  # type: ignore[arg-type]
    return [problem.setting for problem in check_console(settings, SERVICE)]


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"public_url": "http://127.0.0.1:8010"},
        {"second_person_above": {"INR": "10000", "JPY": "5000"}},
        {"second_person_above": {"INR": "0"}},
        {"proxy": ConsoleProxy(header="X-Forwarded-User", addresses=("127.0.0.1", "::1"))},
    ],
)
def test_this_is_taken(chosen: dict[str, object]) -> None:
    assert [] == wrong(**chosen)


@pytest.mark.parametrize(
    ("setting", "chosen"),
    [
        ("console.public_url", {"public_url": "http://console.example.test"}),
        ("console.public_url", {"public_url": "https://console.example.test/path"}),
        ("console.public_url", {"public_url": "https://pay.example.test"}),
        ("console.host", {"host": "not a host"}),
        ("console.second_person_above", {"second_person_above": {"INR": "a lot"}}),
        ("console.second_person_above", {"second_person_above": {"XYZ": "1"}}),
        ("console.second_person_above", {"second_person_above": {"XYZ": "0"}}),
        ("console.proxy.header", {"proxy": ConsoleProxy(header="Cookie", addresses=("127.0.0.1",))}),
        ("console.proxy.header", {"proxy": ConsoleProxy(header="a b", addresses=("127.0.0.1",))}),
        ("console.proxy.addresses", {"proxy": ConsoleProxy(header="X-User", addresses=())}),
        ("console.proxy.addresses", {"proxy": ConsoleProxy(header="X-User", addresses=("proxy",))}),
    ],
)
def test_this_is_a_problem(setting: str, chosen: dict[str, object]) -> None:
    assert [setting] == wrong(**chosen)


@pytest.mark.parametrize(
    ("named", "connected", "is_the_proxy"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "::ffff:127.0.0.1", True),
        ("0:0:0:0:0:0:0:1", "::1", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("127.0.0.1", "", False),
    ],
)
def test_the_proxy_is_known_by_its_address_however_that_is_written(
    named: str, connected: str, is_the_proxy: bool
) -> None:
    assert is_the_proxy is ConsoleProxy(header="X-User", addresses=(named,)).connects_from(connected)


async def test_a_password_is_kept_as_argon2id_and_fits_itself_alone() -> None:
    hasher = bootstrap.password_hasher()
    kept = await hasher.hashed("correct horse battery")
    assert kept.startswith("$argon2id$")
    assert "horse" not in kept
    assert await hasher.fits("correct horse battery", kept)
    assert not await hasher.fits("correct horse batterz", kept)


@pytest.mark.parametrize("kept", ["", "no hash"])
async def test_nothing_fits_where_there_is_no_hash(kept: str) -> None:
    hasher = bootstrap.password_hasher()
    assert not await hasher.fits("", kept)
    assert not await hasher.fits("nobody's", kept)
