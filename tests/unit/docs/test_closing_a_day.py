"""The worked example of closing a day, held to the core: each row of the page is played and must come to its figures.

Source: `docs/how-to/read-an-order.md`.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from unit.builders import after, at, listed, new_order, open_keys, refund, rupees, send, told

from paystate.core.evidence import Evidence, RefundAnswer
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.order import Order

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "read-an-order.md"
_ROW = re.compile(r"^\| (?:\*\*)?(T\d|all)(?:\*\*)? \| [^|]*\| ([\d.]+) \| ([\d. |]+) \|$", re.MULTILINE)
NAMES = ("price", "captured", "refunded", "reserved", "owed", "yours")
SHOWN = {
    name: dict(zip(NAMES, (Decimal(figure) for figure in (price, *rest.split(" | "))), strict=True))
    for name, price, rest in _ROW.findall(PAGE.read_text("utf-8"))
}


def answer(
    word: str, price: str, asked: int, *refunds: RefundAnswer, txn: str = "acme-Order-1-1", **money: Any
) -> Evidence:
    return told(word, asked, txn=txn, amount=price, refunds=refunds, **money)


def opened(price: str) -> Order:
    return new_order(amount=rupees(int(Decimal(price) * 100)))


def order(name: str) -> Order:
    """The teashop's order of that name, as its row tells it."""
    if name == "T1":
        return after(opened("1200"), answer("CHARGED", "1200", 1, listed("cup", "200", "SUCCESS")))
    if name == "T2":
        return after(opened("1000"), answer("CHARGED", "1000", 1, paid="880"))
    if name == "T3":
        return after(opened("500"), answer("CHARGED", "500", 1, paid="507.50"))
    if name == "T4":
        return after(opened("800"), answer("CHARGED", "800", 1), refund(30_000), send(), now=at(10))
    if name == "T5":
        return after(opened("650"), answer("AUTO_REFUNDED", "650", 1, listed("AR1", "650", "FAILURE", automatic=True)))
    if name == "T6":
        again = answer("CHARGED", "400", 2, txn="acme-Order-1-2")
        return after(opened("400"), answer("CHARGED", "400", 1), again)
    return after(opened("900"), answer("PARTIAL_CHARGED", "900", 1, paid="900", captured="620"))


ORDERS = tuple(f"T{number}" for number in range(1, 8))


@pytest.mark.parametrize("name", ORDERS)
def test_each_row_is_what_the_order_comes_to(name: str) -> None:
    money = amounts(order(name))
    told_by_core = [Decimal(minor) / 100 for minor in (money.price, money.captured, money.refunded, money.reserved)]
    assert [SHOWN[name][column] for column in NAMES[:4]] == told_by_core


@pytest.mark.parametrize("name", ORDERS)
def test_what_is_not_owed_to_the_shopper_is_yours(name: str) -> None:
    row = SHOWN[name]
    assert row["captured"] - row["refunded"] == row["owed"] + row["yours"]


def test_the_last_row_adds_them_up() -> None:
    assert {*ORDERS, "all"} == SHOWN.keys()
    assert SHOWN["all"] == {column: total(SHOWN[name][column] for name in ORDERS) for column in NAMES}


def total(figures: Iterable[Decimal]) -> Decimal:
    return sum(figures, Decimal(0))


@pytest.mark.parametrize(
    ("name", "kinds"), [("T5", ["auto_refund_failed"]), ("T6", ["second_charge"]), ("T7", ["partial_capture"])]
)
def test_what_is_owed_and_in_no_refund_yet_is_named_by_a_reason(name: str, kinds: list[str]) -> None:
    assert kinds == [key.partition(":")[0] for key in open_keys(order(name))]


def test_of_a_partial_capture_the_whole_was_held() -> None:
    assert 90_000 == amounts(order("T7")).paid
