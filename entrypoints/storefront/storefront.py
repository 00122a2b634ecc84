"""What every page of the shop stands on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlsplit

from attrs import field, frozen
from litestar import Request

from paystate.entrypoints.engine import OrderReadView, Shop, UnknownId
from paystate.entrypoints.storefront.rows import Note, Rows
from paystate.entrypoints.storefront.shopper import Shoppers
from paystate.entrypoints.storefront.steps import shown

AnyRequest = Request[Any, Any, Any]


@frozen(kw_only=True)
class Storefront:
    """One merchant's shop.

    Attributes:
        pay: The merchant, in Paystate.
        rows: The shop's own database.
        url: The shop's own address, without a slash at its end.
        sdk_url: Where the browser loads Juspay's SDK from.
    """

    pay: Shop
    rows: Rows = field(repr=False)
    shoppers: Shoppers
    now: Callable[[], datetime]
    url: str
    sdk_url: str

    @property
    def juspay_origin(self) -> str:
        """Where the SDK comes from, which its calls and its page go to as well."""
        parts = urlsplit(self.sdk_url)
        return f"{parts.scheme}://{parts.netloc}"

    async def order_of(self, request: AnyRequest, order_id: str) -> OrderReadView:
        """The browser's own order; raises UnknownId for another shopper's, as for one that is not there."""
        order, shopper = await self.pay.order(order_id), self.shoppers.of(request)
        if not shopper or order.customer_id != shopper:
            raise UnknownId("no such order")
        return order

    async def check_own(self, request: AnyRequest, order_id: str, checkout_id: str) -> None:
        """Raise UnknownId unless order and checkout are the browser's own."""
        await self.order_of(request, order_id)
        checkout = await self.pay.checkout(checkout_id)
        if checkout.customer_id != self.shoppers.of(request):
            raise UnknownId("no such checkout")

    def note(self, subject: str, step: int, title: str, *, sent: object = None, came: object = None) -> None:
        """Have the panel show that something happened at a step."""
        self.rows.note(subject, self._note(step, title, sent, came))

    def note_once(self, subject: str, step: int, title: str, *, sent: object = None, came: object = None) -> None:
        """The same, unless it shows that already."""
        self.rows.note_once(subject, self._note(step, title, sent, came))

    def _note(self, step: int, title: str, sent: object, came: object) -> Note:
        return Note(
            step,
            self.now(),
            title,
            sent="" if sent is None else shown(sent),
            came="" if came is None else shown(came),
        )


def storefront_of(request: AnyRequest) -> Storefront:
    """The shop that serves the request."""
    return cast("Storefront", request.app.state.storefront)
