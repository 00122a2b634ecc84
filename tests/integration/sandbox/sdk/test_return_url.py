"""The signed way back (contract E), against Juspay's published vector and one of our own reading."""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest

from paystate.entrypoints.sandbox.gateway.records import Order
from paystate.entrypoints.sandbox.sdk.return_url import signature, way_back

NOW = datetime(2031, 5, 6, tzinfo=UTC)


def order(return_url: str) -> Order:
    return Order("ordeh_1", "bakery", "bun-1", Decimal(1), "INR", NOW, NOW, NOW, {"return_url": return_url})


@pytest.mark.parametrize(
    ("params", "key", "expected"),
    [
        (
            {
                "myQP": "aGVsbG9Xb3JsZA==",
                "order_id": "order_1727694028",
                "status": "AUTHORIZATION_FAILED",
                "status_id": "27",
            },
            "92206A0A4A75499C9B11206C2B3B9A53",
            "8Esx2nrz3KE059rdsTkffYKu6AXXk07KzBo3KOexl3I=",
        ),
        (
            {
                "order_id": "ord7f3a91c2",
                "status": "AUTHORIZATION_FAILED",
                "status_id": "27",
                "cart": "blue shirt/2",
                "ref": "YWJjZA==",
            },
            "SBX-RESPONSE-KEY-0001",
            "eextbklb4T6RTLyOXJ4g4couqR3/Bqy2gfEdqKRht18=",
        ),
    ],
)
def test_the_signature_is_the_published_one(params: dict[str, str], key: str, expected: str) -> None:
    assert expected == signature(list(params.items()), key)


def test_reserved_characters_are_encoded_as_in_juspays_java_sample() -> None:
    digest = hmac.digest(b"key", b"a%3D%257E*%2B%252B", "sha256")
    assert base64.b64encode(digest).decode() == signature([("a", "~* +")], "key")


def test_the_sequence_of_parameters_does_not_matter() -> None:
    pairs = [("b", "2"), ("a", "1")]
    assert signature(pairs, "key") == signature(pairs[::-1], "key")


def test_what_is_sent_decodes_to_what_was_signed() -> None:
    way = way_back(order("https://shop.test/back?cart=blue%20shirt%2F2&tilde=~&star=*"), "key", 10)
    assert way is not None
    params = parse_qsl(urlsplit(way.address).query, keep_blank_values=True)
    sent = dict(params)
    assert ("NEW", "10", "blue shirt/2") == (sent["status"], sent["status_id"], sent["cart"])
    assert "HMAC-SHA256" == sent.pop("signature_algorithm")
    assert sent.pop("signature") == signature(list(sent.items()), "key")


def test_a_parameter_with_one_of_our_names_gives_way() -> None:
    way = way_back(order("https://shop.test/back?status=CHARGED&x="), "key", 10)
    assert way is not None
    query = parse_qsl(urlsplit(way.address).query, keep_blank_values=True)
    assert [("order_id", "bun-1"), ("status", "NEW"), ("status_id", "10"), ("x", "")] == query[:4]


def test_without_a_response_key_nothing_is_signed() -> None:
    way = way_back(order("https://shop.test/back"), None, 10)
    assert way is not None
    assert "https://shop.test/back?order_id=bun-1&status=NEW&status_id=10" == way.address


def test_without_a_return_url_there_is_no_way_back() -> None:
    assert way_back(order(""), "key", 10) is None
