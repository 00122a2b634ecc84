"""The whole service in front of the stand-in, where money is not the price: each sum is worked out by hand.

Every order is of 349.50. Source of the bodies: gateway contract, O.1 to O.6.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from e2e.shop import ORDER, START, Shop, installed, shop
from e2e.test_standin import turns

from paystate.adapters.clock import SettableClock

ID: str = ORDER["order_id"]
SUMS = ("amount_captured", "amount_refunded", "amount_refundable", "may_fulfil")


def books(order: dict[str, Any]) -> tuple[object, ...]:
    """Taken, back, may go back, may the goods go, and the kinds of what a person must look at."""
    return (*(order[name] for name in SUMS), sorted(reason["kind"] for reason in order["review"]))


async def at_the_end(at: Shop, refund_id: str) -> dict[str, Any]:
    at.juspay.settled(refund_id)
    return await at.look()


@pytest.mark.parametrize(
    ("paid", "discount", "surcharge", "too_much"),
    # 349.50 less 52.50; 349.50 and 7.70.
    [("297.00", "52.50", "0.00", "297.01"), ("357.20", "0.00", "7.70", "357.21")],
    ids=["offer", "surcharge"],
)
async def test_what_was_paid_goes_back(tmp_path: Path, paid: str, discount: str, surcharge: str, too_much: str) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)):
        await at.at_the_page()
        at.juspay.paid_as(ID, paid)
        order = await at.look()
        assert (paid, "0.00", paid, True, []) == books(order)
        assert (paid, discount, surcharge) == (order["amount_paid"], order["discount"], order["surcharge"])
        assert 422 == (await at.refund(too_much, "k")).status_code
        refund = (await at.refund(paid, "k2")).json()["refund"]
        order = await at_the_end(at, refund["refund_id"])
        assert ("REFUNDED", (paid, paid, "0.00", False, [])) == (order["status"], books(order))


@pytest.mark.parametrize(
    ("word", "right"),
    [
        ("PENDING", ("349.50", "0.00", "0.00", False, [])),
        ("SUCCESS", ("349.50", "349.50", "0.00", False, [])),
        ("MANUAL_REVIEW", ("349.50", "0.00", "0.00", False, ["refund_review"])),
        ("FAILURE", ("349.50", "0.00", "349.50", False, ["auto_refund_failed"])),
    ],
)
async def test_the_payment_is_given_back_by_juspay(tmp_path: Path, word: str, right: tuple[object, ...]) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)):
        await at.at_the_page()
        at.juspay.paid(ID)
        at.juspay.given_back(ID, word)
        order = await at.look()
        assert ("AUTO_REFUNDED", right) == (order["status"], books(order))


async def test_a_return_that_failed_is_made_by_the_merchant(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)):
        await at.at_the_page()
        at.juspay.paid(ID)
        at.juspay.given_back(ID, "FAILURE")
        await at.look()
        refund = (await at.refund("349.50", "k")).json()["refund"]
        order = await at_the_end(at, refund["refund_id"])
        assert [refund["refund_id"]] == at.juspay.effects
        assert ("349.50", "349.50", "0.00", False) == books(order)[:4]


async def test_goods_that_were_released_are_called_back_when_the_payment_is(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)):
        assert await at.charged()
        at.juspay.given_back(ID, "SUCCESS")
        assert ("349.50", "349.50", "0.00", False, ["withdrawn"]) == books(await at.look())


async def test_another_payment_is_given_back_beside_the_one_that_stands(tmp_path: Path) -> None:
    """349.50 twice is 699.00; one of them is back, and the other may be refunded like any payment."""
    async with shop(tmp_path, tells_eligible=True) as at, installed(at, SettableClock(START)):
        await at.at_the_page()
        at.juspay.paid(ID)
        at.juspay.given_back(ID, "SUCCESS", beside=True)
        order = await at.look()
        assert ("CHARGED", ("699.00", "349.50", "349.50", True)) == (order["status"], books(order)[:4])
        assert ["unexplained_payment"] == [reason["kind"] for reason in order["review"]]
        refund = (await at.refund("349.50", "k")).json()["refund"]
        order = await at_the_end(at, refund["refund_id"])
        assert ("REFUNDED", ("699.00", "699.00", "0.00", False)) == (order["status"], books(order)[:4])


async def test_several_transactions_pay_and_give_back_together(tmp_path: Path) -> None:
    """A gift card paid 99.50 and UPI 250.00; of 300.00 that go back the card has its 99.50 and UPI 200.50."""
    async with shop(tmp_path) as at, installed(at, SettableClock(START)):
        await at.at_the_page()
        at.juspay.paid_together(ID, "99.50", "250.00")
        assert ("349.50", "0.00", "349.50", True, []) == books(await at.look())
        refund = (await at.refund("300.00", "k")).json()["refund"]
        assert "PENDING" == refund["state"]
        assert ("349.50", "0.00", "49.50", True, []) == books(await at.order())
        shares = [[one["amount"] for one in leg.refunds] for leg in at.juspay.orders[ID.lower()].legs]
        assert [[Decimal("99.50")], [Decimal("200.50")]] == shares
        order = await at_the_end(at, refund["refund_id"])
        assert ("PARTIALLY_REFUNDED", ("349.50", "300.00", "49.50", True, [])) == (order["status"], books(order))
        assert [refund["refund_id"]] == at.juspay.effects


async def test_a_part_that_was_taken_is_all_that_may_go_back(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)):
        await at.at_the_page()
        at.juspay.paid_in_part(ID, "120.00")
        order = await at.look()
        assert ("120.00", "0.00", "120.00", False, ["partial_capture"]) == books(order)
        settled = {"reason": order["review"][0]["key"], "verdict": "accepted", "by": "Asha", "note": "enough"}
        assert 200 == (await at.call("POST", f"/v1/orders/{ID}/review", settled)).status_code
        assert 422 == (await at.refund("120.01", "k")).status_code
        refund = (await at.refund("120.00", "k2")).json()["refund"]
        order = await at_the_end(at, refund["refund_id"])
        assert ("REFUNDED", ("120.00", "120.00", "0.00", False)) == (order["status"], books(order)[:4])


async def test_juspays_own_limit_counts_what_was_refunded_elsewhere(tmp_path: Path) -> None:
    """49.50 went back at the dashboard: 300.00 are left by both counts."""
    async with shop(tmp_path, tells_eligible=True) as at, installed(at, SettableClock(START)):
        await at.charged()
        elsewhere = {"unique_request_id": "dash1", "amount": Decimal("49.50"), "status": "SUCCESS"}
        at.juspay.orders[ID.lower()].refunds.append({**elsewhere, "initiated_by": "shp_desk"})
        order = await at.look()
        assert (("349.50", "49.50", "300.00", True, []), "300.00") == (books(order), order["juspay_refundable"])


async def test_a_second_charge_that_only_a_webhook_names_is_looked_for_and_told(tmp_path: Path) -> None:
    """Its status names one transaction only: the second charge counts when an answer shows it."""
    async with shop(tmp_path) as at, installed(at, SettableClock(START)) as one:
        await at.charged()
        looks = len(at.called("status"))
        assert 200 == (await at.hook(at.juspay.txn_webhook(ID, 2, "CHARGED", "evt_t2"))).status_code
        await turns(at, one, 10)
        assert looks < len(at.called("status"))
        assert ("349.50", "0.00", "349.50", True, ["unexplained_payment"]) == books(await at.order())
        at.juspay.paid(ID)  # now the second one is what it names
        assert ("699.00", "0.00", "699.00", True, ["second_charge"]) == books(await at.look())
