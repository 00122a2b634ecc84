"""What becomes of the parcel, from fixed orders."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from unit.storefront.test_outcomes import cash, order

from paystate.entrypoints.engine import OrderView, RefundView
from paystate.entrypoints.storefront.rows import Rows
from paystate.entrypoints.storefront.shipping import decide, told

NOW = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
ON_ITS_WAY = "Your parcel is packed and on its way."
STOPPED = "Your parcel is stopped."
NO_PARCEL = "No parcel is sent."
COMES_BACK = "Your parcel is to come back to us."

PAID: dict[str, Any] = {"status": "CHARGED", "paid": True, "may_fulfil": True}
TAKEN_BACK: dict[str, Any] = {**PAID, "may_fulfil": False}
IN_CASH: dict[str, Any] = {"status": "COD_INITIATED"}


def refund(key: str, state: str) -> RefundView:
    members: dict[str, Any] = {field.name: None for field in msgspec.structs.fields(RefundView)}
    members |= {"idempotency_key": key, "state": state}
    return RefundView(**members)


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[Rows]:
    with closing(Rows(tmp_path / "shop.sqlite3")) as opened:
        yield opened


def after(rows: Rows, *stages: dict[str, Any]) -> str:
    """What is told of the parcel when the order went through these stages, and each was heard of."""
    known: OrderView | None = None
    for version, members in enumerate(stages, 1):
        facts: dict[str, Any] = {"order_id": "T1", "version": version, **members}
        known = order(**facts)
        decide(rows, known, NOW)
    assert known
    return told(known, rows.parcel("T1"))


def test_goods_that_are_paid_or_will_be_paid_in_cash_go_out(rows: Rows) -> None:
    assert ON_ITS_WAY == after(rows, PAID) == after(rows, IN_CASH)


@pytest.mark.parametrize("more", [{"cancelled_at": NOW}, {"cash": cash("returned")}])
def test_cash_that_nobody_will_bring_sends_no_goods_out(rows: Rows, more: dict[str, Any]) -> None:
    after(rows, {**IN_CASH, **more})
    parcel = rows.parcel("T1")
    assert not (parcel and parcel.packed_at)


def test_a_payment_that_goes_back_stops_the_parcel(rows: Rows) -> None:
    assert STOPPED == after(rows, PAID, {**TAKEN_BACK, "status": "AUTO_REFUNDED"})


def test_a_sale_called_off_after_cash_was_chosen_stops_the_parcel(rows: Rows) -> None:
    assert STOPPED == after(rows, IN_CASH, {**IN_CASH, "cancelled_at": NOW})


def test_goods_that_were_called_off_before_they_were_packed_are_not_packed(rows: Rows) -> None:
    called_off = {**TAKEN_BACK, "refunds": (refund("cancel-T1-1", "PENDING"),)}
    assert NO_PARCEL == after(rows, called_off)
    assert NO_PARCEL == after(rows, called_off, called_off)


def test_goods_whose_refund_has_failed_go_out_after_all(rows: Rows) -> None:
    assert ON_ITS_WAY == after(rows, TAKEN_BACK, {**PAID, "refunds": (refund("cancel-T1-1", "FAILURE"),)})


def test_goods_that_the_shopper_sends_back_come_back_and_are_not_stopped(rows: Rows) -> None:
    for state in ("PENDING", "SUCCESS"):
        assert COMES_BACK == after(rows, PAID, {**TAKEN_BACK, "refunds": (refund("return-T1-1", state),)})


def test_what_was_decided_on_an_older_order_does_not_undo_what_a_newer_one_decided(rows: Rows) -> None:
    after(rows, TAKEN_BACK, TAKEN_BACK)
    decide(rows, order(order_id="T1", version=1, **PAID), NOW)
    assert NO_PARCEL == told(order(order_id="T1", **TAKEN_BACK), rows.parcel("T1"))


@pytest.mark.parametrize(
    ("outcome", "text"), [("collected", "Your parcel was delivered."), ("returned", "Your parcel came back to us.")]
)
def test_cash_says_what_became_of_the_parcel(rows: Rows, outcome: str, text: str) -> None:
    assert text == after(rows, IN_CASH, {**IN_CASH, "cash": cash(outcome)})
