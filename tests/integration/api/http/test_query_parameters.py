"""A query parameter that a route does not know is refused, on every route but those that Juspay calls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from integration.api.world import World, returning, world
from litestar.routes import HTTPRoute

FOR_OTHERS = ("/return/", "/webhooks/")
VALUES = {
    "merchant_id": "shop",
    "order_id": "lamp-1",
    "checkout_id": "chk_1",
    "refund_id": "r1",
    "path": "x",
    "date": "2031-05-06",
    "event_id": "ann_1",
    "case_id": "case_1",
}


def routes(shop: World) -> Iterator[tuple[str, str]]:
    """Every method and path of the service, with a value in place of each parameter of the path."""
    for route in shop.http.app.routes:
        if isinstance(route, HTTPRoute):
            parts = [part if isinstance(part, str) else VALUES[part.name] for part in route.path_components]
            yield from ((method, "/" + "/".join(parts)) for method in sorted(route.methods - {"OPTIONS"}))


async def test_no_route_takes_a_parameter_that_it_does_not_know() -> None:
    async with world(docs=True) as shop:
        ours = [(method, path) for method, path in routes(shop) if not path.startswith(FOR_OTHERS)]
        for method, path in ours:
            answer = await shop.call(method, f"{path}?nobody_knows=1")
            assert (422, "unknown_parameter") == (answer.status_code, answer.json()["code"]), f"{method} {path}"
    assert ("GET", "/v1/orders") in ours
    assert ("GET", "/healthz") in ours


async def test_the_problem_names_the_parameter_and_those_that_the_route_takes(shop: World) -> None:
    body = (await shop.get("/v1/orders/lamp-1/timeline?a~b/c=1")).json()
    assert [{"pointer": "/a~0b~1c", "code": "unknown_parameter"}] == body["errors"]
    assert "The value is not known to this route, which takes limit, after." == body["detail"]


async def test_a_route_without_parameters_says_so(shop: World) -> None:
    body = (await shop.get("/healthz?verbose=1")).json()
    assert "The value is not known to this route, which takes none." == body["detail"]


@pytest.mark.parametrize("query", ["verbose", "verbose=", "%76erbose=1", "="])
async def test_however_it_is_written(shop: World, query: str) -> None:
    assert "unknown_parameter" == (await shop.get(f"/healthz?{query}")).json()["code"]


async def test_a_return_is_judged_with_whatever_juspay_adds(shop: World) -> None:
    await shop.opened()
    query = returning(order_id="lamp-1", status="CHARGED", new_to_us="1")
    assert 200 == (await shop.get(f"/return/shop?{query}")).status_code


async def test_a_webhook_is_taken_with_whatever_its_address_holds(shop: World) -> None:
    assert 200 == (await shop.hook(b"{}", merchant="shop?from=juspay")).status_code
