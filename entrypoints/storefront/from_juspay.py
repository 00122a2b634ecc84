"""The two routes that Juspay calls: its webhooks, and the shopper whom it sends back."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

import msgspec
from litestar import Response, get, post

from paystate.entrypoints.storefront.pages import Page, message, see
from paystate.entrypoints.storefront.storefront import AnyRequest, Storefront, storefront_of

_WEBHOOK_BYTES_MAX: Final = 1024 * 1024
"""As many as Paystate itself takes."""


class _About(msgspec.Struct, frozen=True):
    order_id: str | int = ""


class _Content(msgspec.Struct, frozen=True):
    order: _About = _About()
    txn: _About = _About()


class _Named(msgspec.Struct, frozen=True):
    """As much of a webhook as says which order it is about. Source: gateway contract, O.6."""

    event_name: str
    content: _Content


@post("/webhooks/juspay/{_:str}", status_code=200, request_max_body_size=_WEBHOOK_BYTES_MAX)
async def take_webhook(request: AnyRequest) -> Response[bytes]:
    """Step 9: Paystate checks the sender and stores it."""
    storefront, body = storefront_of(request), await request.body()
    reply = await storefront.pay.receive_webhook(request.headers.multi_items(), body)
    if reply.status == 200:
        _note_webhook(storefront, body)
    return Response(reply.body, status_code=reply.status, headers=dict(reply.headers))


@get("/return/{_:str}")
async def come_back(request: AnyRequest) -> Page:
    """Step 8: Juspay sends the shopper here, with an outcome that is not believed."""
    return await _sent_on(request, request.scope["query_string"])


@post("/return/{_:str}", status_code=303)
async def come_back_by_form(request: AnyRequest) -> Page:
    """The same, where Juspay's page sends a form."""
    return await _sent_on(request, await request.body())


HANDLERS: Final = (take_webhook, come_back, come_back_by_form)


async def _sent_on(request: AnyRequest, query: bytes) -> Page:
    storefront = storefront_of(request)
    came = await storefront.pay.handle_return(query)
    if not came.location:
        return message(request, 200, "Welcome back", "You find your orders, and how they stand, under “My orders”.")
    claims = dict(parse_qsl(query.decode("ascii")))
    storefront.rows.comes_back(came.order_id)
    storefront.note(came.order_id, 8, "The shopper comes back, with a claim that is not believed", came=claims)
    return see(request, came.location)


def _note_webhook(storefront: Storefront, body: bytes) -> None:
    """Show a webhook that Paystate took; one that is sealed or names no order is not shown."""
    try:
        named, whole = msgspec.json.decode(body, type=_Named), msgspec.json.decode(body)
        if order_id := named.content.order.order_id or named.content.txn.order_id:
            storefront.note(str(order_id), 9, f"Webhook {named.event_name}", came=whole)
    except (ValueError, RecursionError):
        return
