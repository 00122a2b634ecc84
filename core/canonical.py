"""The exact texts that get signed.

Owns which members a payload has and how it is written down. The text is made once; the same text is signed and sent,
and nobody parses it in between. Source: gateway contract, C.2, C.3 and C.5.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from attrs import field, frozen

from paystate.core.checkout import CheckoutOpened
from paystate.core.errors import ValueInvalid
from paystate.core.facts import Capture
from paystate.core.order import Order

_AUTO_CAPTURE: Final = "metadata.txns.auto_capture"
"""`"false"` asks for a hold (gateway contract, L); `metadata.*` has the order's names here too (C.3)."""
_MEMBER: Final = re.compile(r"udf(?:[1-9]|10)|(?:metadata|options|mandate)\..+", re.ASCII)


@frozen(kw_only=True)
class Extras:
    """What the order details may say beyond the order's own record. Source: gateway contract, C.3.

    Attributes:
        members: `udf1` to `udf10`, and dotted names that begin with `metadata.`, `options.` or `mandate.`.
        payment_filter: Which methods the page offers; written as text within the text.
        offer_details: Such as `offer_code`; empty for none.
        language: Of the page; it stands beside the signed text and not in it.
    """

    members: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    payment_filter: Mapping[str, Any] = field(factory=dict[str, Any])
    offer_details: Mapping[str, str] = field(factory=dict[str, str])
    language: str = ""

    def __attrs_post_init__(self) -> None:
        """Raise ValueInvalid for a name that is none of these: it could take another member's place."""
        for name in self.members:
            if not _MEMBER.fullmatch(name):
                raise ValueInvalid("validation_failed", f"/members/{name}")


NO_EXTRAS: Final = Extras()


def initiate_text(opened: CheckoutOpened, now: datetime) -> str:
    """The `signaturePayload` of an initiate call; members that are not known are left out."""
    known = {
        "mobile_number": opened.phone,
        "email_address": opened.email,
        "first_name": opened.first_name,
        "last_name": opened.last_name,
    }
    members = {"merchant_id": opened.merchant_id, "customer_id": opened.customer_id}
    return compact({**members, **_without_empty(known), "timestamp": _epoch_ms(now)})


def order_text(order: Order, return_url: str, now: datetime, extras: Extras = NO_EXTRAS) -> str:
    """The `orderDetails` of a process call; the amount is a string with the currency's decimals."""
    opened = order.opened
    members = {
        "merchant_id": opened.merchant_id,
        "order_id": opened.order_id,
        "amount": str(order.amount),
        "currency": order.amount.currency,
        "customer_id": opened.customer.customer_id,
    }
    known = {
        "customer_email": opened.customer.email,
        "customer_phone": opened.customer.phone,
        "first_name": opened.customer.first_name,
        "last_name": opened.customer.last_name,
        "description": opened.description,
        **extras.members,
        **({_AUTO_CAPTURE: "false"} if opened.capture is Capture.MANUAL else {}),
        "payment_filter": compact(extras.payment_filter) if extras.payment_filter else "",
        "offer_details": extras.offer_details,
    }
    return compact({**members, **_without_empty(known), "return_url": return_url, "timestamp": _epoch_ms(now)})


def compact(members: Mapping[str, Any]) -> str:
    """Write an object as JSON without spaces, members as they stand, letters as they are."""
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def _without_empty(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}


def _epoch_ms(now: datetime) -> str:
    # Counted in integers: a timestamp is signed, so not even its last digit may depend on rounding.
    elapsed = now - datetime.fromtimestamp(0, now.tzinfo)
    return str(elapsed.days * 86_400_000 + elapsed.seconds * 1000 + elapsed.microseconds // 1000)
