"""Ids are checked to the letter, and a refund's id is always the same one."""

import hashlib
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paystate.core.errors import ValueInvalid
from paystate.core.ids import (
    OrderKey,
    checked_customer_id,
    checked_idempotency_key,
    checked_merchant_id,
    checked_order_id,
    refund_id_for,
)

TRICKY = [
    " ", "a b", "a/b", "..%2f", "..", "a\u0000", "\u0000", "😀", "a\u202e", "a\u200d", "\u0430", "\uff41", "\u00e9",
    "a\n", "\na", "K\u212a", None, 7, b"a", ["a"],
]  # fmt: skip


def code_of(check: Callable[[object], str], text: object) -> str:
    with pytest.raises(ValueInvalid) as caught:
        check(text)
    return caught.value.code


@pytest.mark.parametrize("text", [*TRICKY, "", "a" * 32, "a.b", "a+b"])
def test_an_order_id_is_refused(text: object) -> None:
    assert "invalid_order_id" == code_of(checked_order_id, text)


@pytest.mark.parametrize("text", ["a", "A-1_z", "0" * 20, "wc_order_8fTr3KqLm2ZxV", "0" * 31, "_", "-"])
def test_an_order_id_is_taken_as_it_is(text: str) -> None:
    assert text == checked_order_id(text)


def test_an_order_id_is_no_longer_than_it_may_be() -> None:
    assert "a" * 22 == checked_order_id("a" * 22, 22)
    assert "invalid_order_id" == code_of(lambda text: checked_order_id(text, 22), "a" * 23)


@pytest.mark.parametrize("text", [*TRICKY, "", "a" * 65])
def test_a_merchant_id_is_refused(text: object) -> None:
    assert "invalid_merchant_id" == code_of(checked_merchant_id, text)


@pytest.mark.parametrize("text", ["a", "A-1_z", "0" * 64])
def test_a_merchant_id_is_taken_as_it_is(text: str) -> None:
    assert text == checked_merchant_id(text)


@pytest.mark.parametrize("text", [*(text for text in TRICKY if text != ".."), "a" * 65])
def test_a_customer_id_is_refused(text: object) -> None:
    assert "invalid_customer_id" == code_of(checked_customer_id, text)


@pytest.mark.parametrize("text", ["", "asha@example.com", "a" * 64])
def test_a_customer_id_is_taken_and_a_guest_has_none(text: str) -> None:
    assert text == checked_customer_id(text)


@pytest.mark.parametrize("text", ["", "a" * 256, "a b", "\x7f", "a\r", "\u00e9", "\u0000", None, 1])
def test_an_idempotency_key_is_refused(text: object) -> None:
    assert "idempotency_key_invalid" == code_of(checked_idempotency_key, text)


def test_an_idempotency_key_is_up_to_255_visible_characters() -> None:
    assert "!~" * 127 == checked_idempotency_key("!~" * 127)
    assert "k" * 255 == checked_idempotency_key("k" * 255)


@pytest.mark.parametrize(
    ("text", "key"),
    [('"abc"', "abc"), ("abc", "abc"), (r'"a\"b\\"', 'a"b\\'), ('"abc', '"abc'), ('a"b"', 'a"b"'), ('"', '"')],
)
def test_a_key_in_quotes_is_the_key(text: str, key: str) -> None:
    assert key == checked_idempotency_key(text)


def test_nothing_in_quotes_is_no_key() -> None:
    assert "idempotency_key_invalid" == code_of(checked_idempotency_key, '""')


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_refund_id_is_twenty_lower_case_symbols_and_never_another(merchant: str, key: str) -> None:
    made = refund_id_for(merchant, key)
    assert re.fullmatch(r"[a-z2-7]{20}", made)
    assert made == refund_id_for(merchant, key)


@given(st.lists(st.tuples(st.text(max_size=4), st.text(max_size=4)), min_size=2, max_size=2, unique=True))
def test_other_names_give_another_refund_id(pairs: list[tuple[str, str]]) -> None:
    assert refund_id_for(*pairs[0]) != refund_id_for(*pairs[1])


def test_where_the_merchants_name_ends_matters() -> None:
    assert refund_id_for("ab", "c") != refund_id_for("a", "bc")


def test_a_refund_id_is_this_one_for_ever() -> None:
    """A changed derivation would send an unknown refund again under another id."""
    framed = b"\0\0\0\6refund" + b"\0\0\0\4acme" + b"\0\0\0\1k"
    number = int.from_bytes(hashlib.sha256(framed).digest(), "big") >> (256 - 100)
    symbols = "abcdefghijklmnopqrstuvwxyz234567"
    assert "".join(symbols[number >> 5 * i & 31] for i in reversed(range(20))) == refund_id_for("acme", "k")


def test_order_ids_are_compared_without_case() -> None:
    assert OrderKey("m", "AbC-1").folded == OrderKey("m", "aBc-1").folded
    assert OrderKey("m", "AbC-1") == OrderKey("m", "aBc-1")
    assert 1 == len({OrderKey("m", "AbC-1"), OrderKey("m", "aBc-1")})


def test_but_merchants_with_it() -> None:
    assert OrderKey("m", "AbC-1") != OrderKey("M", "AbC-1")
    assert OrderKey("m", "AbC-1") != OrderKey("m", "AbC-2")


def test_an_order_id_is_kept_as_it_was_written() -> None:
    assert "AbC-1" == OrderKey("m", "AbC-1").order_id
