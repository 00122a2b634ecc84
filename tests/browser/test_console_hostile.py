"""Whatever others have written is text on every page of the console: markup, a formula, marks of direction.

The console serves a store of its own here, so that Juspay's answers and the workers can be hostile too.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from typing import Final

import pytest_asyncio
from attrs import evolve, frozen
from browser.visiting import Visit
from integration.api.endpoints import two_endpoints
from integration.api.world import CUSTOMER
from integration.console.desk import Desk, PlainHasher, opened_desk

from paystate.core.evidence import References
from paystate.core.heartbeats import Heartbeat
from paystate.core.ports.outbox import DeliveryState
from paystate.core.urls import LOOPBACK
from paystate.entrypoints.console.app import create_app, lookout_of
from paystate.entrypoints.demo.stack import free_ports
from paystate.entrypoints.in_process_server import embedded
from paystate.entrypoints.service.server import bounded
from paystate.entrypoints.service.worker import Worker
from paystate.entrypoints.setup.tables.console import ConsoleSettings

SCRIPT: Final = "<img src=x onerror=document.title='taken'>"
FORMULA: Final = "=1+cmd|'/C calc'!A0"
MARKS: Final = "left \u200e right \u200f"
"""Marks that people's texts may have; those that turn a text around are refused as they come."""
STORED: Final = f"{SCRIPT} {FORMULA} {MARKS}"
SHOWN: Final = f"{SCRIPT} {FORMULA} left \u27e8U+200E\u27e9 right \u27e8U+200F\u27e9"
FROM_OUTSIDE: Final = f"{SCRIPT}\u202e{FORMULA}"
"""What Juspay or another machine says is kept as it came, and may turn around too."""


@frozen
class Hostile:
    """A console over orders that are nothing but hostile texts."""

    url: str
    desk: Desk


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hostile() -> AsyncIterator[Hostile]:
    (port,) = free_ports(1)
    url = f"http://{LOOPBACK}:{port}"
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind((LOOPBACK, port))
        async with opened_desk(subscribers=two_endpoints()) as desk:
            shop, settings = desk.shop, ConsoleSettings(public_url=url, second_person_above={"INR": "80"})
            app = create_app(shop.runtime, settings, PlainHasher())
            await Worker(shop.runtime).turn()  # makes the endpoints known
            await _play(desk)
            async with embedded(bounded(app, shop.runtime, host=LOOPBACK, port=port), listener):
                yield Hostile(url, desk)
                lookout_of(app).end()


async def _play(desk: Desk) -> None:
    """Every field that takes a text has one of them."""
    shop = desk.shop
    customer = {**CUSTOMER, "first_name": STORED, "last_name": FORMULA}
    await shop.opened(customer=customer, description=STORED, purchase=FORMULA)
    shop.gateway.says("lamp-1", "CHARGED")
    answer = shop.gateway.orders["lamp-1"]
    assert answer.txn is not None
    references = References(arn=FROM_OUTSIDE, rrn=SCRIPT, gateway=SCRIPT)
    txn = evolve(answer.txn, txn_id=SCRIPT, method=FROM_OUTSIDE, note=SCRIPT, references=references)
    shop.gateway.orders["lamp-1"] = evolve(answer, txn=txn)
    assert 200 == (await shop.post("/v1/orders/lamp-1/look")).status_code
    shop.gateway.orders["lamp-1"] = evolve(answer, status=FROM_OUTSIDE, txn=evolve(txn, status=FROM_OUTSIDE))
    shop.clock.advance(60)
    await shop.post("/v1/orders/lamp-1/look")
    now = shop.clock.now()
    beat = Heartbeat(worker_id="w", host=SCRIPT[:64], pid=7, version=FORMULA, started_at=now, beat_at=now, steps=1)
    await shop.store.leave_heartbeat(beat)
    await Worker(shop.runtime).turn()
    for row in await shop.store.deliveries("shop"):
        tried = evolve(row, tries=row.tries - 1)
        await shop.store.end_delivery(tried, DeliveryState.DEAD, now, outcome=FROM_OUTSIDE)
    await shop.hook(f'{{"id":"e-1","event_name":"{FORMULA}","content":{{"order":{{"order_id":"lamp-1"}}}}}}'.encode())


async def shown_at(visit: Visit, at: Hostile, path: str) -> str:
    """What a page shows, on which nothing of it has become an element or a script."""
    await visit.page.goto(f"{at.url}{path}")
    assert 0 == await visit.page.locator("img, main script").count()
    assert "taken" not in await visit.page.title()
    shown = await visit.page.locator("main").inner_text()
    assert not {*shown} & {*"\u200e\u200f\u202e"}
    return shown


async def enter(visit: Visit, at: Hostile, name: str) -> None:
    await visit.page.goto(f"{at.url}/sign-in")
    await visit.page.get_by_label("Name").fill(name)
    await visit.page.get_by_label("Password").fill(f"{name} has a long one")
    await visit.press("Sign in")
    await visit.page.get_by_role("button", name="Sign out").wait_for()


async def test_an_order_whose_every_text_is_hostile_shows_them_as_text(visit: Visit, hostile: Hostile) -> None:
    await enter(visit, hostile, "asha")
    shown = await shown_at(visit, hostile, "/orders/shop/lamp-1")
    assert 2 == shown.count(SHOWN)  # the customer's name and what the order is about
    outside = FROM_OUTSIDE.replace("\u202e", "\u27e8U+202E\u27e9")
    for text in (f"{SHOWN} {FORMULA}", f"attempt {SCRIPT}", outside, f"A webhook came: {FORMULA}"):
        assert text in shown, text
    for path in ("/orders/shop/lamp-1/at/1", "/orders/shop/lamp-1/refund", "/"):
        await shown_at(visit, hostile, path)


async def test_a_reason_that_is_markup_is_text_for_the_second_person_too(visit: Visit, hostile: Hostile) -> None:
    await enter(visit, hostile, "omar")
    await hostile.desk.shop.charged(order_id="lamp-2")
    await visit.page.goto(f"{hostile.url}/orders/shop/lamp-2/refund")
    await visit.page.get_by_label("Why").fill(STORED)
    await visit.press("Ask a second person")
    await visit.page.get_by_text("It needs a second person").wait_for()
    await visit.press("Sign out")
    await enter(visit, hostile, "asha")
    await shown_at(visit, hostile, "/requests")
    await visit.page.get_by_role("link", name="Refund of lamp-2").click()
    assert SHOWN in await shown_at(visit, hostile, visit.page.url.removeprefix(hostile.url))


async def test_what_is_searched_is_text_and_stays_in_its_field(visit: Visit, hostile: Hostile) -> None:
    await enter(visit, hostile, "asha")
    word = f'"><script>document.title="taken"</script> {FORMULA}'
    await visit.page.get_by_role("searchbox").fill(word)
    await visit.press("Find")
    assert word == await visit.page.get_by_role("searchbox").input_value()
    await visit.reads(f"0 orders for \u201c{word}\u201d")
    assert "Found - Paystate console" == await visit.page.title()


async def test_names_of_machines_and_answers_of_receivers_are_text(visit: Visit, hostile: Hostile) -> None:
    await enter(visit, hostile, "asha")
    shown = await shown_at(visit, hostile, "/operations")
    assert f"{SCRIPT}, process 7" in shown
    assert f"{FORMULA}, for " in shown
    assert FROM_OUTSIDE.replace("\u202e", "\u27e8U+202E\u27e9") in shown
    assert "lamp-1: order.paid of" in await shown_at(visit, hostile, "/operations/shop/replay")


async def test_what_was_given_up_is_delivered_again_by_who_has_seen_what_that_would_send(
    visit: Visit, hostile: Hostile
) -> None:
    async def states() -> list[DeliveryState]:
        return [row.state for row in await hostile.desk.shop.store.deliveries("shop")]

    await enter(visit, hostile, "vik")
    await visit.page.get_by_role("link", name="Operations").click()
    assert 0 == await visit.page.get_by_role("link", name="Deliver again").count()
    await visit.press("Sign out")
    await enter(visit, hostile, "omar")
    await visit.page.get_by_role("link", name="Operations").click()
    await visit.page.get_by_role("link", name="Deliver again").click()
    assert "lamp-1: order.paid of 2031-05-06 07:08:09, to shop" in await visit.page.locator("main").inner_text()
    assert [DeliveryState.DEAD] == await states()
    await visit.press("Deliver again: 1")
    await visit.page.get_by_text("1, the oldest for").first.wait_for()
    assert [DeliveryState.WAITING] == await states()
    assert 0 == await visit.page.get_by_role("link", name="Deliver again").count()
