"""Checked identifiers, and the ids of refunds and captures that are the same again after a crash.

Fresh random ids come from the `Ids` port.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Final

from attrs import field, frozen

from paystate.core.errors import ValueInvalid

_ORDER_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,31}", re.ASCII)
_MERCHANT_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_IDEMPOTENCY_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
_ESCAPED: Final = re.compile(r'\\(["\\])')
"""A string of RFC 9651 and what is escaped in it. Source: draft-ietf-httpapi-idempotency-key-header, 2.1."""
_CUSTOMER_ID: Final = re.compile(r"[A-Za-z0-9_.@+-]{0,64}", re.ASCII)

ORDER_ID_MAX: Final = 31
"""The longest order id that Juspay is seen to take. Source: gateway contract, O.7."""

REFUND_ID_LENGTH: Final = 20
"""The gateway takes fewer than 21 characters and none special. Source: gateway contract, H.1."""

EVENT_ID_SYMBOLS: Final = 26

CASE_ID_SYMBOLS: Final = 16


def checked_order_id(text: object, longest: int = ORDER_ID_MAX) -> str:
    """Return an order id of 1 to `longest` of `A-Z a-z 0-9 _ -`; raises `ValueInvalid("invalid_order_id")`.

    An order is opened under one of at most the merchant's `Policy.order_id_max`. What names an order that may have been
    opened before, or elsewhere, is taken at any length that Juspay takes. Source: gateway contract, B.1 and O.7.
    """
    order_id = _checked(_ORDER_ID, text, "invalid_order_id")
    if len(order_id) > longest:
        raise ValueInvalid("invalid_order_id", rule=f"is longer than {longest} characters (`order_id_max`)")
    return order_id


def checked_merchant_id(text: object) -> str:
    """Return a merchant id of 1 to 64 of `A-Z a-z 0-9 _ -`; raises `ValueInvalid("invalid_merchant_id")`."""
    return _checked(_MERCHANT_ID, text, "invalid_merchant_id")


def checked_customer_id(text: object) -> str:
    """Return a customer id, empty for a guest; raises `ValueInvalid("invalid_customer_id")`."""
    return _checked(_CUSTOMER_ID, text, "invalid_customer_id")


def checked_idempotency_key(text: object) -> str:
    """Return a key of 1 to 255 visible ASCII characters; raises `ValueInvalid("idempotency_key_invalid")`.

    `"abc"` in quotes is the key `abc`: the IETF's draft of the header writes the key as a quoted string, and clients
    differ.
    """
    if isinstance(text, str) and (quoted := _QUOTED.fullmatch(text)):
        text = _ESCAPED.sub(r"\1", quoted[1])
    return _checked(_IDEMPOTENCY_KEY, text, "idempotency_key_invalid")


def refund_id_for(merchant_id: str, idempotency_key: str) -> str:
    """Derive the one id under which this refund is ever sent: 20 lower-case base-32 symbols (100 bits).

    The same merchant and key give the same id in every process and after every crash, so an unknown outcome can
    only ever be repeated under the id it was first sent with.
    """
    return _derived("refund", merchant_id, idempotency_key)


def hold_id_for(merchant_id: str, idempotency_key: str) -> str:
    """Derive the one id of this capture or release, as `refund_id_for` does; a refund of the same key has another."""
    return _derived("hold", merchant_id, idempotency_key)


def event_id_for(key: OrderKey, once_key: str) -> str:
    """Derive the id under which an announcement is known to receivers: `ann_` and 26 base-32 symbols (130 bits).

    It can be made again from the journal, and holds no full stop, which the signature of a webhook needs of it.
    Source: standard-webhooks.md 1.0.0, Signature scheme.
    """
    return f"ann_{_digest(EVENT_ID_SYMBOLS, 'announcement', key.merchant_id, key.folded, once_key)}"


def settlement_case_id_for(merchant_id: str, *about: str) -> str:
    """Derive the one id of a case about a settlement: `case_` and 16 base-32 symbols (80 bits)."""
    return settlement_case_ids_for(merchant_id, [about])[0]


def settlement_case_ids_for(merchant_id: str, abouts: Iterable[Sequence[str]]) -> Sequence[str]:
    """The same of many things, in their order."""
    found = _digests(CASE_ID_SYMBOLS, [("settlement", merchant_id, *about) for about in abouts])
    return [f"case_{one}" for one in found]


def _derived(*parts: str) -> str:
    return _digest(REFUND_ID_LENGTH, *parts)


def _digest(symbols: int, *parts: str) -> str:
    return _digests(symbols, [parts])[0]


def _digests(symbols: int, many: Iterable[Sequence[str]]) -> Sequence[str]:
    """The first symbols of each digest in base 32.

    No more of it is spelt, and all are spelt together, as a day has thousands of such ids: five bytes are eight symbols
    wherever they stand.
    """
    groups = -(-symbols // 8)
    begins = b"".join([hashlib.sha256(_framed(parts)).digest()[: groups * 5] for parts in many])
    spelt = base64.b32encode(begins).decode("ascii").lower()
    return [spelt[at : at + symbols] for at in range(0, len(spelt), groups * 8)]


def _framed(parts: Sequence[str]) -> bytes:
    """The parts with the length of each before it, so that no two lists of parts are the same bytes."""
    told = [part.encode() for part in parts]
    return b"".join([len(part).to_bytes(4, "big") + part for part in told])


@frozen
class OrderKey:
    """Names one order of one merchant; two spellings that differ in case are the same order."""

    merchant_id: str
    order_id: str = field(eq=str.lower)

    @property
    def folded(self) -> str:
        """The order id as the gateway compares it."""
        return self.order_id.lower()


@frozen
class CheckoutKey:
    """Names one checkout of one merchant."""

    merchant_id: str
    checkout_id: str


def _checked(pattern: re.Pattern[str], text: object, code: str) -> str:
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise ValueInvalid(code, rule=f"must match {pattern.pattern}")
    return text
