"""A webhook's bytes as an event: what it claims, as far as that can be read.

This knows where a webhook names an order, its transactions and a dispute. Nothing here authenticates one, and nothing
that it says is acted on: it is followed by a look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain
from typing import Final

from paystate.adapters.juspay.wire.entries import Members, is_detail_of
from paystate.adapters.juspay.wire.values import (
    ANY_OBJECT,
    as_object,
    as_objects,
    decoded,
    find_name,
    find_word,
    read_amount,
    read_text,
)
from paystate.core.errors import Unreadable
from paystate.core.evidence import DisputeClaim, TxnClaim, WebhookEvent

_EVENT_ID: Final = re.compile(r"(?!sha256:|overflow:)[\x21-\x7e]{1,128}", re.ASCII)
"""What we take for an event id; names so begun are our own, for bodies without one and for what is only counted."""

_FIRST: Final = ("order", "txn", "mandate", "notification")
"""Members of `content` in the order in which they are asked for the order's id. Source: gateway contract, O.6."""

_DISPUTED: Final = "CHARGEBACK_"
_DISPUTES: Final = ("chargeback", "chargebacks", "dispute", "disputes")
_DISPUTE_IDS: Final = ("chargeback_id", "dispute_id", "id", "object_reference_id")
_DISPUTE_AMOUNTS: Final = ("chargeback_amount", "dispute_amount", "amount")


def read_webhook(body: bytes) -> WebhookEvent | None:
    """Read a webhook as far as it can be read; never raises.

    Returns:
        None where the body is no JSON object in UTF-8. `event_id` is None unless it is 1 to 128 visible ASCII
        characters. Whatever else is missing, hidden or odd is left out alone.

    Source: gateway contract, I.2 and O.6.
    """
    try:
        envelope = decoded(ANY_OBJECT, body)
    except Unreadable:
        return None
    content, name = as_object(envelope.get("content")), read_text(envelope.get("event_name"))
    told = next((one for one in _objects(content) if find_name(one.get("order_id"))), as_object(content.get("order")))
    return WebhookEvent(
        event_id=_event_id(envelope.get("id")),
        name=name,
        merchant_id=next(
            filter(None, (find_name(one.get("merchant_id")) for one in chain((told,), _members(content)))), None
        ),
        order_id=find_name(told.get("order_id")),
        txns=_txns(content),
        dispute=_dispute(content, name.removeprefix(_DISPUTED)) if name.startswith(_DISPUTED) else None,
    )


def _objects(content: Members) -> Iterator[Members]:
    """Every object of a webhook that may name an order: the known ones first, then the rest, then what they hold."""
    yield from _members(content)
    yield content
    yield from (inner for one in _members(content) for value in one.values() for inner in _one_or_many(value))


def _members(content: Members) -> Iterator[Members]:
    for name in dict.fromkeys((*_FIRST, *content)):
        yield from _one_or_many(content.get(name))


def _one_or_many(value: object) -> tuple[Members, ...]:
    one = as_object(value)
    return (one,) if one else as_objects(value)


def _txns(content: Members) -> tuple[TxnClaim, ...]:
    """Each transaction that is named, once; the first word that is said of it counts."""
    claims: dict[str, str] = {}
    for txn_id, status in _named_txns(content):
        if txn_id:
            claims[txn_id] = claims.get(txn_id) or status
    return tuple(TxnClaim(txn_id=txn_id, status=status) for txn_id, status in claims.items())


def _named_txns(content: Members) -> Iterator[tuple[str | None, str]]:
    order, txn = as_object(content.get("order")), as_object(content.get("txn"))
    detail, named = as_object(order.get("txn_detail")), find_name(order.get("txn_id"))
    of_detail, is_same = find_word(detail.get("status")), is_detail_of(detail, order)
    yield named, (of_detail if is_same else "") or find_word(order.get("status"))
    if named is None or not is_same:
        yield find_name(detail.get("txn_id")), of_detail
    for leg in as_objects(order.get("txn_list")):
        within = as_object(leg.get("txn_detail"))
        leg_id = find_name(leg.get("txn_id")) or find_name(within.get("txn_id"))
        yield leg_id, find_word(leg.get("status")) or find_word(within.get("status"))
    yield find_name(txn.get("txn_id")), find_word(txn.get("status"))


def _dispute(content: Members, stage: str) -> DisputeClaim:
    """What is told of a chargeback. Its form is nowhere published, so all that it may look like is tried."""
    places = (content, as_object(content.get("order")))
    told = [one for place in places for name in _DISPUTES for one in _one_or_many(place.get(name))]
    newest: Members = told[-1] if told else {}
    return DisputeClaim(dispute_id=_dispute_id(newest, places), stage=stage, amount=_dispute_amount(newest, places))


def _dispute_id(told: Members, places: tuple[Members, ...]) -> str:
    named = (find_name(told.get(name)) for name in _DISPUTE_IDS)
    beside = (find_name(place.get(name)) for place in places for name in _DISPUTE_IDS[:2])
    return next(filter(None, chain(named, beside)), "")


def _dispute_amount(told: Members, places: tuple[Members, ...]) -> Decimal | None:
    own = (read_amount(told.get(name)) for name in _DISPUTE_AMOUNTS)
    beside = (read_amount(place.get(name)) for place in places for name in _DISPUTE_AMOUNTS[:2])
    return next((amount for amount in chain(own, beside) if amount is not None), None)


def _event_id(value: object) -> str | None:
    return value if isinstance(value, str) and _EVENT_ID.fullmatch(value) else None
