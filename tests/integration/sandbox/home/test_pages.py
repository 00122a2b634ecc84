"""The sandbox's own pages show what it holds, as text, without a script and for everybody (ours)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import pytest
from integration.sandbox.home.looking import looked_at
from integration.sandbox.page.reading import Element, Read, read
from integration.sandbox.playing import KEY, Player
from integration.sandbox.receiving import Receiver, receiving

HOSTILE = "<script>alert(1)</script>\u202eevil"


async def _played(player: Player) -> None:
    await player.paid(description=HOSTILE)
    await player.refund("r1", "10")
    await player.arm("status_5xx", order_id="bun-later", calls=3)
    await player.arm("webhook_drop", route="ORDER_REFUNDED")


async def _at(player: Player, path: str) -> httpx.Response:
    await _played(player)
    return await player.http.get(path)


async def _order(player: Player) -> httpx.Response:
    await _played(player)
    return await player.http.get(f"/_home/orders/{(await player.truth())['juspay_id']}")


async def _problem(player: Player) -> httpx.Response:
    form = {"advance_s": "far", "back": "/"}
    return await player.http.post("/_home/clock", data=form, headers={"origin": "http://127.0.0.1:9000"})


Way = Callable[[Player], Awaitable[httpx.Response]]
PAGES: dict[str, Way] = {
    "home": lambda player: _at(player, "/"),
    "empty": lambda player: player.http.get("/"),
    "orders": lambda player: _at(player, "/_home/orders"),
    "order": _order,
    "webhooks": lambda player: _at(player, "/_home/webhooks"),
    "webhook": lambda player: _at(player, "/_home/webhooks/0"),
    "faults": lambda player: _at(player, "/_home/faults"),
    "ledger": lambda player: _at(player, "/_home/ledger"),
    "reference": lambda player: player.http.get("/_home/reference"),
    "problem": _problem,
    "nothing": lambda player: player.http.get("/_home/orders/ordeh_none"),
}
each_page = pytest.mark.parametrize("way", PAGES.values(), ids=PAGES)


@each_page
async def test_no_page_holds_a_script_a_style_or_an_address_of_somebody_else(player: Player, way: Way) -> None:
    answer = await way(player)
    page = read(answer)
    assert ["/payment-page/page.js"] == [one.attributes.get("src") for one in page.all("script")]
    assert [] == list(page.all("style"))
    assert [] == [name for one in page.elements for name in one.attributes if name == "style" or name.startswith("on")]
    assert [] == re.findall(r'(?:src|href|action)="(?:https?:)?//', answer.text)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self';")


@each_page
async def test_what_is_stored_shows_as_text(player: Player, way: Way) -> None:
    text = (await way(player)).text
    assert ("\u202e" in text, "<script>alert" in text) == (False, False)


@each_page
async def test_each_page_can_be_read_by_ear(player: Player, way: Way) -> None:
    page = read(await way(player))
    assert (1, 1, "en") == (
        len(list(page.all("h1"))),
        len(list(page.all("main"))),
        next(page.all("html")).attributes["lang"],
    )
    ids = [one.attributes["id"] for one in page.elements if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    assert [] == [one.attributes for one in page.all("input", "select") if not _has_label(page, one)]


def _has_label(page: Read, element: Element) -> bool:
    attributes = element.attributes
    if attributes.get("type") == "hidden":
        return True
    if attributes.get("type") == "checkbox":  # it stands within its label
        return page.elements[page.elements.index(element) - 1].tag == "label"
    return any(one.attributes.get("for") == attributes.get("id") for one in page.all("label"))


async def test_an_order_s_description_is_shown_with_its_marks(player: Player) -> None:
    text = (await _order(player)).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;[U+202E]evil" in text


async def test_the_clock_s_distance_from_the_machine_s_is_told(player: Player) -> None:
    player.clock.ahead = timedelta(days=1)
    assert "It is 1 day, 0:00:00 ahead of this machine&#39;s." in (await looked_at(player, "/")).text
    player.clock.ahead = -timedelta(hours=2)
    assert "It is 2:00:00 behind this machine&#39;s." in (await looked_at(player, "/")).text
    player.clock.ahead = timedelta(0)
    assert "this machine&#39;s" not in (await looked_at(player, "/")).text


async def test_of_a_key_a_fingerprint_is_shown_and_nothing_more(player: Player) -> None:
    text = (await looked_at(player, "/")).text
    assert [] == [secret for secret in (KEY, "TEST-RESPONSE-KEY", "hook-pass", "PRIVATE KEY") if secret in text]
    # by `printf %s TESTKEY00000000000000000000000AA | sha256sum`
    assert "SHA-256 72f2835159818479…" in text


async def test_a_webhook_is_shown_with_its_body_and_each_answer(receiver: Receiver) -> None:
    receiver.answer = lambda: 500
    async with receiving(receiver) as player:
        await player.session()
        await player.control("/_control/webhooks/deliver", {})
        receiver.answer = lambda: 200
        player.clock.advance(60)
        await player.control("/_control/webhooks/deliver", {})
        text = (await looked_at(player, "/_home/webhooks/0")).text
    assert "ORDER_CREATED" in text
    assert [" 500", " 200"] == re.findall(r"UTC:( \d+)</h3>", text)
    assert "&#34;event_name&#34;: &#34;ORDER_CREATED&#34;" in text


async def test_each_fault_stands_on_the_page_with_its_sentence(player: Player) -> None:
    kinds = (await player.control("/_control/faults"))["kinds"]
    page = read(await looked_at(player, "/_home/faults"))
    told = "".join(one.text for one in page.all("summary"))
    assert [] == [kind["name"] for kind in kinds if kind["message"].replace("`", "") not in told]


async def test_a_fault_that_waits_for_an_order_says_so(player: Player) -> None:
    await player.arm("status_5xx", order_id="bun-later")
    assert "There is no such order yet: it waits for one" in (await looked_at(player, "/")).text


async def test_the_ledger_can_be_narrowed(player: Player) -> None:
    await _played(player)
    await player.session(order_id="bun-other")
    text = (await looked_at(player, "/_home/ledger?order_id=bun-other&kind=effect")).text
    assert (1, False) == (text.count("<strong>order_created</strong>"), "txn_charged" in text)


async def test_a_long_list_says_what_is_left_out(player: Player) -> None:
    for number in range(11):
        await player.session(order_id=f"bun-{number}")
    text = (await looked_at(player, "/")).text
    assert "The newest 10 of 11." in text
    assert ">bun-0<" not in text
    assert ">bun-0<" in (await looked_at(player, "/_home/orders")).text


@pytest.mark.parametrize("path", ["/_home/orders/none", "/_home/webhooks/7"])
async def test_what_is_not_there_is_told(player: Player, path: str) -> None:
    answer = await player.http.get(path)
    assert (404, True) == (answer.status_code, "There is no such order or webhook." in answer.text)


@pytest.mark.parametrize("did", ["-1", "999", "x", "²"])
async def test_a_made_up_word_of_what_was_done_says_nothing(player: Player, did: str) -> None:
    assert "Done:" not in (await looked_at(player, f"/?did={did}")).text


@pytest.mark.parametrize("path", ["/_home/faults", "/_home/reference"])
async def test_names_in_a_sentence_are_set_as_code(player: Player, path: str) -> None:
    text = (await player.http.get(path)).text
    assert "<code>order_id</code>" in text or "<code>after_s</code>" in text
    assert "`" not in text
