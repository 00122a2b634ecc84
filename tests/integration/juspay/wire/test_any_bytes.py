"""Whatever comes is read or refused, and nothing else is raised."""

from contextlib import suppress
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from integration.juspay.played import order, text
from integration.juspay.wire.reading import raw

from paystate.adapters.juspay import answers, webhooks
from paystate.adapters.juspay.records import objects
from paystate.core.errors import Unreadable

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
MEMBERS = st.sampled_from([*order(), "refunds", "order_expiry", "bank_error_message"])


@given(st.binary(max_size=200))
def test_no_bytes_make_the_readers_raise_anything_else(body: bytes) -> None:
    webhooks.read_webhook(body)
    answers.read_error_codes(body)
    for read in (
        answers.read_order,
        answers.read_refunded,
        answers.read_session,
        objects.read_order_record,
        objects.read_order_page,
    ):
        with suppress(Unreadable):
            read(body)


@given(st.dictionaries(MEMBERS, json_values, max_size=6))
def test_no_values_make_the_readers_raise_anything_else(changes: dict[str, Any]) -> None:
    body = text(order(**changes))
    event = text({"id": "evt_V2_1", "event_name": "ORDER_SUCCEEDED", "content": {"order": order(**changes)}})
    assert webhooks.read_webhook(event) or b"NaN" in body or b"Infinity" in body
    with suppress(Unreadable):
        strictly = answers.read_order(body)
        assert objects.read_order_record(body).answer == strictly


@given(st.decimals(min_value=0, max_value=10**13, places=2))
def test_an_amount_survives_as_a_number_and_as_text(amount: Decimal) -> None:
    for written in (str(amount).encode(), f'"{amount}"'.encode()):
        assert answers.read_order(raw("amount", written)).amount == amount
