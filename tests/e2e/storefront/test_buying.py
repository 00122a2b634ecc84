"""Shoppers' stories in the storefront, over real HTTP: the shop, Paystate's service beside it, and the sandbox."""

from __future__ import annotations

import asyncio
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from e2e.storefront.browser import Browser, button, lit, main, may_pay
from e2e.storefront.shopping import Mall
from integration.sandbox.page.reading import read
from patience import until

from paystate.entrypoints.engine import Shop, StorageUnavailable
from paystate.entrypoints.storefront.catalogue import PRODUCTS

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAID = "Thank you. Your order is paid"
NOT_PAID = "The payment did not go through"
AT_THE_BANK = "Your bank has not answered yet"
WAITING = "We are waiting for proof of your payment"
GIVEN_BACK = "Your money was given back"
SHIPPED = "Your parcel is packed and on its way."


async def test_a_shopper_pays_within_the_page_and_the_parcel_is_packed(browser: Browser) -> None:
    order_id = await browser.orders("assam", 2)
    seen = await browser.page(f"/orders/{order_id}")
    assert ("Your order", True, True) == (seen.heading(), may_pay(seen), "₹699.00" in main(seen))
    tab = await browser.tab(order_id)
    await tab.opens()
    await tab.pays("success@upi")
    paid = await browser.reads(order_id, PAID)
    assert not may_pay(paid)
    await browser.sees(order_id, SHIPPED)


async def test_one_who_pays_on_juspay_s_own_page_comes_back_to_the_proof(browser: Browser) -> None:
    order_id = await browser.orders()
    way = await (await browser.tab(order_id, "redirection")).pays_on_juspay_s_page()
    assert way.startswith(f"{browser.around.shop_url}/return/teashop?")
    stops = []
    while (answer := await browser.http.get(way)).status_code == 303:
        way = answer.headers["location"]
        stops.append(urlsplit(way).path)
    assert ["/result", f"/orders/{order_id}"] == stops
    paid = await browser.reads(order_id, PAID)
    assert "8" in lit(paid)


async def test_a_payment_that_is_pending_turns_to_paid_by_itself(around: Mall, browser: Browser) -> None:
    order_id = await browser.pays(vpa="pending@upi")
    pending = await browser.reads(order_id, AT_THE_BANK)
    assert not may_pay(pending)  # a second payment would be one too many
    assert [(await browser.http.get(f"/orders/{order_id}")).text.count("<noscript><meta http-equiv")] == [1]
    await around.later(3600)
    await browser.reads(order_id, PAID)
    await browser.sees(order_id, SHIPPED)


async def test_a_failure_is_followed_by_another_try_for_the_same_order(around: Mall, browser: Browser) -> None:
    order_id = await browser.orders()
    tab = await browser.tab(order_id)
    await tab.opens()
    await tab.pays("failure@upi")
    failed = await browser.reads(order_id, NOT_PAID)
    assert may_pay(failed)
    await tab.opens()
    await tab.pays("success@upi")
    await browser.reads(order_id, PAID)
    truth = await around.truth(order_id)
    assert (2, 1) == (len(truth["attempts"]), truth["charges"])


async def test_nobody_is_believed_who_only_says_that_it_is_paid(around: Mall, browser: Browser) -> None:
    order_id = await browser.orders()
    tab = await browser.tab(order_id)
    await tab.opens()
    await tab.call("events", {"event": "process_result", "payload": {"status": "charged"}}, 202)
    forged = f"order_id={order_id}&status=CHARGED&status_id=21&signature=bm90IGp1c3BheQ&signature_algorithm=HMAC-SHA256"
    by_hand = await browser.http.get(f"/return/teashop?{forged}")
    assert (200, "Welcome back") == (by_hand.status_code, read(by_hand).heading())
    straight = await browser.http.get(f"/result?{forged}")
    assert (303, f"/orders/{order_id}") == (straight.status_code, straight.headers["location"])
    await around.later(1)
    seen = await browser.reads(order_id, WAITING)
    assert may_pay(seen)
    assert SHIPPED not in main(seen)
    assert "0.00" == (await around.truth(order_id))["charged"]


async def test_one_who_leaves_without_paying_may_still_pay(browser: Browser) -> None:
    order_id = await browser.orders()
    tab = await browser.tab(order_id)
    await tab.opens()
    await tab.acts(action="back")
    again = await browser.tab(order_id)  # the page is loaded anew, or was closed and opened again
    assert may_pay(await browser.reads(order_id, WAITING))
    await again.opens()
    await again.pays("success@upi")
    await browser.reads(order_id, PAID)


async def test_two_clicks_and_two_tabs_make_one_order_and_one_charge(around: Mall, browser: Browser) -> None:
    cart = await browser.fill("nilgiri")
    both = await asyncio.gather(browser.send("/orders", cart=cart), browser.send("/orders", cart=cart))
    assert {(303, f"/orders/{cart}")} == {(one.status_code, one.headers["location"]) for one in both}
    first, second = await browser.tab(cart), await browser.tab(cart)
    await first.opens()
    await second.opens()
    await first.pays("success@upi")
    assert 409 == (await second.acts(action="pay", method={"upi": "success@upi"})).status_code
    await browser.reads(cart, PAID)
    assert "not_to_be_paid" == (await second.call("process", {}, 409))["code"]
    assert 1 == (await around.truth(cart))["charges"]
    late = await browser.send("/orders", cart=cart)  # the cart's page was still open somewhere
    assert f"/orders/{cart}" == late.headers["location"]
    assert 1 == sum(1 for _ in (await browser.page("/orders")).all("h2"))


async def test_what_was_paid_goes_back_once_and_the_shopper_sees_it(around: Mall, browser: Browser) -> None:
    order_id = await browser.pays("kahwa")
    paid = await browser.sees(order_id, SHIPPED)
    assert button(paid, "Send it back, for ₹450.00 (a demo's shortcut: nobody at the shop has to agree)"), main(paid)
    path = f"/orders/{order_id}/return"
    both = await asyncio.gather(browser.send(path), browser.send(path))
    assert {303} == {one.status_code for one in both}
    asked = await browser.sees(order_id, "₹450.00 On its way back to you.")
    assert button(asked, "Send it back") is None
    assert "Your parcel is to come back to us." in main(asked)
    await around.later(60)
    await browser.sees(order_id, "₹450.00 Done. Your bank may need some days to show it.")
    assert 1 == await around.calls(order_id, "refund")
    listed = main(await browser.page("/orders"))
    assert "Given back" in listed
    assert "₹450.00 back: Done." in listed
    await browser.reads(order_id, GIVEN_BACK)


async def test_a_refund_that_has_failed_can_be_asked_for_again(around: Mall, browser: Browser) -> None:
    order_id = await browser.pays("assam")
    await browser.sees(order_id, SHIPPED)
    await browser.send(f"/orders/{order_id}/return")
    await around.juspay("POST", "/faults", {"name": "refund_failure", "order_id": order_id})
    await around.later(60)
    await browser.sees(order_id, "Did not work. We are looking into it.")
    await browser.sees(order_id, "Send it back, for ₹349.50")
    await browser.send(f"/orders/{order_id}/return")
    await browser.sees(order_id, "On its way back to you.")
    assert 2 == await around.calls(order_id, "refund")


async def test_a_checkout_that_went_on_to_another_order_says_nothing_of_the_first(browser: Browser) -> None:
    first, second = await browser.orders("kahwa"), await browser.orders("nilgiri")
    tab = await browser.tab(first)
    await tab.opens()
    await tab.acts(action="back")
    await tab.call("events", {"event": "process_result", "payload": {"status": "backpressed"}}, 202)
    tab.order_id = second
    await tab.opens()
    await tab.pays("success@upi")
    await browser.reads(second, PAID)
    assert "Your order" == (await browser.page(f"/orders/{first}")).heading()


async def test_a_reload_after_the_payment_changes_nothing(around: Mall, browser: Browser) -> None:
    order_id = await browser.pays()
    await browser.reads(order_id, PAID)
    packed = await browser.sees(order_id, SHIPPED)
    await around.later(60)
    again = await browser.page(f"/orders/{order_id}")
    assert main(packed) == main(again)
    assert 1 == (await around.truth(order_id))["charges"]


async def test_cash_on_delivery_is_shipped_too(browser: Browser) -> None:
    order_id = await browser.orders()
    tab = await browser.tab(order_id)
    await tab.opens()
    await tab.pays_in_cash()
    await browser.reads(order_id, "Thank you. Please pay when it arrives")
    await browser.sees(order_id, SHIPPED)


async def test_all_eleven_steps_light_up_and_show_no_secret(around: Mall, browser: Browser) -> None:
    order_id = await browser.orders()
    prefetched = (await browser.http.get("/sdk/prefetch")).json()
    assert "in.juspay.hyperpay" in str(prefetched)
    assert ["1"] == lit(await browser.page("/"))
    tab = await browser.tab(order_id, "redirection")
    assert ["1", "2", "3"] == lit(await browser.page(f"/orders/{order_id}"))
    way = await tab.pays_on_juspay_s_page()
    signatures = [tab.initiated["payload"]["signature"], tab.processed["payload"]["signature"]]
    signatures += parse_qs(urlsplit(way).query)["signature"]
    await browser.http.get(way)
    await tab.call("events", {"event": "process_result", "payload": {"status": "charged"}}, 202)
    await browser.reads(order_id, PAID)
    await tab.call("terminate", {}, 200)
    await browser.sees(order_id, SHIPPED)
    await browser.send(f"/orders/{order_id}/return")

    async def are_all_lit() -> bool:
        return [str(number) for number in range(1, 12)] == lit(await browser.page(f"/orders/{order_id}"))

    await until(are_all_lit)
    text = unescape((await browser.http.get(f"/orders/{order_id}")).text)
    folder = around.stack.settings_file.parent
    files = [(folder / name).read_text("utf-8") for name in ("juspay.key", "response.key", "webhook.password")]
    assert 3 == len(set(signatures))
    assert all(len(one) > 20 for one in signatures)
    assert [] == [one for one in (*signatures, *files, around.stack.api_key) if one in text]
    assert text.count('"signature": "(hidden)"') >= 3


async def test_goods_to_be_paid_in_cash_are_not_shipped_once_the_sale_is_called_off(
    around: Mall, browser: Browser
) -> None:
    order_id = await browser.orders()
    tab = await browser.tab(order_id)
    await tab.opens()
    await around.api("POST", f"/v1/orders/{order_id}/cancel", {"by": "Ravi", "note": "The tin broke."})
    await tab.pays_in_cash()
    seen = await browser.sees(order_id, "No parcel is sent.")
    assert "This order is cancelled" == seen.heading()


async def test_the_parcel_is_stopped_when_juspay_gives_the_payment_back(around: Mall, browser: Browser) -> None:
    order_id = await browser.pays("assam")
    await browser.sees(order_id, SHIPPED)
    pending = {"name": "auto_refund", "order_id": order_id, "params": {"status": "PENDING"}}
    await around.juspay("POST", "/faults", pending)
    await around.api("POST", f"/v1/orders/{order_id}/look")
    seen = await browser.sees(order_id, "Your parcel is stopped.")
    assert SHIPPED not in main(seen)
    assert "Your payment is to go back to you" == seen.heading()


async def test_who_shall_not_pay_again_is_given_no_payload(browser: Browser) -> None:
    order_id = await browser.orders()
    tab, other = await browser.tab(order_id), await browser.tab(order_id)
    await tab.opens()
    await tab.pays("pending@upi")
    await browser.reads(order_id, AT_THE_BANK)
    refused = await other.call("process", {}, 409)
    assert ("not_to_be_paid", True) == (refused["code"], "Please do not pay again." in refused["detail"])
    headers = {"Accept": "application/json", "Origin": browser.around.shop_url}
    assert 409 == (await browser.http.post(f"/orders/{order_id}/checkouts", headers=headers)).status_code


@pytest.mark.parametrize("way", ["by the SDK", "by the return"])
async def test_who_is_back_from_paying_may_not_pay_again_before_juspay_has_answered(
    around: Mall, browser: Browser, way: str
) -> None:
    order_id = await browser.orders()
    tab = await browser.tab(order_id, "iframe" if way == "by the SDK" else "redirection")
    silence = {"name": "status_5xx", "order_id": order_id, "route": "order_status", "calls": 50}
    await around.juspay("POST", "/faults", {"name": "webhook_drop", "order_id": order_id, "calls": 20})
    if way == "by the SDK":
        await tab.opens()
        await around.juspay("POST", "/faults", silence)
        await tab.call("events", {"event": "process_result", "payload": {"status": "charged"}}, 202)
    else:
        await around.juspay("POST", "/faults", silence)
        await browser.http.get(await tab.pays_on_juspay_s_page())
    seen = await browser.page(f"/orders/{order_id}")
    assert ("One moment, please", False) == (seen.heading(), may_pay(seen))
    assert "not_to_be_paid" == (await tab.call("process", {}, 409))["code"]
    await around.juspay("DELETE", "/faults")
    if way == "by the SDK":  # nothing was paid
        assert may_pay(await browser.reads(order_id, WAITING))
    else:
        await around.later(60)
        await browser.reads(order_id, PAID)


async def test_a_cart_is_kept_when_paystate_could_not_make_an_order_of_it(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    cart = await browser.fill("assam", 3)

    async def fails(*_: object, **__: object) -> None:
        raise StorageUnavailable("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Shop, "open_order", fails)
        assert 503 == (await browser.send("/orders", cart=cart)).status_code
    assert "₹1,048.50" in main(await browser.page("/cart"))
    made = await browser.send("/orders", cart=cart)
    assert (303, f"/orders/{cart}") == (made.status_code, made.headers["location"])
    assert "There is nothing in it yet." in main(await browser.page("/cart"))


async def test_a_product_that_is_gone_leaves_pages_and_orders_as_they_are(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = await browser.orders("kahwa", 2)
    await browser.fill("kahwa")
    monkeypatch.delitem(PRODUCTS, "kahwa")
    seen = await browser.page(f"/orders/{order_id}")
    assert "Kashmiri kahwa" in main(seen)
    assert "₹900.00" in main(seen)
    for path in ("/", "/cart", "/orders"):
        await browser.page(path)


async def test_another_price_makes_the_page_turn(around: Mall, browser: Browser) -> None:
    order_id = await browser.orders("assam")
    before = (await browser.page(f"/orders/{order_id}")).by_id("order")
    await around.api("PATCH", f"/v1/orders/{order_id}", {"amount": "400.00"})
    after = (await browser.page(f"/orders/{order_id}")).by_id("order")
    assert before
    assert after
    assert before.attributes["data-stage"] != after.attributes["data-stage"]
