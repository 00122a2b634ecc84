"""Who may see and do what in the storefront, and what its pages may load."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator

import httpx
import pytest
import pytest_asyncio
from e2e.storefront.browser import Browser, lit, main
from e2e.storefront.shopping import Mall
from integration.sandbox.page.reading import read

from paystate.entrypoints.demo.run import tell
from paystate.entrypoints.demo.stack import TRUSTS_NOBODY
from paystate.entrypoints.demo.stories import STORIES
from paystate.entrypoints.engine import Shop

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOT_HERE = "There is no such order in this browser"


@pytest_asyncio.fixture(loop_scope="module")
async def stranger(around: Mall) -> AsyncGenerator[Browser]:
    async with Browser.of(around) as opened:
        yield opened


async def test_a_form_says_how_many_there_shall_be_so_that_two_clicks_put_one_into_the_cart(browser: Browser) -> None:
    await browser.page("/")
    for _ in range(2):
        await browser.send("/cart", product="assam", count="1")
    assert "₹349.50" in main(await browser.page("/cart"))
    await browser.send("/cart", product="assam", count="0")
    assert "There is nothing in it yet." in main(await browser.page("/cart"))


@pytest.mark.parametrize(
    ("product", "count"),
    [
        ("assam", "21"),
        ("assam", "-1"),
        ("assam", "1.5"),
        ("assam", ""),
        ("coffee", "1"),
        pytest.param("assam", "9" * 5000, id="5000 digits"),
    ],
)
async def test_what_cannot_be_in_a_cart_is_refused(browser: Browser, product: str, count: str) -> None:
    assert 400 == (await browser.send("/cart", product=product, count=count)).status_code
    assert "There is nothing in it yet." in main(await browser.page("/cart"))


async def test_amounts_are_grouped_as_in_india(browser: Browser) -> None:
    assert "₹1,23,456.50" in main(await browser.page("/"))


async def test_nothing_of_another_shopper_is_shown_or_can_be_done(browser: Browser, stranger: Browser) -> None:
    order_id = await browser.orders()
    tab = await browser.tab(order_id)
    for path in (f"/orders/{order_id}", f"/result?order_id={order_id}"):
        answer = await stranger.http.get(path)
        assert (404, NOT_HERE) == (answer.status_code, read(answer).heading())
    assert 404 == (await stranger.send(f"/orders/{order_id}/return")).status_code
    assert "masala" not in (await stranger.http.get("/orders")).text.lower()
    own = await stranger.orders()
    theirs = await stranger.tab(own)
    for step in ("process", "events", "terminate"):
        theirs.order_id, theirs.checkout_id = own, tab.checkout_id
        assert "not_found" == (await theirs.call(step, {"event": "process_result"}, 404))["code"]
    theirs.order_id = order_id
    assert "not_found" == (await theirs.call("process", {}, 404))["code"]
    assert f"/orders/{order_id}" != (await stranger.send("/orders", cart=order_id)).headers["location"]


async def test_a_cookie_that_was_changed_makes_a_new_shopper(browser: Browser, stranger: Browser) -> None:
    order_id = await browser.orders()
    shopper, _, signature = str(browser.http.cookies["shopper"]).partition(".")
    for forged in (f"{shopper}.{'0' * 64}", f"asha.{signature}", shopper):
        answer = await stranger.http.get(f"/orders/{order_id}", headers={"Cookie": f"shopper={forged}"})
        assert 404 == answer.status_code
    true = await stranger.http.get(f"/orders/{order_id}", headers={"Cookie": f"shopper={shopper}.{signature}"})
    assert 200 == true.status_code


async def test_no_script_and_no_other_site_is_given_the_cookie(browser: Browser) -> None:
    given = (await browser.http.get("/")).headers["set-cookie"].lower()
    assert {"httponly", "samesite=lax", "path=/"} <= {part.strip() for part in given.split(";")}


@pytest.mark.parametrize(
    "path", ["/cart", "/orders", "/orders/T0/return", "/return/teashop", "/webhooks/juspay/teashop"]
)
async def test_another_site_s_form_which_brings_no_cookie_takes_nobody_s_away(stranger: Browser, path: str) -> None:
    fields = {"product": "assam", "count": "1"}
    answer = await stranger.http.post(path, data=fields, headers={"Origin": "https://evil.example.test"})
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/orders", "/orders/T0", "/nowhere", "/return/teashop", "/result?order_id=T0"])
async def test_only_who_looks_around_is_given_a_cookie(stranger: Browser, path: str) -> None:
    assert "set-cookie" not in (await stranger.http.get(path)).headers


async def test_a_return_form_without_the_cookie_leads_to_where_the_browser_brings_it(
    browser: Browser, stranger: Browser
) -> None:
    order_id = await browser.orders()
    path, _, query = (await (await browser.tab(order_id, "redirection")).pays_on_juspay_s_page()).partition("?")
    headers = {"Origin": "https://juspay.example.test", "Content-Type": "application/x-www-form-urlencoded"}
    answer = await stranger.http.post(path, content=query, headers=headers)
    assert (303, False) == (answer.status_code, "set-cookie" in answer.headers)
    seen = await browser.http.get(answer.headers["location"], follow_redirects=True)  # the browser, with its cookie
    assert (200, f"/orders/{order_id}") == (seen.status_code, seen.url.path)


@pytest.mark.parametrize("origin", ["http://evil.example.test", "null"])
async def test_a_form_of_another_site_changes_nothing(browser: Browser, origin: str) -> None:
    cart = await browser.fill()
    for path, fields in (("/orders", {"cart": cart}), ("/cart", {"product": "assam", "count": "2"})):
        assert 403 == (await browser.http.post(path, data=fields, headers={"Origin": origin})).status_code
    assert 404 == (await browser.http.get(f"/orders/{cart}")).status_code
    assert "Assam" not in main(await browser.page("/cart"))


async def test_a_webhook_without_its_login_is_refused_and_shown_to_nobody(around: Mall, browser: Browser) -> None:
    order_id = await browser.orders()
    body = {"event_name": "ORDER_SUCCEEDED", "content": {"order": {"order_id": order_id, "status": "CHARGED"}}}
    async with httpx.AsyncClient(trust_env=False, verify=TRUSTS_NOBODY) as http:
        answer = await http.post(f"{around.shop_url}/webhooks/juspay/teashop", json=body)
    assert 401 == answer.status_code
    assert "ORDER_SUCCEEDED" not in (await browser.http.get(f"/orders/{order_id}")).text


@pytest.mark.parametrize(
    "body",
    [
        b'{"event_name":"A","content":{"order":{"order_id":"A1"}},"x":"\xff"}',
        b'{"event_name":"\xff","content":{}}',
        b'{"event_name":"A","content":{"order":{"order_id":"A1"}},"x":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"event_name":"A","content":{"order":{"order_id":"A1"}},"payload":' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"event_name":"A","x":"' + b"y" * 300_000 + b'"}',
    ],
    ids=["not UTF-8", "name not UTF-8", "nested", "nested less", "long"],
)
async def test_a_webhook_that_paystate_takes_is_acknowledged_whatever_is_in_it(around: Mall, body: bytes) -> None:
    assert 200 == await around.webhook(body)


async def test_an_event_that_is_nested_too_deeply_is_refused_plainly(browser: Browser) -> None:
    tab = await browser.tab(await browser.orders())
    deep = '{"event":"process_result","payload":' + '{"a":' * 3000 + "1" + "}" * 3000 + "}"
    headers = {"Accept": "application/json", "Origin": browser.around.shop_url, "Content-Type": "application/json"}
    path = f"/orders/{tab.order_id}/checkouts/{tab.checkout_id}/events"
    answer = await browser.http.post(path, content=deep, headers=headers)
    assert (400, "invalid_request") == (answer.status_code, answer.json()["code"])


async def test_whatever_breaks_is_told_on_the_shop_s_own_page(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patched:
        patched.setattr(Shop, "orders", breaks)
        await browser.page("/")
        answer = await browser.http.get("/orders")
    assert (500, "Something broke in our shop") == (answer.status_code, read(answer).heading())
    assert "a fault of ours" not in answer.text


BAD_TEXT = "<script>alert(1)</script>\u202egnp.exe"


@pytest.mark.parametrize("where", ["event", "status", "name", "webhook"])
async def test_no_text_from_outside_runs_or_turns_around_in_the_panel(
    around: Mall, browser: Browser, where: str
) -> None:
    order_id = await browser.orders()
    tab = await browser.tab(order_id)
    await tab.opens()
    match where:
        case "event":
            sent = {"event": BAD_TEXT, "payload": {}}
        case "status":
            sent = {"event": "other", "payload": {"status": BAD_TEXT, "error": BAD_TEXT}}
        case _:
            sent = {"event": "other", "payload": {BAD_TEXT: BAD_TEXT}}
    headers = {"Accept": "application/json", "Origin": around.shop_url}
    path = f"/orders/{order_id}/checkouts/{tab.checkout_id}/events"
    await browser.http.post(path, json=sent, headers=headers)  # Paystate may refuse it: then it is nowhere
    name, status = (BAD_TEXT, "CHARGED") if where == "webhook" else ("ORDER_SUCCEEDED", BAD_TEXT)
    body = {"event_name": name, "content": {"order": {"order_id": order_id, "status": status, BAD_TEXT: 1}}}
    assert 200 == await around.webhook(json.dumps(body).encode())
    await browser.http.get("/return/teashop", params={"order_id": order_id, "status": BAD_TEXT})
    text = (await browser.http.get(f"/orders/{order_id}")).text
    assert "gnp.exe" in text
    assert "<script>alert" not in text
    assert "\u202e" not in text


async def test_the_printed_address_lets_one_in_as_the_stories_shopper(around: Mall, browser: Browser) -> None:
    headers = {"Authorization": f"Bearer {around.stack.api_key}"}
    order = {"order_id": "played-1", "amount": "199.00", "currency": "INR", "customer": {"customer_id": "asha"}}
    async with httpx.AsyncClient(
        trust_env=False, verify=TRUSTS_NOBODY, base_url=around.stack.service_url, headers=headers
    ) as http:
        assert 201 == (await http.post("/v1/orders", json=order)).status_code
    address = around.pages["the shop as asha sees it"]
    assert 404 == (await browser.http.get(f"{address}0")).status_code
    await browser.comes_in()
    assert "played-1" in main(await browser.page("/orders"))
    assert "₹199.00" in main(await browser.page("/orders/played-1"))


async def test_no_link_and_no_cookie_of_somebody_else_s_takes_a_shopper_s_place(
    around: Mall, browser: Browser, stranger: Browser
) -> None:
    order_id = await browser.orders()
    await stranger.page("/")
    theirs = str(stranger.http.cookies["shopper"])
    for address in (f"/come-in?as={theirs}", f"/come-in?with={theirs}", around.pages["the shop as asha sees it"]):
        assert "set-cookie" not in (await browser.http.get(address)).headers
    assert 404 == (await browser.send("/come-in", **{"with": theirs})).status_code
    await browser.page(f"/orders/{order_id}")


async def test_the_steps_of_an_order_that_a_story_played_are_read_from_paystate(around: Mall, browser: Browser) -> None:
    (straight,) = [story for story in STORIES if story.name == "straight"]
    assert () == (await tell(straight, around.stack)).wrong
    await browser.comes_in()
    page = await browser.page("/orders/tea-straight-1")
    assert ["2", "3", "4", "5", "6", "7", "9", "10", "11"] == lit(page)


@pytest.mark.parametrize("path", ["/", "/cart", "/orders", "/orders/T0", "/nowhere"])
async def test_no_page_runs_what_stands_in_it(around: Mall, browser: Browser, path: str) -> None:
    answer = await browser.http.get(path)
    policy = answer.headers["content-security-policy"]
    assert f"script-src 'self' {around.stack.sandbox_url};" in policy
    assert "unsafe" not in policy
    scripts = list(read(answer).all("script"))
    assert [True, True] == [bool(one.attributes.get("src")) and not one.text for one in scripts]
    assert not re.search(r"\s(?:style|on[a-z]+)=", answer.text)


async def test_without_a_script_the_page_says_what_cannot_be_done(browser: Browser) -> None:
    order_id = await browser.orders()
    assert "Please allow scripts to pay." in main(await browser.page(f"/orders/{order_id}"))


async def test_what_the_sdk_cannot_have_said_is_refused(browser: Browser) -> None:
    tab = await browser.tab(await browser.orders())
    refused = await tab.call("events", {"event": "process_result", "payload": {"status": "x" * 65}}, 400)
    assert "validation_failed" == refused["code"]
