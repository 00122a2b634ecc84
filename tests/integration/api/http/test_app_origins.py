"""Pages of other origins: those that a merchant lists may call the app's routes, and never another merchant's."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from attrs import evolve
from integration.api.world import CUSTOMER, World

from paystate.entrypoints.service.api.app_origins import APP_ROUTES, PREFLIGHT_KEPT_S

SHOP, OTHER, NOBODY = "https://shop.example.test", "https://other.example.test", "https://evil.example.test"
CORS = "access-control-"


@pytest.fixture
def listed(shop: World) -> World:
    """`shop` and `other` list a page each."""
    current = shop.runtime.current
    origins = {"shop": SHOP, "other": OTHER}
    credentials = {
        name: evolve(one, app_origins=frozenset({origins[name]})) for name, one in current.credentials.items()
    }
    shop.runtime.current = evolve(current, credentials=credentials)
    return shop


def cors(answer: httpx.Response) -> dict[str, str]:
    """What the answer tells a browser."""
    return {name.removeprefix(CORS): answer.headers[name] for name in answer.headers if name.startswith(CORS)}


def allows(answer: httpx.Response) -> str | None:
    return cors(answer).get("allow-origin")


async def preflight(shop: World, path: str, origin: str, method: str = "POST", **headers: str) -> httpx.Response:
    given = {"origin": origin, "access-control-request-method": method, **headers}
    return await shop.http.request("OPTIONS", path, headers=given)


async def told(shop: World, opened: dict[str, Any], origin: str) -> httpx.Response:
    path, event = f"/v1/checkouts/{opened['checkout_id']}/events", {"event": "show_loader"}
    return await shop.post(path, event, token=opened["token"], origin=origin)


async def opened_by_the_other(shop: World) -> dict[str, Any]:
    return (await shop.post("/v1/checkouts", {"customer": CUSTOMER}, token=shop.other_key)).json()


async def test_by_itself_no_page_is_let_in_and_nothing_is_said_of_pages(shop: World) -> None:
    opened = await shop.checkout()
    answers = [await told(shop, opened, SHOP), await preflight(shop, "/v1/checkouts/chk_1/events", SHOP)]
    assert [(202, {}, None), (401, {}, None)] == [
        (one.status_code, cors(one), one.headers.get("vary")) for one in answers
    ]


@pytest.mark.parametrize(("path", "method"), APP_ROUTES.items())
async def test_a_preflight_of_a_listed_page_is_answered_for_just_that_route(
    listed: World, path: str, method: str
) -> None:
    before = listed.store.uses.copy()
    answer = await preflight(listed, path.replace("{checkout_id}", "chk_1"), SHOP, method)
    assert (204, b"") == (answer.status_code, answer.content)
    assert {
        "allow-origin": SHOP,
        "allow-methods": method,
        "allow-headers": "authorization, content-type",
        "max-age": str(PREFLIGHT_KEPT_S),
        "expose-headers": "retry-after, x-request-id",
    } == cors(answer)
    assert ("origin", before) == (answer.headers["vary"], listed.store.uses)


@pytest.mark.parametrize(
    "path", ["/v1/orders", "/v1/checkouts", "/v1/checkouts/chk_1/token", "/v1/orders/lamp-1/refunds", "/readyz"]
)
async def test_what_takes_an_api_key_is_open_to_no_page(listed: World, path: str) -> None:
    assert {} == cors(await preflight(listed, path, SHOP))


@pytest.mark.parametrize("origin", [NOBODY, "null", "*", "https://shop.example.test:8443", f"{SHOP}.evil.test", ""])
async def test_a_page_that_nobody_lists_is_told_nothing(listed: World, origin: str) -> None:
    opened = await listed.checkout()
    answers = [await preflight(listed, "/v1/checkouts/chk_1/events", origin), await told(listed, opened, origin)]
    assert [(401, {}, "origin"), (202, {}, "origin")] == [
        (one.status_code, cors(one), one.headers["vary"]) for one in answers
    ]


async def test_two_origins_are_as_good_as_none(listed: World) -> None:
    headers = [("origin", SHOP), ("origin", SHOP), ("access-control-request-method", "POST")]
    assert {} == cors(await listed.http.request("OPTIONS", "/v1/checkouts/chk_1/events", headers=headers))


async def test_a_listed_page_reads_the_answer_and_no_credentials_are_allowed(listed: World) -> None:
    answer = await told(listed, await listed.checkout(), SHOP)
    assert (202, "origin") == (answer.status_code, answer.headers["vary"])
    assert {"allow-origin": SHOP, "expose-headers": "retry-after, x-request-id"} == cors(answer)


async def test_one_merchant_s_page_does_not_act_on_another_s_checkout_and_changes_nothing(listed: World) -> None:
    mine, theirs = await listed.checkout(), await opened_by_the_other(listed)
    answers = [await told(listed, mine, OTHER), await told(listed, theirs, SHOP)]
    assert [(403, "origin_not_allowed")] * 2 == [(one.status_code, one.json()["code"]) for one in answers]
    path = f"/v1/checkouts/{mine['checkout_id']}"
    assert "INITIATE_SIGNED" == (await listed.get(path, token=mine["token"])).json()["state"]


async def test_each_merchant_s_page_acts_on_its_own_checkouts(listed: World) -> None:
    assert [SHOP, OTHER] == [
        allows(await told(listed, await listed.checkout(), SHOP)),
        allows(await told(listed, await opened_by_the_other(listed), OTHER)),
    ]


async def test_a_refusal_can_be_read_by_the_page_so_that_it_can_ask_for_another_token(listed: World) -> None:
    wrong = await told(listed, {"checkout_id": "chk_1", "token": "pct_" + "a" * 43}, SHOP)
    assert (401, SHOP) == (wrong.status_code, allows(wrong))


async def test_what_the_page_prefetches_is_its_own_merchant_s(listed: World) -> None:
    path = "/v1/sdk/prefetch-payload?merchant=shop"
    own, others = await listed.get(path, token="", origin=SHOP), await listed.get(path, token="", origin=OTHER)
    assert ((200, SHOP), 403) == ((own.status_code, allows(own)), others.status_code)


async def test_pages_are_taken_over_with_the_settings(listed: World) -> None:
    opened, current = await listed.checkout(), listed.runtime.current
    assert SHOP == allows(await told(listed, opened, SHOP))
    credentials = {name: evolve(one, app_origins=frozenset[str]()) for name, one in current.credentials.items()}
    listed.runtime.current = evolve(current, credentials=credentials)
    assert allows(await told(listed, opened, SHOP)) is None
