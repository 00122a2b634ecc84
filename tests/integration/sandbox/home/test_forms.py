"""The forms on the sandbox's own pages do what the control API does, and nobody else's page can send one (ours)."""

from __future__ import annotations

import httpx
import pytest
from integration.sandbox.home.looking import looked_at, sent
from integration.sandbox.playing import BASE, Player


async def test_the_clock_goes_forward_and_the_page_says_so(player: Player) -> None:
    before = player.clock.now()
    answer = await sent(player, "clock", advance_s="600", back="/")
    assert (303, 600) == (answer.status_code, (player.clock.now() - before).total_seconds())
    page = await looked_at(player, answer.headers["location"])
    assert "Done.</strong> The clock was moved, and what became due has happened." in page.text
    assert "<title>Done: Sandbox" in page.text


async def test_a_fault_is_armed_for_an_order_and_the_next_calls(player: Player) -> None:
    fields = {"name": "status_5xx", "order_id": "bun-7Kq2", "route": "order_status", "calls": "2"}
    await sent(player, "faults", **fields, **{"params.status": "503"}, back="/_home/faults")
    (armed,) = (await player.control("/_control/faults"))["armed"]
    assert ("bun-7Kq2", "order_status", 2, {"status": 503}) == tuple(
        armed[name] for name in ("order_id", "route", "calls", "params")
    )
    await player.session()
    assert [503, 503, 200] == [(await player.get("/orders/bun-7Kq2")).status_code for _ in range(3)]


async def test_a_fault_with_a_fraction_and_an_empty_field_is_armed(player: Player) -> None:
    await sent(player, "faults", name="slow_drip", order_id="", route="", calls="1", **{"params.every_s": "0.5"})
    (armed,) = (await player.control("/_control/faults"))["armed"]
    assert (None, 0.5) == (armed["order_id"], armed["params"]["every_s"])


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": "none"}, "there is no fault none"),
        ({"name": "status_5xx", "calls": "many"}, "“How many times” must be a whole number"),
        ({"name": "status_5xx", "params.status": "much"}, "status_5xx: status is a number"),
        ({"name": "status_5xx", "params.statsu": "503"}, "status_5xx: it has no parameter statsu"),
        ({"name": "late_success", "order_id": "none"}, "no such order"),
        ({"name": "late_success"}, "“Order id” is missing"),
        ({"name": "status_5xx", "order_id": "bun 9"}, "“Order id” has up to 20 letters"),
        ({"name": "status_5xx", "calls": "1000000000000"}, "“How many times” must be a whole number"),
    ],
)
async def test_what_cannot_be_is_told_on_the_page_and_changes_nothing(
    player: Player, fields: dict[str, str], problem: str
) -> None:
    answer = await sent(player, "faults", **fields, back="/_home/faults")
    assert answer.status_code in {404, 422}
    assert f"Nothing was changed.</strong> {problem}" in answer.text
    assert "<title>Problem: Faults" in answer.text
    assert [] == await player.armed()


async def test_a_refused_fault_keeps_what_was_typed(player: Player) -> None:
    fields = {"name": "status_5xx", "order_id": "bun-9", "route": "refund", "calls": "many", "params.status": "503"}
    page = (await sent(player, "faults", **fields, back="/_home/faults")).text
    assert '<details class="fault" id="status_5xx" open>' in page
    for kept in ('id="status_5xx-order_id" name="order_id" value="bun-9"', "<option selected>refund<", 'value="many"'):
        assert 1 == page.count(kept), kept
    assert 1 == page.count('name="params.status" value="503"')


async def test_a_refused_order_keeps_what_was_typed_and_says_in_plain_words_what_is_wrong(player: Player) -> None:
    fields = {"merchant_id": "bakery", "order_id": "bun-1", "amount": "349.50", "paid": "perhaps"}
    page = (await sent(player, "orders", **fields, back="/")).text
    assert "Nothing was changed.</strong> paid must be true or false" in page
    for kept in ('name="order_id" value="bun-1"', 'name="amount" value="349.50"', 'value="true" checked'):
        assert 1 == page.count(kept), kept


async def test_a_refused_move_of_the_clock_keeps_what_was_typed(player: Player) -> None:
    page = (await sent(player, "clock", advance_s="an hour", back="/")).text
    assert "Nothing was changed.</strong> “Seconds to move it” must be a number" in page
    assert 'name="advance_s" value="an hour"' in page


async def test_a_fault_is_disarmed(player: Player) -> None:
    for _ in range(3):
        await player.arm("status_5xx")
    await sent(player, "faults/1/delete", back="/")
    assert 2 == len(await player.armed())
    await sent(player, "faults/delete", back="/")
    assert [] == await player.armed()


async def test_an_order_is_made_and_paid(player: Player) -> None:
    await sent(player, "orders", merchant_id="bakery", order_id="bun-1", amount="349.50", paid="true")
    assert "CHARGED" == (await player.truth("bun-1"))["status"]


async def test_a_pending_payment_and_a_refund_are_settled(player: Player) -> None:
    await player.page_open(amount="800")
    await player.act("pay", method={"nb": "NB_AXIS"})
    await sent(player, "orders/bun-7Kq2/settle?merchant_id=bakery", outcome="SUCCESS", back="/")
    await player.refund("r1", "10")
    await sent(player, "orders/bun-7Kq2/refunds/r1?merchant_id=bakery", status="FAILURE", back="/")
    truth = await player.truth()
    assert ("CHARGED", ["FAILURE"]) == (truth["status"], [one["status"] for one in truth["refunds"]])


async def test_webhooks_are_sent_again_and_forged(player: Player) -> None:
    await player.session()
    path = "orders/bun-7Kq2"
    await sent(player, f"{path}/resend?merchant_id=bakery", back="/")
    await sent(player, f"{path}/forge", event_name="ORDER_SUCCEEDED", status="CHARGED", wrong_password="true", back="/")
    deliveries = await player.deliveries()
    assert ["ORDER_CREATED", "ORDER_CREATED", "ORDER_SUCCEEDED"] == [one["event_name"] for one in deliveries]
    await sent(player, "webhooks/deliver", back="/_home/webhooks")
    assert [1, 1, 1] == [one["attempts"] for one in await player.deliveries()]


@pytest.mark.parametrize("back", ["https://evil.example.test/", "//evil.example.test/", "//[", "/payment-page", ""])
async def test_a_form_leads_back_to_our_own_pages_alone(player: Player, back: str) -> None:
    answer = await sent(player, "clock", advance_s="1", back=back)
    assert answer.headers["location"].startswith("/?did=")


async def test_a_refused_form_of_a_webhook_s_page_that_cannot_be_is_answered(player: Player) -> None:
    answer = await sent(player, "faults", name="none", back=f"/_home/webhooks/{'9' * 5000}")
    assert 404 == answer.status_code


# --- strangers


async def tried(player: Player, **headers: str) -> tuple[int, bool]:
    """What a form is answered with that somebody else sends, and whether it moved the clock."""
    before = player.clock.now()
    answer = await player.http.post("/_home/clock", data={"advance_s": "60"}, headers=headers)
    return answer.status_code, before != player.clock.now()


@pytest.mark.parametrize(
    "origin", ["https://evil.example.test", "null", "http://127.0.0.1:3000", "http://localhost:9000"]
)
async def test_a_form_of_another_origin_is_refused(player: Player, origin: str) -> None:
    assert (403, False) == await tried(player, origin=origin)


async def test_a_form_that_names_no_origin_is_refused(player: Player) -> None:
    assert (403, False) == await tried(player)


async def test_a_form_of_our_own_is_taken(player: Player) -> None:
    assert (303, True) == await tried(player, origin=BASE)


@pytest.mark.parametrize("path", ["/", "/_home/orders", "/_home/faults", "/_home/webhooks", "/_home/ledger"])
async def test_a_name_that_points_here_sees_no_page(player: Player, path: str) -> None:
    answer = await player.http.get(path, headers={"host": "evil.example.test"})
    assert (403, "not_this_machine") == (answer.status_code, answer.json()["code"])


async def test_pages_may_not_be_framed_and_send_their_origin(player: Player) -> None:
    headers: httpx.Headers = (await player.http.get("/")).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "same-origin" == headers["referrer-policy"]
