"""Each payload of the SDK, made by the rules and signed by the adapter, is taken by the sandbox's SDK."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from integration.sandbox.playing import START, Player, bakery, key_pair, player_of

from paystate.adapters.signing.keyring import KeyRing, KeyState, parse_key
from paystate.adapters.signing.rsa import RsaSigner
from paystate.core.checkouts import sdk_payloads
from paystate.core.checkouts.checkout import CheckoutOpened
from paystate.core.checkouts.sdk_payloads import Account, Action, Extras, InBrowser
from paystate.core.money import Money
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.facts import Customer, Decision, Opened
from paystate.core.orders.order import Order
from paystate.core.policy import DEFAULT
from paystate.entrypoints.sandbox import SandboxConfig

SIGNER = RsaSigner(KeyRing([parse_key("key-1", key_pair()[0].encode(), KeyState.ACTIVE)]))
ACCOUNT = Account(
    merchant_id="bakery",
    client_id="bakery",
    environment="sandbox",
    return_url="https://bakery.example.test/return/bakery",
)
OPENED = CheckoutOpened(merchant_id="bakery", checkout_id="chk_1", customer_id="c-77", first_name="Zo\u00eb \u0905")
EXTRAS = Extras(members={"udf1": "table 5"}, offer_details={"offer_code": "BUN"}, language="hindi")


def made_order(order_id: str = "bun-9") -> Order:
    opened = Opened(
        merchant_id="bakery",
        order_id=order_id,
        amount=Money(10_000, "INR"),
        customer=Customer(customer_id="c-77", email="dev@example.test", phone="9000000001"),
        description='Two "buns" / \u0905',
        window_s=DEFAULT.fulfilment_window_s,
    )
    decided = decide(None, OpenOrder(opened), DEFAULT, START)
    assert isinstance(decided, Decision)
    return decided.after


ORDER = made_order()


@pytest.fixture
async def app() -> AsyncIterator[Player]:
    player = player_of(SandboxConfig((bakery(),), payment_attempt_event=True))
    async with player.http:
        yield player


async def told(app: Player, method: str, payload: str) -> list[str]:
    """What a call gives: its events, and `page` where a page is open afterwards; an error by its own code."""
    answer = await app.sdk(method, json.loads(payload))
    events = [event["errorCode"] or event["event"] for event in answer["events"]]
    return [*events, *(["page"] if answer.get("page_url") else [])]


async def open_page(app: Player, **more: Any) -> None:
    initiate = sdk_payloads.initiate(ACCOUNT, OPENED, request_id="r-1", now=START, sign=SIGNER.sign)
    assert ["initiate_result"] == await told(app, "initiate", initiate)
    process = sdk_payloads.process(ACCOUNT, ORDER, request_id="r-2", now=START, sign=SIGNER.sign, **more)
    assert ["show_loader", "hide_loader", "page"] == await told(app, "process", process)


async def reference(app: Player) -> str:
    answer = await app.act("pay", method={"upi": "success@upi"})
    return str(answer["events"][0]["payload"]["txnReference"])


async def test_prefetch_is_taken(app: Player) -> None:
    assert [] == await told(app, "preFetch", sdk_payloads.prefetch(ACCOUNT))


async def test_an_initiate_of_session_mode_is_taken(app: Player) -> None:
    browser = InBrowser("iframe", "pay-here")
    initiate = sdk_payloads.initiate(ACCOUNT, OPENED, request_id="r-1", now=START, sign=None, browser=browser)
    assert ["initiate_result"] == await told(app, "initiate", initiate)


@pytest.mark.parametrize("action", Action)
async def test_each_action_opens_the_page_of_the_order(app: Player, action: Action) -> None:
    await open_page(app, action=action, extras=EXTRAS)
    order = await app.status("bun-9")
    assert ("NEW", 100, "table 5") == (order["status"], order["amount"], order["udf1"])


async def test_an_update_tells_the_order_anew(app: Player) -> None:
    await open_page(app)
    update = sdk_payloads.update_order(ACCOUNT, ORDER, request_id="r-3", now=START, sign=SIGNER.sign, extras=EXTRAS)
    assert ["page"] == await told(app, "process", update)
    assert "table 5" == (await app.status("bun-9"))["udf1"]


async def test_an_update_of_another_order_is_not_taken(app: Player) -> None:
    await open_page(app)
    update = sdk_payloads.update_order(ACCOUNT, made_order("bun-8"), request_id="r-3", now=START, sign=SIGNER.sign)
    assert ["JP_001"] == await told(app, "process", update)


async def test_a_payment_that_waits_goes_on(app: Player) -> None:
    await open_page(app)
    resume = sdk_payloads.resume_payment(await reference(app), goes_on=True, request_id="r-3")
    assert ["process_result"] == await told(app, "process", resume)
    assert "CHARGED" == (await app.status("bun-9"))["status"]


async def test_a_payment_that_waits_goes_on_with_the_order_told_anew(app: Player) -> None:
    await open_page(app)
    resume = sdk_payloads.resume_payment_with(
        ACCOUNT, ORDER, await reference(app), request_id="r-3", now=START, sign=SIGNER.sign, extras=EXTRAS
    )
    assert ["process_result"] == await told(app, "process", resume)
    order = await app.status("bun-9")
    assert ("CHARGED", "table 5") == (order["status"], order["udf1"])


async def test_a_payment_that_is_given_up_is_not_made(app: Player) -> None:
    await open_page(app)
    await told(app, "process", sdk_payloads.resume_payment(await reference(app), goes_on=False, request_id="r-3"))
    assert "NEW" == (await app.status("bun-9"))["status"]
