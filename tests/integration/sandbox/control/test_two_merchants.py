"""Two merchants may have an order of the same id: what is done to one leaves the other alone (ours)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from integration.sandbox.home.looking import looked_at, sent
from integration.sandbox.playing import SESSION, Player, bakery, player_of

from paystate.entrypoints.sandbox import SandboxConfig, WebhookTarget

ORDER = SESSION["order_id"]
OF_FLORIST = {"merchant_id": "florist", "order_id": ORDER}
HOOK = WebhookTarget("http://127.0.0.1:9/hook")


@pytest.fixture
async def both() -> AsyncIterator[Player]:
    """A bakery and a florist, each with a paid order of the same id."""
    merchants = [bakery(merchant_id=name, api_key=f"KEY-{name}", webhook=HOOK) for name in ("bakery", "florist")]
    one = player_of(SandboxConfig(tuple(merchants)))
    async with one.http:
        for name in ("bakery", "florist"):
            made = {"merchant_id": name, "order_id": ORDER, "amount": "100.00", "paid": True}
            await one.control("/_control/orders", made)
        yield one


async def asked(player: Player, merchant: str) -> int:
    headers = {"x-merchantid": merchant}
    return (await player.http.get(f"/orders/{ORDER}", headers=headers, auth=(f"KEY-{merchant}", ""))).status_code


async def refunds(player: Player, merchant: str) -> int:
    return len((await player.control(f"/_control/orders/{ORDER}?merchant_id={merchant}"))["refunds"])


async def test_a_fault_of_one_merchant_s_order_happens_to_that_order(both: Player) -> None:
    await both.control("/_control/faults", {"name": "external_refund", **OF_FLORIST})
    assert (0, 1) == (await refunds(both, "bakery"), await refunds(both, "florist"))


async def test_a_fault_of_one_merchant_s_calls_waits_for_that_merchant(both: Player) -> None:
    armed = await both.control("/_control/faults", {"name": "status_5xx", **OF_FLORIST, "route": "order_status"})
    assert "florist" == armed["merchant_id"]
    assert (200, 500, 200) == (await asked(both, "bakery"), await asked(both, "florist"), await asked(both, "florist"))


async def test_a_fault_of_one_merchant_waits_for_its_order_where_another_has_one(both: Player) -> None:
    fault = {"name": "status_5xx", "merchant_id": "florist", "order_id": "bun-later"}
    await both.control("/_control/orders", {"merchant_id": "bakery", "order_id": "bun-later", "amount": "1.00"})
    assert (await both.control("/_control/faults", fault))["waits_for_order"]


async def test_a_fault_of_one_merchant_s_webhooks_leaves_the_other_s_alone(both: Player) -> None:
    await both.control("/_control/faults", {"name": "webhook_drop", **OF_FLORIST})
    before = len(await both.deliveries())
    await both.control("/_control/faults", {"name": "external_refund", "merchant_id": "bakery", "order_id": ORDER})
    assert before < len(await both.deliveries())


async def test_a_fault_of_a_merchant_who_is_not_there_is_refused(both: Player) -> None:
    answer = await both.http.post("/_control/faults", json={"name": "status_5xx", "merchant_id": "nobody"})
    assert (404, "no_such_merchant") == (answer.status_code, answer.json()["code"])


async def test_the_ledger_of_one_merchant_s_order_tells_of_that_order(both: Player) -> None:
    entries = (await both.control(f"/_control/ledger?order_id={ORDER}&merchant_id=florist"))["entries"]
    assert entries
    assert {"florist"} == {entry["merchant_id"] for entry in entries}


async def test_an_order_s_page_tells_of_that_order_and_its_form_is_for_it(both: Player) -> None:
    await both.control("/_control/faults", {"name": "external_refund", **OF_FLORIST})
    mine = await both.control(f"/_control/orders/{ORDER}?merchant_id=bakery")
    text = (await looked_at(both, f"/_home/orders/{mine['juspay_id']}")).text
    assert "refund_created" not in text
    link = f"/_home/faults?order_id={ORDER}&amp;merchant_id=bakery"
    assert f'href="{link}"' in text
    form = (await looked_at(both, link.replace("&amp;", "&"))).text
    assert '<option value="bakery" selected>' in form


async def test_a_form_arms_a_fault_for_one_merchant_s_order(both: Player) -> None:
    await sent(both, "faults", name="external_refund", **OF_FLORIST, calls="1", back="/")
    assert (0, 1) == (await refunds(both, "bakery"), await refunds(both, "florist"))
