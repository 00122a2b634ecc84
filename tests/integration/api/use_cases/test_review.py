"""Review reasons: seen and settled by people."""

import pytest
from attrs import evolve
from integration.api.world import World

from paystate.core.errors import GatewayUnreachable
from paystate.core.ids import OrderKey
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.reason import Verdict
from paystate.core.requester import Requester
from paystate.core.use_cases.settle import settle

WORD = {"verdict": "accepted", "by": "Meera", "note": "The shop lets both stand."}


async def second_charge(shop: World) -> str:
    await shop.charged()
    shop.gateway.says("lamp-1", "CHARGED", txn_id="t-2")
    order = (await shop.post("/v1/orders/lamp-1/look")).json()
    (reason,) = order["review"]
    assert "second_charge" == reason["kind"]
    return str(reason["key"])


async def test_a_reason_is_listed_and_settled(shop: World) -> None:
    key = await second_charge(shop)
    listed = (await shop.get("/v1/orders/lamp-1/review")).json()
    assert ["accepted"] == listed["reasons"][0]["verdicts"]
    assert listed["reasons"][0]["settled"] is None
    answer = await shop.post("/v1/orders/lamp-1/review", {"reason": key, **WORD})
    (reason,) = answer.json()["reasons"]
    assert (200, []) == (answer.status_code, reason["verdicts"])
    assert reason["settled"] == {
        "verdict": "accepted",
        "by": "Meera",
        "note": "The shop lets both stand.",
        "at": "2031-05-06T07:08:09Z",
        "key_id": shop.key_id,
    }
    assert answer.json() == (await shop.get("/v1/orders/lamp-1/review")).json()


async def test_nobody_settles_a_reason_of_an_order_that_is_not_there(shop: World) -> None:
    word = Settle(reason="second_charge:t-2", verdict=Verdict.ACCEPTED, by=Requester("Meera"), note="Both stand.")
    with pytest.raises(LookupError):
        await settle(shop.runtime.ports, shop.runtime.merchants["shop"], OrderKey("shop", "lamp-1"), word)


async def test_only_an_open_reason_is_settled(shop: World) -> None:
    await shop.opened()
    refused = await shop.post("/v1/orders/lamp-1/review", {"reason": "mismatch:amount:1", **WORD})
    assert (409, "reason_not_open", "G10") == (refused.status_code, refused.json()["code"], refused.json()["rule"])


async def test_only_a_fitting_verdict_settles(shop: World) -> None:
    key = await second_charge(shop)
    refused = await shop.post("/v1/orders/lamp-1/review", {"reason": key, **WORD, "verdict": "done"})
    problem = refused.json()
    assert (422, "verdict_not_legal", ["accepted"]) == (refused.status_code, problem["code"], problem["legal"])
    assert [{"pointer": "/verdict", "code": "verdict_not_legal"}] == problem["errors"]


async def test_a_verdict_nobody_knows_is_no_verdict(shop: World) -> None:
    await shop.opened()
    refused = await shop.post("/v1/orders/lamp-1/review", {"reason": "x", **WORD, "verdict": "paid"})
    assert (422, [{"pointer": "/verdict", "code": "validation_failed"}]) == (
        refused.status_code,
        refused.json()["errors"],
    )


async def test_orders_that_wait_for_a_person_are_listed_across_the_shop(shop: World) -> None:
    await second_charge(shop)
    await shop.opened(order_id="lamp-2")
    shop.gateway.says("lamp-3", "CHARGED", amount="1.00")
    await shop.opened(order_id="lamp-3")
    await shop.post("/v1/orders/lamp-3/look")
    page = (await shop.get("/v1/review")).json()
    found = [(order["order_id"], [reason["kind"] for reason in order["reasons"]]) for order in page["orders"]]
    assert [("lamp-3", ["mismatch"]), ("lamp-1", ["second_charge"])] == found
    assert page["next"] is None


async def test_the_list_comes_in_pages(shop: World) -> None:
    for number in range(3):
        shop.gateway.says(f"lamp-{number}", "CHARGED", amount="1.00")
        await shop.opened(order_id=f"lamp-{number}")
        await shop.post(f"/v1/orders/lamp-{number}/look")
    first = (await shop.get("/v1/review?limit=2")).json()
    rest = (await shop.get(f"/v1/review?limit=2&after={first['next']}")).json()
    assert ["lamp-2", "lamp-1", "lamp-0"] == [order["order_id"] for order in (*first["orders"], *rest["orders"])]


async def test_a_settled_order_leaves_the_list(shop: World) -> None:
    key = await second_charge(shop)
    await shop.post("/v1/orders/lamp-1/review", {"reason": key, **WORD})
    assert [] == (await shop.get("/v1/review")).json()["orders"]


async def test_another_merchant_s_list_is_empty(shop: World) -> None:
    await second_charge(shop)
    assert [] == (await shop.get("/v1/review", token=shop.other_key)).json()["orders"]


REFUND_WORD = {"by": "Meera, finance", "note": "The bank has no trace of it."}


def juspay_has(shop: World, status: str) -> None:
    """Juspay shows the order's one refund so from now on."""
    known = shop.gateway.orders["lamp-1"]
    shop.gateway.orders["lamp-1"] = evolve(known, refunds=(evolve(known.refunds[0], status=status),))


async def unclear_refund(shop: World) -> str:
    """A refund that a person must find out about; returns its reason."""
    await shop.charged()
    assert 201 == (await shop.refund("40.00", "k")).status_code
    juspay_has(shop, "MANUAL_REVIEW")
    (reason,) = (await shop.post("/v1/orders/lamp-1/look")).json()["review"]
    assert "refund_review" == reason["kind"]
    return str(reason["key"])


async def test_a_verdict_on_a_refund_stands_where_juspay_says_nothing_new(shop: World) -> None:
    key = await unclear_refund(shop)
    answer = await shop.post("/v1/orders/lamp-1/review", {"reason": key, "verdict": "not_done", **REFUND_WORD})
    assert (200, "not_done") == (answer.status_code, answer.json()["reasons"][0]["settled"]["verdict"])


@pytest.mark.parametrize(("status", "verdict"), [("SUCCESS", "not_done"), ("FAILURE", "done"), ("SUCCESS", "done")])
async def test_what_juspay_has_done_since_the_last_look_needs_no_verdict(
    shop: World, status: str, verdict: str
) -> None:
    key = await unclear_refund(shop)
    juspay_has(shop, status)
    answer = await shop.post("/v1/orders/lamp-1/review", {"reason": key, "verdict": verdict, **REFUND_WORD})
    assert (409, "reason_not_open") == (answer.status_code, answer.json()["code"])
    order = (await shop.get("/v1/orders/lamp-1")).json()
    assert (status, []) == (order["refunds"][0]["state"], order["review"])


async def test_a_verdict_on_a_refund_waits_for_juspay(shop: World) -> None:
    key = await unclear_refund(shop)
    shop.gateway.fault = GatewayUnreachable("connect")
    answer = await shop.post("/v1/orders/lamp-1/review", {"reason": key, "verdict": "not_done", **REFUND_WORD})
    assert (503, "upstream_unavailable") == (answer.status_code, answer.json()["code"])
    assert "MANUAL_REVIEW" == (await shop.get("/v1/orders/lamp-1")).json()["refunds"][0]["state"]


async def test_a_verdict_on_a_refund_costs_one_look_of_the_order(shop: World) -> None:
    key = await unclear_refund(shop)
    while (answer := await shop.post("/v1/orders/lamp-1/look")).status_code == 200:
        pass
    word = {"reason": key, "verdict": "not_done", **REFUND_WORD}
    refused = await shop.post("/v1/orders/lamp-1/review", word)
    assert (429, answer.headers["retry-after"]) == (refused.status_code, refused.headers["retry-after"])
    shop.clock.advance(int(refused.headers["retry-after"]))
    assert 200 == (await shop.post("/v1/orders/lamp-1/review", word)).status_code


async def test_a_verdict_on_anything_else_asks_nobody(shop: World) -> None:
    key = await second_charge(shop)
    shop.gateway.fault = GatewayUnreachable("connect")
    assert 200 == (await shop.post("/v1/orders/lamp-1/review", {"reason": key, **WORD})).status_code


async def test_a_verdict_that_is_not_legal_asks_nobody(shop: World) -> None:
    key = await unclear_refund(shop)
    shop.gateway.fault = GatewayUnreachable("connect")
    answer = await shop.post("/v1/orders/lamp-1/review", {"reason": key, "verdict": "accepted", **REFUND_WORD})
    assert (422, "verdict_not_legal") == (answer.status_code, answer.json()["code"])
