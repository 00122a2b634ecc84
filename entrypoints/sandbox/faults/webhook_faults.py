"""What faults make of a webhook when its event is queued: the acts of the seam `webhook`.

An act takes the copies that are to be sent, at first the one true letter, and returns those that are.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from decimal import Decimal
from typing import cast

from paystate.entrypoints.sandbox.amounts import json_number
from paystate.entrypoints.sandbox.faults.changed_bodies import changed_order, with_odd_shapes, with_strange_members
from paystate.entrypoints.sandbox.faults.params import Params
from paystate.entrypoints.sandbox.webhooks.outbox import Letter
from paystate.entrypoints.sandbox.wire.bodies import Body, encoded

Letters = tuple[Letter, ...]


def new_event_id() -> str:
    """Return an event id as Juspay makes them (recorded, contract I.2)."""
    return f"evt_V2_{secrets.token_hex(16)}"


def drop(_: Letters, __: Params) -> Letters:
    """Send none."""
    return ()


def duplicate(letters: Letters, params: Params) -> Letters:
    """Send each several times."""
    return letters * int(params["copies"])


def delay(letters: Letters, params: Params) -> Letters:
    """Send each later."""
    return tuple(replace(one, delay_s=one.delay_s + float(params["seconds"])) for one in letters)


def reorder(letters: Letters, _: Params) -> Letters:
    """Send each after the order's next event."""
    return tuple(replace(one, waits_for_next=True) for one in letters)


def corrupt(letters: Letters, _: Params) -> Letters:
    """Send half of each body."""
    return tuple(replace(one, body=_half(one.body)) for one in letters)


def forge(letters: Letters, params: Params) -> Letters:
    """Send an event of somebody else's making beside the true one."""
    name, message = str(params["event_name"]), {"status": params["status"], "status_id": int(params["status_id"])}
    return letters + tuple(_named(_of_order(_with_new_id(one), **message), name) for one in letters[:1])


def changed_body(letters: Letters, params: Params) -> Letters:
    """Send another body under the same id."""
    amount = json_number(Decimal(params["amount"]))
    return letters + tuple(_of_order(one, amount=amount, effective_amount=amount) for one in letters[:1])


def wrong_password(letters: Letters, _: Params) -> Letters:
    """Send the first try of each with a wrong password."""
    return tuple(replace(one, wrong_password=True) for one in letters)


def other_merchant(letters: Letters, params: Params) -> Letters:
    """Name another merchant in each content."""
    return tuple(_of_order(one, merchant_id=params["merchant_id"]) for one in letters)


def unknown_order(letters: Letters, params: Params) -> Letters:
    """Name another order in each content."""
    return tuple(_of_order(one, order_id=params["order_id"]) for one in letters)


def unknown_event(letters: Letters, params: Params) -> Letters:
    """Give each another event name."""
    return tuple(_named(one, str(params["event_name"])) for one in letters)


def unknown_fields(letters: Letters, _: Params) -> Letters:
    """Add members that nobody has heard of to each."""
    return tuple(
        one if isinstance(one.body, bytes) else replace(one, body=with_strange_members(one.body)) for one in letters
    )


def odd_shapes(letters: Letters, _: Params) -> Letters:
    """Write the order, or the transaction, of each carelessly."""
    return tuple(_carelessly(one) for one in letters)


def _carelessly(letter: Letter) -> Letter:
    if isinstance(letter.body, bytes):
        return letter
    content = cast("Body", letter.body["content"])
    odd = {name: with_odd_shapes(cast("Body", told)) for name, told in content.items() if name in {"order", "txn"}}
    return _changed(letter, content={**content, **odd})


def _half(body: Body | bytes) -> bytes:
    whole = body if isinstance(body, bytes) else encoded(body)
    return whole[: len(whole) // 2]


def _with_new_id(letter: Letter) -> Letter:
    event_id = new_event_id()
    return _changed(replace(letter, event_id=event_id), id=event_id)


def _named(letter: Letter, name: str) -> Letter:
    return _changed(replace(letter, event_name=name), event_name=name)


def _of_order(letter: Letter, **members: object) -> Letter:
    """Change members of the order in the envelope, or of what else names one; of the latter only what it has."""
    if isinstance(letter.body, bytes):
        return letter
    content = cast("Body", letter.body["content"])
    told = next((name for name in ("order", "txn", "mandate") if name in content), None)
    if told is None:  # a notification names no order
        return letter
    body = cast("Body", content[told])
    known = members if told == "order" else {name: value for name, value in members.items() if name in body}
    return _changed(letter, content={**content, told: changed_order(body, **known)})


def _changed(letter: Letter, **members: object) -> Letter:
    return letter if isinstance(letter.body, bytes) else replace(letter, body={**letter.body, **members})
