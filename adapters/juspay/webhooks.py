"""A webhook's bytes as an event: what it claims, as far as that can be read.

Owns the envelope of a webhook. Nothing here authenticates one, and nothing that it says is acted on: it is followed by
a look.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from paystate.adapters.juspay.answers import WireOrder, order_answer
from paystate.adapters.juspay.values import ANY_OBJECT, Unreadable, decoded, exact_number, member, read_name, read_text
from paystate.core.evidence import OrderAnswer, WebhookEvent

_EVENT_ID: Final = re.compile(r"(?!sha256:|overflow:)[\x21-\x7e]{1,128}", re.ASCII)
"""What we take for an event id; names so begun are our own, for bodies without one and for what is only counted."""


class _Content(msgspec.Struct):
    order: WireOrder


class _Webhook(msgspec.Struct):
    content: _Content
    id: object = None
    event_name: object = None


_WEBHOOK: Final = msgspec.json.Decoder(_Webhook, float_hook=exact_number)


def read_webhook(body: bytes) -> WebhookEvent | None:
    """Read a webhook as far as it can be read; never raises.

    Returns:
        None where the body is no JSON object in UTF-8. `order` is None where there is none in `content` or it names
        neither order nor merchant; an order with fields of wrong types keeps its ids and its status word only.
        `event_id` is None unless it is 1 to 128 visible ASCII characters.

    Source: gateway contract, I.2.
    """
    try:
        webhook = decoded(_WEBHOOK, body)
        order = order_answer(webhook.content.order)
    except Unreadable:
        return _read_loosely(body)
    return WebhookEvent(event_id=_event_id(webhook.id), name=read_text(webhook.event_name), order=order)


def _read_loosely(body: bytes) -> WebhookEvent | None:
    try:
        envelope = decoded(ANY_OBJECT, body)
    except Unreadable:
        return None
    order = member(member(envelope, "content"), "order")
    return WebhookEvent(
        event_id=_event_id(envelope.get("id")), name=read_text(envelope.get("event_name")), order=_loose_order(order)
    )


def _loose_order(order: object) -> OrderAnswer | None:
    merchant_id, order_id = _loose_name(member(order, "merchant_id")), _loose_name(member(order, "order_id"))
    if merchant_id is None and order_id is None:
        return None
    status = _loose_name(member(order, "status")) or ""
    return OrderAnswer(merchant_id=merchant_id, order_id=order_id, amount=None, currency=None, status=status)


def _loose_name(value: object) -> str | None:
    try:
        return read_name(value)
    except Unreadable:
        return None


def _event_id(value: object) -> str | None:
    return value if isinstance(value, str) and _EVENT_ID.fullmatch(value) else None
