"""The hosted page: plain forms, the bank behind them, the way back to the merchant (contract B.2, E)."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from integration.sandbox.playing import Player, bakery, player_of

from paystate.entrypoints.sandbox import SandboxConfig
from paystate.entrypoints.sandbox.sdk.return_url import signature


async def chosen(player: Player, kind: str, value: str, **session: str) -> httpx.Response:
    """Open an order and choose a way to pay."""
    juspay_id = (await player.session(**session))["id"]
    return await player.http.post(f"/payment-page/order/{juspay_id}/pay", data={"kind": kind, kind: value})


async def answered(player: Player, at_bank: httpx.Response, answer: str) -> httpx.Response:
    return await player.http.post(at_bank.headers["location"], data={"answer": answer})


@pytest.mark.parametrize(
    "path",
    ["/payment-page/order/{}", "/payment-page/order/{}?mobile=true", "/orders/{}/payment-page", "/merchant/pay/{}"],
)
async def test_every_form_of_the_link_opens_the_page(player: Player, path: str) -> None:
    answer = await player.http.get(path.format((await player.session())["id"]))
    assert (200, "text/html; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    assert "₹100.00" in answer.text


async def test_an_unknown_link_is_a_page_that_says_so(player: Player) -> None:
    answer = await player.http.get("/payment-page/order/ordeh_none")
    assert 404 == answer.status_code
    assert "no such payment" in answer.text


async def test_the_page_has_its_security_headers(player: Player) -> None:
    answer = await player.http.get(f"/payment-page/order/{(await player.session())['id']}")
    assert ("no-referrer", "no-store", "nosniff") == tuple(
        answer.headers[name] for name in ("referrer-policy", "cache-control", "x-content-type-options")
    )


async def test_what_the_merchant_wrote_is_escaped(player: Player) -> None:
    session = await player.session(description="<script>alert(1)</script>\"'")
    answer = await player.http.get(f"/payment-page/order/{session['id']}")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;" in answer.text
    assert "<script>" not in answer.text


async def test_paying_leads_to_the_bank_and_pends_there(player: Player) -> None:
    answer = await chosen(player, "card", "4242 4242 4242 4242")
    assert 303 == answer.status_code
    assert "PENDING_VBV" == (await player.status())["status"]
    bank = await player.http.get(answer.headers["location"])
    assert "Visa card ending in 4242" in bank.text


@pytest.mark.parametrize(
    ("answer", "status", "status_id"),
    [("approve", "CHARGED", "21"), ("decline", "AUTHENTICATION_FAILED", "26"), ("leave", "PENDING_VBV", "23")],
)
async def test_the_banks_answer_brings_the_shopper_back_signed(
    player: Player, answer: str, status: str, status_id: str
) -> None:
    back = await answered(player, await chosen(player, "upi", "success@upi"), answer)
    assert 303 == back.status_code
    target = urlsplit(back.headers["location"])
    assert "bakery.example.test/back" == target.netloc + target.path
    params = dict(parse_qsl(target.query))
    assert ("bun-7Kq2", status, status_id, "9") == tuple(
        params[name] for name in ("order_id", "status", "status_id", "cart")
    )
    assert "HMAC-SHA256" == params.pop("signature_algorithm")
    assert params.pop("signature") == signature(list(params.items()), "TEST-RESPONSE-KEY")


async def test_cancelling_brings_the_shopper_back_unpaid(player: Player) -> None:
    juspay_id = (await player.session())["id"]
    back = await player.http.post(f"/payment-page/order/{juspay_id}/cancel")
    assert (303, True) == (back.status_code, "status=NEW&" in back.headers["location"])


async def test_without_a_return_url_the_page_says_how_it_ended(player: Player) -> None:
    at_bank = await chosen(player, "upi", "failure@upi", return_url="")
    result = await answered(player, at_bank, "approve")
    assert 200 == result.status_code
    assert "No money was taken" in result.text


async def test_the_dashboards_return_url_stands_in() -> None:
    player = player_of(SandboxConfig((bakery(return_url="https://bakery.example.test/default"),)))
    at_bank = await chosen(player, "upi", "success@upi", return_url="")
    back = await answered(player, at_bank, "approve")
    assert back.headers["location"].startswith("https://bakery.example.test/default?order_id=")


async def test_wrong_input_shows_the_page_again_and_starts_nothing(player: Player) -> None:
    answer = await chosen(player, "card", "1234 5678")
    assert 400 == answer.status_code
    assert "This is not a card number." in answer.text
    assert ["order_created"] == await player.effects()


async def test_answering_the_bank_twice_changes_nothing(player: Player) -> None:
    at_bank = await chosen(player, "upi", "success@upi")
    for answer in ("approve", "decline", "approve"):
        await answered(player, at_bank, answer)
    assert ["order_created", "txn_started", "txn_charged"] == await player.effects()


async def test_a_paid_order_offers_nothing_more(player: Player) -> None:
    await player.paid()
    juspay_id = (await player.status())["id"]
    page = await player.http.get(f"/payment-page/order/{juspay_id}")
    assert "This order is paid already." in page.text
    again = await player.http.post(f"/payment-page/order/{juspay_id}/pay", data={"kind": "upi", "upi": "success@upi"})
    assert 400 == again.status_code


async def test_an_app_hears_what_its_shopper_did_on_the_page(player: Player) -> None:
    opened = await player.page_open()
    path = urlsplit(opened["page_url"]).path
    at_bank = await player.http.post(f"{path}/pay", data={"kind": "upi", "upi": "success@upi"})
    await answered(player, at_bank, "approve")
    events = await player.control("/_sdk/events?instance=app")
    assert ["charged"] == [event["payload"]["status"] for event in events["events"]]
    assert [] == (await player.control("/_sdk/events?instance=app"))["events"]


async def test_in_redirection_mode_there_is_no_process_result(player: Player) -> None:
    await player.initiated(integrationType="redirection")
    opened = await player.page_open()
    await player.http.post(urlsplit(opened["page_url"]).path + "/cancel")
    assert [] == (await player.control("/_sdk/events?instance=app"))["events"]


async def test_the_shopper_is_sent_back_by_a_form_where_the_merchant_wants_it() -> None:
    player = player_of(SandboxConfig((bakery(returns_by_post=True),)))
    page = await answered(player, await chosen(player, "upi", "success@upi"), "approve")
    assert (200, True) == (
        page.status_code,
        '<form method="post" action="https://bakery.example.test/back">' in page.text,
    )
    sent = dict(re.findall(r'name="(.+?)" value="(.*?)"', page.text))
    assert ("bun-7Kq2", "CHARGED", "21", "9") == tuple(
        sent[name] for name in ("order_id", "status", "status_id", "cart")
    )
    assert "HMAC-SHA256" == sent.pop("signature_algorithm")
    assert sent.pop("signature") == signature(list(sent.items()), "TEST-RESPONSE-KEY")
