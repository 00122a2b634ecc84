"""An order is found by what stands on it, and its page tells where it stands, its money, and what may be done."""

import re
from typing import Any

import pytest
from integration.api.world import CUSTOMER
from integration.console.desk import Desk, csrf_in, told

from paystate.core.errors import OutcomeUnknown, RecordUnreadable

SCRIPT = '<img src=x onerror="alert(1)">'
FORMULA = "=HYPERLINK(1)"
REVERSED = "safe \u200e\u200f name"  # marks that are allowed in people's texts; those that turn text around are refused


def text_of(html: str) -> str:
    """What a page shows, on one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html.rpartition("<main")[2]))


@pytest.fixture
async def asha(desk: Desk) -> Desk:
    await desk.signs_in("asha")
    return desk


@pytest.mark.parametrize(
    "word", ["lamp-1", "LAMP-1", "c-7", "+91 90000 00001", "dev@example.test", "t-1", "uuid-of-t-1"]
)
async def test_any_one_word_that_stands_on_an_order_leads_to_it(asha: Desk, word: str) -> None:
    await asha.shop.charged()
    answer = await asha.http.get("/search", params={"q": word}, headers=asha._headers({}))
    assert (303, "/orders/shop/lamp-1") == (answer.status_code, answer.headers["location"])


async def test_several_orders_come_as_a_list(asha: Desk) -> None:
    await asha.shop.opened(order_id="lamp-1")
    await asha.shop.opened(order_id="lamp-2")
    shown = text_of((await asha.get("/search?q=lamp")).text)
    assert "2 orders for" in shown
    assert {"lamp-1", "lamp-2"} <= set(shown.split())


@pytest.mark.parametrize("word", ["none", "' or 1=1 --", "%", "a" * 5000, SCRIPT])
async def test_a_word_that_fits_nothing_says_so_and_is_shown_as_text(asha: Desk, word: str) -> None:
    await asha.shop.opened()
    answer = await asha.http.get("/search", params={"q": word}, headers=asha._headers({}))
    assert 200 == answer.status_code
    assert "Nothing fits." in answer.text
    assert SCRIPT not in answer.text


async def test_the_money_box_adds_up_as_the_order_does(asha: Desk) -> None:
    await asha.shop.charged(amount="123456.50")
    await asha.shop.refund("56.50", "r-1")
    shown = text_of((await asha.get("/orders/shop/lamp-1")).text)
    for line in (
        "Price \u20b91,23,456.50",
        "Paid \u20b91,23,456.50",
        "Captured \u20b91,23,456.50",
        "Refunded \u20b90.00",
        "Reserved \u20b956.50",
        "Refundable \u20b91,23,400.00",
    ):
        assert line in shown


async def test_only_legal_actions_are_offered_and_the_others_tell_their_rule(asha: Desk) -> None:
    await asha.shop.charged()
    html = (await asha.get("/orders/shop/lamp-1")).text
    assert 'href="/orders/shop/lamp-1/refund"' in html
    for kind in ("capture", "void", "cancel"):
        assert f'href="/orders/shop/lamp-1/{kind}"' not in html
    shown = text_of(html)
    assert "No money is held for the order now, so nothing can be taken or released (rule O21)." in shown
    assert "(rule S2)." in shown


async def test_a_new_order_may_be_cancelled_and_not_refunded(asha: Desk) -> None:
    await asha.shop.opened()
    html = (await asha.get("/orders/shop/lamp-1")).text
    assert 'href="/orders/shop/lamp-1/cancel"' in html
    assert "No captured money is left on this order to refund (rule O5)." in text_of(html)


async def test_the_way_through_the_statuses_is_shown_with_the_last_one_marked(asha: Desk) -> None:
    await asha.shop.charged()
    html = (await asha.get("/orders/shop/lamp-1")).text
    steps = re.findall(r'<li class="[a-z]+( now)?"[^>]*>\s*<a[^>]*>([^<]*)<', html.partition('<ol class="steps"')[2])
    assert [("", "New"), (" now", "Charged")] == steps


async def test_the_timeline_tells_each_moment_its_source_and_how_much_later_it_came(asha: Desk) -> None:
    await asha.shop.opened()
    asha.shop.clock.advance(3 * 60)
    asha.shop.gateway.says("lamp-1", "CHARGED")
    await asha.shop.post("/v1/orders/lamp-1/look")
    shown = text_of((await asha.get("/orders/shop/lamp-1")).text)
    assert "Your backend opened the order; nothing was sent to Juspay" in shown
    assert "3 min later Juspay says CHARGED: paid" in shown
    assert "Juspay's answer to our own question" in shown.replace("&#39;", "'")


async def test_the_customer_s_answer_names_the_sum_and_no_rule(asha: Desk) -> None:
    await asha.shop.charged()
    html = (await asha.get("/orders/shop/lamp-1")).text
    answer = html.partition('<textarea id="reply"')[2].partition(">")[2].partition("</textarea>")[0]
    lines = ["About your order lamp-1:", "Your payment of \u20b9100.00 has reached us.", "Your order can be sent."]
    assert lines == answer.strip().splitlines()


async def test_juspay_is_asked_on_demand(asha: Desk) -> None:
    await asha.shop.opened()
    asha.shop.gateway.says("lamp-1", "CHARGED")
    answer = await asha.sends("/orders/shop/lamp-1", "/orders/shop/lamp-1/look")
    assert ("/orders/shop/lamp-1", "looked") == told(answer)
    assert "CHARGED" == (await asha.shop.get("/v1/orders/lamp-1")).json()["status"]


async def test_a_juspay_that_gives_no_answer_is_told(asha: Desk) -> None:
    await asha.shop.opened()
    asha.shop.gateway.fault = OutcomeUnknown("down")
    answer = await asha.sends("/orders/shop/lamp-1", "/orders/shop/lamp-1/look")
    assert "Juspay gave no answer" in (await asha.get(answer.headers["location"])).text


async def test_an_order_is_shown_as_it_was_after_each_fact(asha: Desk) -> None:
    await asha.shop.charged()
    first = text_of((await asha.get("/orders/shop/lamp-1/at/1")).text)
    assert "Captured \u20b90.00" in first
    assert "Fact 1 of 2" in first
    last = text_of((await asha.get("/orders/shop/lamp-1/at/2")).text)
    assert "Captured \u20b9100.00" in last
    for version in (0, 3):
        assert 404 == (await asha.get(f"/orders/shop/lamp-1/at/{version}")).status_code


@pytest.mark.parametrize(
    "path", ["/orders/shop/none", "/orders/none/lamp-1", "/orders/shop/a.b", "/requests/none", "/x"]
)
async def test_what_is_not_there_is_a_page_that_says_so(asha: Desk, path: str) -> None:
    answer = await asha.get(path)
    assert 404 == answer.status_code
    assert answer.text.startswith("<!doctype html>")


@pytest.mark.parametrize("stored", [SCRIPT, FORMULA, REVERSED])
async def test_stored_script_formula_and_marks_of_direction_show_as_text(asha: Desk, stored: str) -> None:
    customer: dict[str, Any] = {**CUSTOMER, "first_name": stored, "last_name": stored}
    await asha.shop.opened(customer=customer, description=stored, purchase="p-1")
    html = (await asha.get("/orders/shop/lamp-1")).text
    assert SCRIPT not in html
    assert not re.search("[\u200e\u200f]", html)
    expected = {
        SCRIPT: "&lt;img src=x onerror=&#34;alert(1)&#34;&gt;",
        FORMULA: FORMULA,
        REVERSED: "safe \u27e8U+200E\u27e9\u27e8U+200F\u27e9 name",
    }
    assert 2 <= html.count(expected[stored])


async def test_a_database_that_is_gone_is_told_and_nothing_else(asha: Desk) -> None:
    asha.shop.store.is_gone = True
    answer = await asha.get("/")
    assert 503 == answer.status_code
    assert "Nothing was changed." in answer.text


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_record_that_cannot_be_read_is_told_as_that_where_nothing_was_sent(
    asha: Desk, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    async def is_damaged(_: object) -> object:
        raise RecordUnreadable("order 1")

    csrf = {"csrf": csrf_in((await asha.get("/")).text)}
    monkeypatch.setattr(asha.shop.store, "load", is_damaged)
    path = "/orders/shop/lamp-1"
    answer = await (asha.get(path) if method == "GET" else asha.post(f"{path}/look", csrf))
    assert 503 == answer.status_code
    assert ("A stored record is damaged" in answer.text) is (method == "GET")
    assert ("look at the order before you try again" in answer.text) is (method == "POST")


@pytest.mark.parametrize("word", ["\x00", "lamp\u202e-1", "lamp\n1"])
async def test_a_word_with_something_hidden_in_it_is_not_looked_for(asha: Desk, word: str) -> None:
    await asha.shop.opened()
    answer = await asha.http.get("/search", params={"q": word}, headers=asha._headers({}))
    assert (200, 0) == (answer.status_code, asha.shop.store.uses["find_word"])
    assert "Nothing fits." in answer.text


async def test_what_was_done_is_told_once_and_no_link_makes_a_page_say_it(asha: Desk) -> None:
    await asha.shop.charged()
    page = "/orders/shop/lamp-1"
    await asha.sends(f"{page}/refund?amount=1.00", f"{page}/refund", words="x")
    stored = "The refund is stored, and its money is reserved."
    assert stored not in (await asha.get("/orders/shop/lamp-1/at/1")).text
    assert stored in (await asha.get(page)).text
    assert stored not in (await asha.get(page)).text
    assert stored not in (await asha.get(f"{page}?told=refund")).text


async def test_a_fault_of_ours_shows_nothing_of_itself(asha: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> object:
        raise RuntimeError("CANARY")

    monkeypatch.setattr("paystate.entrypoints.console.case_file.lifecycle_path", breaks)
    await asha.shop.charged()
    answer = await asha.get("/orders/shop/lamp-1")
    assert 500 == answer.status_code
    assert "CANARY" not in answer.text
