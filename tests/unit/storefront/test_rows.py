"""The shop's own rows: one order of one cart, one parcel of one order."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from paystate.entrypoints.storefront import rows as storefront_rows
from paystate.entrypoints.storefront.catalogue import PRODUCTS
from paystate.entrypoints.storefront.rows import CARTS_MAX, NOTES_KEPT, NOTES_MAX, Note, Parcel, Rows

NOW = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[Rows]:
    with closing(Rows(tmp_path / "shop.sqlite3")) as opened:
        yield opened


def test_a_parcel_is_packed_once_however_often_it_is_announced(rows: Rows) -> None:
    rows.pack("T1", 1, NOW)
    rows.pack("T1", 2, NOW + timedelta(hours=1))
    assert (Parcel(NOW, None), None) == (rows.parcel("T1"), rows.parcel("T2"))


def test_a_parcel_that_was_stopped_goes_on(rows: Rows) -> None:
    rows.pack("T1", 1, NOW)
    rows.stop("T1", 2, NOW)
    assert Parcel(NOW, NOW) == rows.parcel("T1")
    rows.pack("T1", 3, NOW + timedelta(hours=1))
    assert Parcel(NOW, None) == rows.parcel("T1")


def test_a_cart_becomes_one_order_and_the_next_cart_another(rows: Rows) -> None:
    rows.put("asha", "assam", 2)
    first = rows.cart("asha").cart_id
    assert rows.order("asha", first) == rows.order("asha", first) != ()
    rows.leave_cart(first)
    assert () == rows.cart("asha").lines
    rows.put("asha", "assam", 1)
    assert rows.cart("asha").cart_id != first
    assert [2] == [line.count for line in rows.ordered(first)]


def test_a_cart_stays_until_paystate_has_the_order_and_is_another_when_it_is_changed(rows: Rows) -> None:
    rows.put("asha", "assam", 2)
    first = rows.cart("asha").cart_id
    rows.order("asha", first)
    assert (first, [2]) == (rows.cart("asha").cart_id, [line.count for line in rows.cart("asha").lines])
    rows.put("asha", "masala", 1)
    second = rows.cart("asha")
    assert (False, [2, 1]) == (second.cart_id == first, [line.count for line in second.lines])
    assert [2] == [line.count for line in rows.order("asha", first)]
    assert [2, 1] == [line.count for line in rows.order("asha", second.cart_id)]


def test_an_order_keeps_the_name_and_the_price_that_it_had(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    rows.put("asha", "kahwa", 2)
    order_id = rows.cart("asha").cart_id
    rows.order("asha", order_id)
    monkeypatch.setitem(PRODUCTS, "kahwa", evolve(PRODUCTS["kahwa"], price_minor=500_00, name="Other"))
    assert [("Kashmiri kahwa", 900_00)] == [(one.name, one.price_minor) for one in rows.ordered(order_id)]
    monkeypatch.delitem(PRODUCTS, "kahwa")
    assert [("Kashmiri kahwa", 900_00)] == [(one.name, one.price_minor) for one in rows.order("asha", order_id)]
    assert () == rows.cart("asha").lines


def test_the_oldest_carts_and_notes_are_dropped(rows: Rows) -> None:
    for number in range(CARTS_MAX + 2):
        rows.put(f"guest-{number}", "assam", 1)
    assert ((), (), 1) == (rows.cart("guest-0").lines, rows.cart("guest-1").lines, len(rows.cart("guest-2").lines))
    rows.note("T1", Note(2, NOW, "old"))
    rows.note("T2", Note(2, NOW + NOTES_KEPT, "new"))
    assert 1 == len(rows.notes("T1"))
    rows.note("T2", Note(2, NOW + NOTES_KEPT + timedelta(seconds=1), "newer"))
    assert 0 == len(rows.notes("T1"))


def test_of_the_oldest_orders_the_parcel_alone_is_kept_so_that_it_goes_out_once(
    rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storefront_rows, "ORDERS_MAX", 2)
    made = list[str]()
    for shopper in ("asha", "ravi", "meera"):
        rows.put(shopper, "assam", 1)
        made.append(rows.cart(shopper).cart_id)
        rows.order(shopper, made[-1])
        rows.pays_in(made[-1], f"chk_{shopper}")
        rows.pack(made[-1], 1, NOW)
    assert [0, 1, 1] == [len(rows.ordered(order_id)) for order_id in made]
    assert ["", "chk_ravi", "chk_meera"] == [rows.checkout_of(order_id) for order_id in made]
    rows.pack(made[0], 2, NOW + timedelta(days=1))  # something was told of it once more
    assert [Parcel(NOW, None)] * 3 == [rows.parcel(order_id) for order_id in made]
    assert ((), 1) == (rows.cart("asha").lines, len(rows.cart("ravi").lines))


def test_of_what_is_being_paid_the_newest_stay_whichever_order_is_older(
    rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storefront_rows, "ORDERS_MAX", 2)
    for order_id in ("T1", "T2", "T1", "from elsewhere"):
        rows.pays_in(order_id, f"chk_{order_id}")
    kept = [rows.checkout_of(order_id) for order_id in ("T1", "T2", "from elsewhere")]
    assert ["chk_T1", "", "chk_from elsewhere"] == kept


def test_a_shopper_who_is_back_is_so_until_juspay_was_asked_or_another_try_begins(rows: Rows) -> None:
    rows.comes_back("T1")
    assert not rows.is_back("T1")
    rows.pays_in("T1", "chk_1")
    rows.comes_back("T1")
    assert rows.is_back("T1")
    rows.comes_back("T1", is_answered=True)
    assert not rows.is_back("T1")


def test_nobody_orders_another_s_cart_or_an_empty_one(rows: Rows) -> None:
    rows.put("asha", "assam", 1)
    cart_id = rows.cart("asha").cart_id
    assert () == rows.order("ravi", cart_id)
    rows.put("asha", "assam", 0)
    assert () == rows.order("asha", cart_id)
    assert () == rows.order("asha", "T-none")


def test_the_key_of_cookies_is_made_once(rows: Rows) -> None:
    assert rows.cookie_key() == rows.cookie_key()
    assert 32 == len(rows.cookie_key())


def test_the_newest_notes_stay_and_one_that_is_there_is_not_repeated(rows: Rows) -> None:
    for _ in range(2):
        rows.note_once("T1", Note(8, NOW, "back"))
    assert 1 == len(rows.notes("T1"))
    for number in range(NOTES_MAX + 5):
        rows.note("T1", Note(9, NOW, str(number)))
    kept = [note.title for note in rows.notes("T1")]
    assert [str(number) for number in range(5, NOTES_MAX + 5)] == kept


def test_what_does_not_work_out_leaves_the_cart_as_it_was(rows: Rows) -> None:
    rows.put("asha", "assam", 1)
    no_count: Any = object()
    with pytest.raises(sqlite3.Error):
        rows.put("asha", "assam", no_count)
    assert [1] == [line.count for line in rows.cart("asha").lines]
