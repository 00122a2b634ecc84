"""The exact texts that get signed.

Owns which members a payload has and how it is written down. The text is made once; the same text is signed and sent,
and nobody parses it in between. Source: gateway contract, C.2, C.3 and C.5.
"""

from __future__ import annotations

import json
from datetime import datetime

from paystate.core.checkout import CheckoutOpened
from paystate.core.order import Order


def initiate_text(opened: CheckoutOpened, now: datetime) -> str:
    """The `signaturePayload` of an initiate call; members that are not known are left out."""
    known = {
        "mobile_number": opened.phone,
        "email_address": opened.email,
        "first_name": opened.first_name,
        "last_name": opened.last_name,
    }
    return _text(
        merchant_id=opened.merchant_id,
        customer_id=opened.customer_id,
        **{name: value for name, value in known.items() if value},
        timestamp=_epoch_ms(now),
    )


def order_text(order: Order, return_url: str, now: datetime) -> str:
    """The `orderDetails` of a process call; the amount is a string with the currency's decimals."""
    opened = order.opened
    known = {
        "customer_email": opened.customer.email,
        "customer_phone": opened.customer.phone,
        "first_name": opened.customer.first_name,
        "last_name": opened.customer.last_name,
        "description": opened.description,
    }
    return _text(
        merchant_id=opened.merchant_id,
        order_id=opened.order_id,
        amount=str(opened.amount),
        currency=opened.amount.currency,
        customer_id=opened.customer.customer_id,
        **{name: value for name, value in known.items() if value},
        return_url=return_url,
        timestamp=_epoch_ms(now),
    )


def _text(**members: str) -> str:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def _epoch_ms(now: datetime) -> str:
    # Counted in integers: a timestamp is signed, so not even its last digit may depend on rounding.
    elapsed = now - datetime.fromtimestamp(0, now.tzinfo)
    return str(elapsed.days * 86_400_000 + elapsed.seconds * 1000 + elapsed.microseconds // 1000)
