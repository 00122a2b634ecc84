"""Who asks too often is told for how long to wait, and nobody else is."""

from __future__ import annotations

import pytest
from integration.api.world import ORDER, World, returning
from litestar.types import HTTPScope

from paystate.entrypoints.service.api.rate_limits import address_of
from paystate.entrypoints.setup.rates import FAILED_COST, WINDOW_S, Limits, Rates

KEY_REQUESTS = 2 * WINDOW_S
ADDRESS_REQUESTS = 3 * WINDOW_S


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(shop: World) -> Clock:
    """Few requests are allowed, and time stands still."""
    told = Clock()
    shop.runtime.limits = Limits.at(Rates(per_key=2, per_address=3), told)
    return told


async def empty_key(shop: World) -> None:
    for _ in range(KEY_REQUESTS):
        assert 200 == (await shop.get("/v1/orders")).status_code


async def empty_address(shop: World) -> None:
    for _ in range(ADDRESS_REQUESTS):
        assert 200 == (await shop.get("/docs/errors", token="")).status_code


@pytest.mark.usefixtures("clock")
async def test_a_key_that_asks_too_often_is_told_to_wait(shop: World) -> None:
    await empty_key(shop)
    answer = await shop.get("/v1/orders")
    assert (429, "rate_limited", "1") == (answer.status_code, answer.json()["code"], answer.headers["retry-after"])


async def test_what_is_asked_again_after_that_time_is_taken(shop: World, clock: Clock) -> None:
    await empty_key(shop)
    refused = await shop.post("/v1/orders", ORDER)
    assert 429 == refused.status_code
    clock.now += int(refused.headers["retry-after"])
    assert 201 == (await shop.post("/v1/orders", ORDER)).status_code


@pytest.mark.usefixtures("clock")
async def test_what_is_refused_was_not_done(shop: World) -> None:
    await empty_key(shop)
    before = dict(shop.store.uses)
    assert 429 == (await shop.post("/v1/orders", ORDER)).status_code
    assert before == dict(shop.store.uses)


@pytest.mark.usefixtures("clock")
async def test_another_key_is_not_concerned(shop: World) -> None:
    await empty_key(shop)
    assert 200 == (await shop.get("/v1/orders", token=shop.other_key)).status_code


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("path", ["/docs/errors", "/v1/sdk/prefetch-payload?merchant=shop", "/return/shop"])
async def test_an_address_that_asks_too_often_is_told_to_wait(shop: World, path: str) -> None:
    await empty_address(shop)
    answer = await shop.get(path, token="")
    assert (429, "1") == (answer.status_code, answer.headers["retry-after"])


@pytest.mark.usefixtures("clock")
async def test_an_api_key_does_not_suffer_from_its_address(shop: World) -> None:
    await empty_address(shop)
    assert 200 == (await shop.get("/v1/orders")).status_code


@pytest.mark.usefixtures("clock")
async def test_webhooks_and_health_are_never_counted(shop: World) -> None:
    await empty_address(shop)
    for _ in range(2 * ADDRESS_REQUESTS):
        assert 200 == (await shop.hook(b"{}")).status_code
    for path in ("/healthz", "/readyz"):
        assert 200 == (await shop.get(path, token="")).status_code


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("path", ["/v1/orders", "/v1/checkouts/c-1"])
async def test_a_wrong_credential_costs_as_much_as_many_requests(shop: World, path: str) -> None:
    codes = [(await shop.get(path, token="pct_wrong")).status_code for _ in range(ADDRESS_REQUESTS)]
    assert codes.count(429) >= ADDRESS_REQUESTS - 1 - ADDRESS_REQUESTS // FAILED_COST


@pytest.mark.usefixtures("clock")
async def test_who_guesses_the_webhook_login_is_told_to_wait(shop: World) -> None:
    codes = [(await shop.hook(b"{}", authorization="Basic eDp5")).status_code for _ in range(ADDRESS_REQUESTS)]
    assert 401 == codes[0]
    assert 429 == codes[-1]
    assert 200 == (await shop.hook(b"{}")).status_code


@pytest.mark.usefixtures("clock")
async def test_a_shopper_who_comes_back_too_often_sees_a_page(shop: World) -> None:
    await shop.opened()
    await empty_address(shop)
    answer = await shop.get(f"/return/shop?{returning(order_id='lamp-1', status='CHARGED')}", token="")
    assert (429, "text/html; charset=utf-8") == (answer.status_code, answer.headers["content-type"])


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        pytest.param(0, "192.0.2.1", "192.0.2.9", id="no proxy is trusted"),
        pytest.param(1, "192.0.2.1", "192.0.2.1", id="whom the proxy saw"),
        pytest.param(1, "127.0.0.1, 192.0.2.1", "192.0.2.1", id="what a client wrote itself"),
        pytest.param(2, "127.0.0.1, 192.0.2.1, 192.0.2.2", "192.0.2.1", id="two proxies"),
        pytest.param(2, "192.0.2.1", "192.0.2.9", id="it did not come through both"),
        pytest.param(1, "", "192.0.2.9", id="it did not come through any"),
    ],
)
def test_an_address_is_what_trusted_proxies_say_and_no_more(proxies: int, forwarded: str, expected: str) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    scope: HTTPScope = {"client": ("192.0.2.9", 1), "headers": headers, "state": {}, "_headers": None}  # type: ignore[typeddict-item,typeddict-unknown-key]
    assert expected == address_of(scope, proxies)
